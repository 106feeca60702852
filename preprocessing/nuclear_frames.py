"""Where the slices of a reconstructed NM image lie: PS3.3 C.8.4.

The Detector Information Sequence places the first slice; the others follow along its normal. **The sign of Spacing
Between Slices says to which side** (C.8.4.15): "a positive spacing indicates slices are stacked behind the first slice
and a negative spacing indicates slices are stacked in front". Readers that take its size alone, or Slice Thickness,
show the patient head down: OHIF#4352, dcm2niix#885, Slicer#7496.
"""

from collections.abc import Iterator

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset, FileDataset
from pydicom.multival import MultiValue

from preprocessing.attributes import items, number, numbers, required_numbers, texts, word
from preprocessing.errors import InvalidAttribute
from preprocessing.frames import frame_count
from preprocessing.placed_frames import Meaning, PlacedFrame, Plane, Vector, plane_of
from specs.series import SeriesRules

_OTHER_VECTORS = (
    "EnergyWindowVector",
    "DetectorVector",
    "PhaseVector",
    "RotationVector",
    "RRIntervalVector",
    "TimeSlotVector",
    "AngularViewVector",
    "TimeSliceVector",
)
"""What else than the slice the frames of an NM image may be numbered by: PS3.3 C.8.4.8."""

_RAW = ("TOMO", "GATED TOMO")
_GATED = ("GATED", "RECON GATED TOMO")


def nuclear_reasons(ds: Dataset, rules: SeriesRules) -> Iterator[str]:
    """Say from the header why an NM image is no stack of slices."""
    kinds = [text.strip().upper() for text in texts(ds, "ImageType")][2:3]
    kind = kinds[0] if kinds else ""
    if kind not in rules.reconstructions:
        yield _reason_of_kind(kind)
        return
    yield from _numbering_reasons(ds)
    yield from _placement_reasons(ds)


def _reason_of_kind(kind: str) -> str:
    if kind in _RAW:
        return f"image type is {kind}: raw projections of the detector, which no slices were reconstructed from yet"
    if kind in _GATED:
        return f"image type is {kind}: it is gated, so that there are several time points of each slice"
    if kind in ("STATIC", "WHOLE BODY", "DYNAMIC"):
        return f"image type is {kind}: a planar image, not slices"
    return "image type does not say that it holds reconstructed slices (RECON TOMO)"


def _numbering_reasons(ds: Dataset) -> Iterator[str]:
    """Frames may be numbered by the slice alone: a second number is a second image of the same slice.

    They lie in the order of that number (C.8.4.8). Where they do not, the position may be that of the first frame or
    of the first slice, and the sign of the spacing of either order: our choice is not to guess.
    """
    numbered = numbers(ds, "SliceVector", count=frame_count(ds))
    if numbered is not None and list(numbered) != sorted(numbered):
        yield "its frames are not in the order of their slice numbers: which of them the position is of is not said"
    for keyword in _OTHER_VECTORS:
        if len(set(texts(ds, keyword))) > 1:
            yield f"its frames differ in more than the slice: {keyword} has several values"
    pointed = _pointed(ds)
    if pointed and tag_for_keyword("SliceVector") not in pointed:
        yield "its frames are not numbered by slice: the frame increment pointer does not name the slice vector"


def _pointed(ds: Dataset) -> set[int]:
    """Return the tags that Frame Increment Pointer (0028,0009) names."""
    value = ds.get("FrameIncrementPointer")
    tags = value if isinstance(value, MultiValue) else (value,)
    return {int(tag) for tag in tags if isinstance(tag, int)}


def _placement_reasons(ds: Dataset) -> Iterator[str]:
    """Image Orientation and Position are of type 2C and the spacing of type 2 in NM: a sound image may lack them."""
    if _placements(ds) == set():
        yield "the position or orientation of its slices in the patient is not stated"
    elif len(_placements(ds)) > 1:
        yield "its detectors place the first slice differently"
    spacing = number(ds, "SpacingBetweenSlices")
    if frame_count(ds) > 1 and not spacing:
        yield "the spacing between its slices is not stated; slice thickness is another thing"


def _placements(ds: Dataset) -> set[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Return the orientation and position that each detector item has; those of the image itself where none has."""
    found: set[tuple[tuple[float, ...], tuple[float, ...]]] = set()
    for item in (*items(ds, "DetectorInformationSequence"), ds):
        orientation = numbers(item, "ImageOrientationPatient", count=6)
        position = numbers(item, "ImagePositionPatient", count=3)
        if orientation and position and not (item is ds and found):
            found.add((orientation, position))
    return found


def nuclear_frames(ds: FileDataset) -> tuple[PlacedFrame, ...]:
    """Place the frames of an NM image that `nuclear_reasons` has nothing against.

    Raises:
        MissingAttribute: Pixel Spacing, of type 1, is absent.
        InvalidAttribute: a spacing is not above zero, or the slice vector does not number every frame.
    """
    _check_numbered(ds)
    ((orientation, position),) = _placements(ds)
    first = plane_of(orientation, position, required_numbers(ds, "PixelSpacing", count=2))
    step = (number(ds, "SpacingBetweenSlices") or 0.0) * first.normal
    meaning = _meaning(ds)
    return tuple(
        PlacedFrame(ds=ds, index=index, plane=_moved(first, index * step), meaning=meaning)
        for index in range(frame_count(ds))
    )


def _moved(plane: Plane, way_mm: Vector) -> Plane:
    x, y, z = (float(start + part) for start, part in zip(plane.position_mm, way_mm, strict=True))
    return Plane(
        position_mm=(x, y, z),
        along_row=plane.along_row,
        along_column=plane.along_column,
        pixel_spacing_mm=plane.pixel_spacing_mm,
    )


def _check_numbered(ds: Dataset) -> None:
    """Refuse a Slice Vector (0054,0080) that does not number every slice of a volume once."""
    numbered = numbers(ds, "SliceVector", count=frame_count(ds))
    if numbered is None:
        if ds.get("SliceVector"):
            raise InvalidAttribute(keyword="SliceVector")
    elif len(numbered) > 1 and sorted(numbered) != list(range(1, len(numbered) + 1)):
        raise InvalidAttribute(keyword="SliceVector")


def _meaning(ds: Dataset) -> Meaning:
    """Return the rescale of an NM image, which has none by its definition: then stored values are counts."""
    slope, intercept = number(ds, "RescaleSlope"), number(ds, "RescaleIntercept")
    if slope is not None and slope <= 0:
        raise InvalidAttribute(keyword="RescaleSlope")
    return Meaning(slope=slope or 1.0, intercept=intercept or 0.0, unit=word(ds, "Units") or "CNTS")
