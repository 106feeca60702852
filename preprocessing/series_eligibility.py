"""Which series may become a volume, by their headers alone: no pixel is decoded here."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydicom import uid
from pydicom.dataset import Dataset, FileDataset

from preprocessing.attributes import texts, whole_number, word
from preprocessing.eligibility import shown
from preprocessing.enhanced_frames import enhanced_frames, enhanced_reasons
from preprocessing.errors import MissingAttribute
from preprocessing.frames import frame_count
from preprocessing.nuclear_frames import nuclear_frames, nuclear_reasons
from preprocessing.placed_frames import PlacedFrame, pet_frame
from preprocessing.series import Series
from specs.policy import Policy
from specs.series import SYNTHETIC_IMAGE, SeriesRules


@dataclass(frozen=True, kw_only=True)
class FrameReader:
    """How the frames of a kind of image are refused and placed."""

    reasons: Callable[[Dataset, SeriesRules], Iterator[str]]
    frames: Callable[[FileDataset, SeriesRules], tuple[PlacedFrame, ...]]


def _pet_reasons(ds: Dataset, rules: SeriesRules) -> Iterator[str]:
    """PS3.3 C.8.9.1.1.4 (Series Type) and C.8.9.4 (PET Image)."""
    if frame_count(ds) != 1:
        yield f"it has {frame_count(ds)} frames, and a PET image of this class has one"
    kinds = word(ds, "SeriesType").split("\\")
    if kinds == [""]:
        if rules.unstated_series_type is Policy.REFUSE:
            yield "series type is not stated"
    elif kinds[0] not in rules.series_types:
        yield f"series type is {shown(kinds[0])}, not {' or '.join(rules.series_types)}"
    if "REPROJECTION" in kinds[1:]:
        yield "series type is REPROJECTION: projections of a volume, not its slices"
    slices_in_time = whole_number(ds, "NumberOfTimeSlices")
    if slices_in_time is not None and slices_in_time > 1:
        yield "it is dynamic: it holds several time points"


READERS: Mapping[str, FrameReader] = MappingProxyType(
    {
        uid.PositronEmissionTomographyImageStorage: FrameReader(
            reasons=_pet_reasons, frames=lambda ds, _: (pet_frame(ds),)
        ),
        uid.EnhancedPETImageStorage: FrameReader(reasons=enhanced_reasons, frames=enhanced_frames),
        uid.NuclearMedicineImageStorage: FrameReader(reasons=nuclear_reasons, frames=lambda ds, _: nuclear_frames(ds)),
    }
)
"""Every SOP class whose slices can be placed."""


def series_reasons(series: Series, rules: SeriesRules) -> tuple[str, ...]:
    """Say from the headers why the rules refuse a series; empty where they do not.

    A reason that holds for some of the images only says for how many: such a series is mixed.

    Raises:
        MissingAttribute: an image has no Modality, or is of the accepted one and has no pixel data: it was cut short.
    """
    found: Counter[str] = Counter()
    for ds in series.datasets:
        found.update(dict.fromkeys(_image_reasons(ds, rules), 1))
    count = len(series.datasets)
    return tuple(
        reason if times == count else f"{reason} (in {times} of {count} images)" for reason, times in found.items()
    )


def placed_frames(series: Series, rules: SeriesRules) -> tuple[PlacedFrame, ...]:
    """Place every frame of a series that `series_reasons` has nothing against.

    Raises:
        InputError: an attribute that every such image has is absent or cannot be carried out.
    """
    return tuple(frame for ds in series.datasets for frame in READERS[word(ds, "SOPClassUID")].frames(ds, rules))


def _image_reasons(ds: FileDataset, rules: SeriesRules) -> Iterator[str]:
    if "DirectoryRecordSequence" in ds:  # PS3.3 F.3.2.2
        yield "it is a DICOMDIR, an index of other files"
        return
    modality = word(ds, "Modality")
    if not modality:
        raise MissingAttribute(keyword="Modality")
    if modality != rules.modality:
        yield f"modality is {shown(modality)}, not {rules.modality}"
        return
    sop_class = word(ds, "SOPClassUID")
    if sop_class not in rules.sop_classes or sop_class not in READERS:
        yield "its SOP class is not one of slices that can be placed in the patient"
        return
    if not ds.get("PixelData"):
        raise MissingAttribute(keyword="PixelData")
    for keyword in ("Rows", "Columns"):
        if not whole_number(ds, keyword):
            raise MissingAttribute(keyword=keyword)
    yield from _pixel_reasons(ds, rules)
    yield from READERS[sop_class].reasons(ds, rules)


def _pixel_reasons(ds: Dataset, rules: SeriesRules) -> Iterator[str]:
    kinds = [text.strip().upper() for text in texts(ds, "ImageType")]
    for refused in rules.refused_image_types:
        if refused in kinds:
            why = "computed by a network" if refused == SYNTHETIC_IMAGE else "computed to be looked at"
            yield f"image type is {refused}: {why}, not measured"
    if kinds[:1] == ["DERIVED"] and rules.derived is Policy.REFUSE:
        yield "image type is DERIVED: pixels computed from those of other images"
    if whole_number(ds, "SamplesPerPixel") not in (None, 1):
        yield "it has colors: a picture, not measured values"
    if word(ds, "CountsSource") == "TRANSMISSION" or "TRANSMISSION" in kinds:
        yield "it shows transmission, not emission"
