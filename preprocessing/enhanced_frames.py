"""Where the frames of an Enhanced PET image lie, and what they mean: functional groups, PS3.3 C.7.6.16 and C.8.22."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydicom.dataset import Dataset, FileDataset

from preprocessing.attributes import coded_item, items, number, required_numbers, texts, word
from preprocessing.errors import InvalidAttribute, MissingAttribute
from preprocessing.frames import frame_count
from preprocessing.placed_frames import Meaning, PlacedFrame, plane_of
from specs.series import SeriesRules

_UNITS: Mapping[tuple[str, str], str] = MappingProxyType(
    {("UCUM", "Bq/ml"): "BQML", ("UCUM", "{counts}"): "CNTS", ("UCUM", "g/ml{SUVbw}"): "GML"}
)
"""UCUM codes of CID 84 in the words of Units (0054,1001); any other unit is none that is accepted."""

_KINDS = ("FrameType", "VolumeBasedCalculationTechnique")


def enhanced_reasons(ds: Dataset, rules: SeriesRules) -> Iterator[str]:
    """Say from the functional groups why an Enhanced PET image is no one stack of slices.

    Raises:
        MissingAttribute: it has no functional groups for each of its frames.
    """
    volumetric = word(ds, "VolumetricProperties")
    if volumetric not in ("", "VOLUME"):
        yield "its volumetric properties are not those of a volume"
    groups = tuple(_groups(ds, index) for index in range(frame_count(ds)))
    contents = [_macro(frame, "FrameContentSequence") for frame in groups]
    if len({word(content, "StackID") for content in contents}) > 1:
        yield "it holds several stacks"
    if len({word(content, "TemporalPositionIndex") for content in contents}) > 1:
        yield "it is dynamic: it holds several time points"
    gates = [_macro(frame, "CardiacSynchronizationSequence") for frame in groups]
    if len({word(gate, "NominalCardiacTriggerDelayTime") for gate in gates}) > 1:
        yield "it is gated, so that there are several time points of each slice"
    kinds = [_macro(frame, "PETFrameTypeSequence") for frame in groups]
    words = {text for kind in kinds for keyword in _KINDS for text in texts(kind, keyword)}
    for refused in sorted(words & set(rules.refused_image_types)):
        yield f"frame type is {refused}: computed to be looked at, not measured"


def enhanced_frames(ds: FileDataset, rules: SeriesRules) -> tuple[PlacedFrame, ...]:
    """Place the frames of an Enhanced PET image.

    Raises:
        MissingAttribute: a functional group lacks what places a frame or gives its values meaning.
        InvalidAttribute: a spacing or slope is not above zero.
    """
    return tuple(_placed(ds, index, rules) for index in range(frame_count(ds)))


def _placed(ds: FileDataset, index: int, rules: SeriesRules) -> PlacedFrame:
    groups = _groups(ds, index)
    plane = plane_of(
        required_numbers(_macro(groups, "PlaneOrientationSequence"), "ImageOrientationPatient", count=6),
        required_numbers(_macro(groups, "PlanePositionSequence"), "ImagePositionPatient", count=3),
        required_numbers(_macro(groups, "PixelMeasuresSequence"), "PixelSpacing", count=2),
    )
    return PlacedFrame(ds=ds, index=index, plane=plane, meaning=_meaning(groups, rules))


def _groups(ds: Dataset, index: int) -> tuple[Dataset, ...]:
    """Return the functional groups of a frame: its own, then the shared ones."""
    own = items(ds, "PerFrameFunctionalGroupsSequence")
    if index >= len(own):
        raise MissingAttribute(keyword="PerFrameFunctionalGroupsSequence")
    return own[index], *items(ds, "SharedFunctionalGroupsSequence")[:1]


def _macro(groups: tuple[Dataset, ...], sequence: str) -> Dataset:
    """Return the item of a functional group macro: of the frame, else of all frames; empty where neither has it."""
    return next((found[0] for group in groups if (found := items(group, sequence))), Dataset())


def _meaning(groups: tuple[Dataset, ...], rules: SeriesRules) -> Meaning:
    """Return what stored values mean by Real World Value Mapping (C.7.6.16.2.11), which is applied to *stored* values.

    Of several mappings that of the unit which the rules name first. A mapping by a table is not read: our choice.
    """
    meanings = [
        found for group in groups for item in items(group, "RealWorldValueMappingSequence") if (found := _mapped(item))
    ]
    accepted = sorted(
        (found for found in meanings if found.unit in rules.units), key=lambda found: rules.units.index(found.unit)
    )
    if accepted:
        return accepted[0]
    if meanings:
        return meanings[0]
    transformation = _macro(groups, "PixelValueTransformationSequence")
    slope, intercept = (
        required_numbers(transformation, keyword, count=1)[0] for keyword in ("RescaleSlope", "RescaleIntercept")
    )
    return Meaning(slope=slope, intercept=intercept, unit="")


def _mapped(item: Dataset) -> Meaning | None:
    slope, intercept = number(item, "RealWorldValueSlope"), number(item, "RealWorldValueIntercept")
    unit = coded_item(item, "MeasurementUnitsCodeSequence")
    if slope is None or intercept is None or unit is None:
        return None
    if slope <= 0:
        raise InvalidAttribute(keyword="RealWorldValueSlope")
    return Meaning(slope=slope, intercept=intercept, unit=_UNITS.get((unit.scheme_designator, unit.value), ""))
