"""Which series of raw projections may be reconstructed, by the header alone: PS3.3 C.8.4."""

from collections.abc import Iterator

from pydicom.dataset import Dataset, FileDataset

from preprocessing.attributes import items, number, numbers, texts, whole_number, word
from preprocessing.eligibility import shown
from preprocessing.errors import MissingAttribute
from preprocessing.frames import frame_count
from preprocessing.series import Series
from specs.policy import Policy
from specs.reconstruction import ProjectionRules

_NUMBERED = ("EnergyWindowVector", "DetectorVector", "AngularViewVector")
_GATED = ("RRIntervalVector", "TimeSlotVector")
_OTHER = ("PhaseVector", "TimeSliceVector", "SliceVector")
"""Frame vectors that raw projections of one rotation do not need: PS3.3 C.8.4.8."""


def projection_reasons(series: Series, rules: ProjectionRules) -> Iterator[str]:
    """Say from the headers why a series cannot be reconstructed.

    Raises:
        MissingAttribute: the image has no Modality, or is of the accepted one and has no pixel data: it was cut short.
    """
    if len(series.datasets) != 1:
        yield f"it has {len(series.datasets)} images, and raw projections come as one image of many frames"
        return
    (ds,) = series.datasets
    modality = word(ds, "Modality")
    if not modality:
        raise MissingAttribute(keyword="Modality")
    if modality != rules.modality or word(ds, "SOPClassUID") not in rules.sop_classes:
        yield f"modality is {shown(modality)}, or its SOP class not one of raw projections"
        return
    kind = ([text.strip().upper() for text in texts(ds, "ImageType")][2:3] or [""])[0]
    if kind not in rules.image_types:
        yield f"image type does not say that it holds raw projections ({' or '.join(rules.image_types)})"
        return
    yield from _content_reasons(ds, rules)


def _content_reasons(ds: FileDataset, rules: ProjectionRules) -> Iterator[str]:
    for keyword in ("PixelData", "Rows", "Columns"):
        if not ds.get(keyword):
            raise MissingAttribute(keyword=keyword)
    rows, columns = whole_number(ds, "Rows") or 0, whole_number(ds, "Columns") or 0
    if frame_count(ds) * rows * columns > rules.largest_projections:
        yield f"it has {frame_count(ds)} frames of {rows} x {columns}, too many to reconstruct"
    if "TRANSMISSION" in [text.strip().upper() for text in texts(ds, "ImageType")]:
        yield "it shows transmission, not emission"
    yield from _numbering_reasons(ds, rules)
    yield from _detector_reasons(ds, rules)
    if chosen_window(ds, rules) is None:
        yield f"of its energy windows not exactly one holds {rules.photopeak_kev:g} keV"


def _numbering_reasons(ds: Dataset, rules: ProjectionRules) -> Iterator[str]:
    if numbers(ds, "AngularViewVector", count=frame_count(ds)) is None:
        yield "its frames are not numbered by view"
    if len(items(ds, "RotationInformationSequence")) != 1 or len(set(texts(ds, "RotationVector"))) > 1:
        yield "it does not describe one rotation"
    numbering = [numbers(ds, keyword, count=frame_count(ds)) for keyword in (*_NUMBERED, *_GATED)]
    if len(set(zip(*(each for each in numbering if each is not None), strict=True))) < frame_count(ds):
        yield "several of its frames are numbered alike"
    for keyword in _GATED:
        if len(set(texts(ds, keyword))) > 1 and rules.gates is Policy.REFUSE:
            yield f"it is gated: {keyword} has several values"
    for keyword in _OTHER:
        if len(set(texts(ds, keyword))) > 1:
            yield f"its frames differ in more than the view: {keyword} has several values"


def _detector_reasons(ds: Dataset, rules: ProjectionRules) -> Iterator[str]:
    """A view needs its detector's angle, and the way in which its rows go: to the head or to the feet."""
    detectors = items(ds, "DetectorInformationSequence")
    if len(detectors) < max([1, *(int(text) for text in texts(ds, "DetectorVector") if text.isdigit())]):
        yield "its detectors are not described"
        return
    if len(detectors) > 1 and any(number(item, "StartAngle") is None for item in detectors):
        yield "it has several detectors, and the start angle of each is not stated"
    if any(numbers(item, "ImageOrientationPatient", count=6) is None for item in detectors):
        yield "the orientation of its views in the patient is not stated"
    for item in detectors:
        if word(item, "CollimatorType") not in rules.collimators:
            yield f"collimator type is {shown(word(item, 'CollimatorType'))}: its rays are not parallel"
        if abs(number(item, "CenterOfRotationOffset") or 0.0) > rules.largest_center_offset_mm:
            yield "its center of rotation is off the middle of the detector, and not corrected"
        if number(item, "GantryDetectorTilt"):
            yield "its detector is tilted"


def chosen_window(ds: Dataset, rules: ProjectionRules) -> int | None:
    """Return which energy window is reconstructed, counted from 1: the only one, or the one of the photopeak.

    None where that is not exactly one.
    """
    used = sorted({int(text) for text in texts(ds, "EnergyWindowVector") if text.isdigit()})
    if len(used) < 2:
        return used[0] if used else 1
    windows = items(ds, "EnergyWindowInformationSequence")
    held = [window for window in used if window <= len(windows) and _holds(windows[window - 1], rules.photopeak_kev)]
    return held[0] if len(held) == 1 else None


def _holds(window: Dataset, energy_kev: float) -> bool:
    for item in items(window, "EnergyWindowRangeSequence"):
        lower, upper = number(item, "EnergyWindowLowerLimit"), number(item, "EnergyWindowUpperLimit")
        if lower is not None and upper is not None and lower <= energy_kev <= upper:
            return True
    return False
