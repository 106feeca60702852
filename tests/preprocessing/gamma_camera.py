"""Raw projections of known activity, written as a rotating gamma camera writes them, every attribute open to change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset

from preprocessing import NotEligible
from preprocessing.projections import Projections, read_projections
from specs.reconstruction import CARDIAC_PROJECTIONS
from tests.preprocessing.tomography import as_read, nuclear_image

BINS = 32
PIXEL_MM = 6.0
SCALE = 20.0
"""Stored counts for each mm of a ball of activity 1: rounding to whole counts is then next to nothing."""


@dataclass(frozen=True, kw_only=True)
class Ball:
    """An evenly filled ball; center in LPS, mm."""

    center_mm: tuple[float, float, float]
    radius_mm: float
    activity: float = 1.0


BALLS = (
    Ball(center_mm=(40.0, -25.0, 14.0), radius_mm=18.0),
    Ball(center_mm=(-30.0, 35.0, -20.0), radius_mm=25.0, activity=0.5),
)
"""One to the left, the front and the head, one to the right, the back and the feet."""


def view(balls: Sequence[Ball], angle_degrees: float, *, bins: int = BINS) -> NDArray[np.float64]:
    """Integrate balls along the rays of a detector that looks at the patient's outside, upright.

    The lengths of chords, from geometry alone. The detector is at (sin, cos) to the left and to the back: 0 is the
    back and 90 the left, as PS3.3 C.8.4.11 has it; a person who looks from there to the axis has the head up and the
    columns going to the right hand.

    Returns:
        Shape (row, column), rows head to feet.
    """
    angle = np.radians(angle_degrees)
    from_axis = np.array([np.sin(angle), np.cos(angle), 0.0])
    head = np.array([0.0, 0.0, 1.0])
    right_hand = np.cross(-from_axis, head)
    places_mm = (np.arange(bins) - (bins - 1) / 2) * PIXEL_MM
    image = np.zeros((bins, bins))
    for ball in balls:
        center = np.array(ball.center_mm)
        squared = (-places_mm[:, None] - center @ head) ** 2 + (places_mm - center @ right_hand) ** 2
        image += 2 * ball.activity * np.sqrt(np.maximum(ball.radius_mm**2 - squared, 0.0))
    return image


def raw_views(
    balls: Sequence[Ball] = BALLS, *, angles_degrees: Sequence[float], bins: int = BINS
) -> NDArray[np.uint16]:
    """Return stored views, shape (view, row, column), rows head to feet."""
    return np.rint(SCALE * np.array([view(balls, angle, bins=bins) for angle in angles_degrees])).astype(np.uint16)


def turn(start: float, step: float, count: int) -> list[float]:
    """Return the angles of a rotation, clockwise where the step is below 0."""
    return [start + step * place for place in range(count)]


def detector(start_degrees: float, **attributes: Any) -> Dataset:
    """Build a detector item; its orientation is that of its first view from outside, rows head to feet."""
    angle = np.radians(start_degrees)
    item = Dataset()
    item.CollimatorType, item.FocalDistance, item.StartAngle = "PARA", 0, start_degrees
    item.ImageOrientationPatient = [float(f"{part:.7g}") for part in (-np.cos(angle), np.sin(angle), 0, 0, 0, -1)]
    item.ImagePositionPatient = [0.0, 0.0, (BINS - 1) / 2 * PIXEL_MM]
    for keyword, value in attributes.items():
        if value is None:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    return item


def raw_tomo(
    stored: NDArray[np.uint16], *, start: float = 225.0, step: float = 6.0, direction: str = "CW", **attributes: Any
) -> FileDataset:
    """Build a raw NM TOMO image of one detector.

    Args:
        stored: Shape (frame, row, column).
        start: Start Angle, degrees.
        step: Angular Step, degrees.
        direction: Rotation Direction.
        attributes: Of the image, by their keywords; None deletes one.
    """
    count = len(stored)
    rotation = Dataset()
    rotation.StartAngle, rotation.AngularStep, rotation.RotationDirection = start, step, direction
    rotation.ScanArc, rotation.ActualFrameDuration, rotation.NumberOfFramesInRotation = step * count, 20_000, count
    ds = nuclear_image(stored, spacing_mm=(PIXEL_MM, PIXEL_MM, PIXEL_MM))
    del ds.SliceVector, ds.NumberOfSlices, ds.SpacingBetweenSlices
    ds.ImageType = ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]
    ds.FrameIncrementPointer = [0x00540010, 0x00540020, 0x00540050, 0x00540090]
    ds.EnergyWindowVector = ds.DetectorVector = ds.RotationVector = [1] * count
    ds.AngularViewVector = [*range(1, count + 1)]
    ds.DetectorInformationSequence, ds.RotationInformationSequence = [detector(start)], [rotation]
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    return ds


def energy_window(lower_kev: float, upper_kev: float) -> Dataset:
    """Build an item of an energy window of one range."""
    limits, window = Dataset(), Dataset()
    limits.EnergyWindowLowerLimit, limits.EnergyWindowUpperLimit = lower_kev, upper_kev
    window.EnergyWindowRangeSequence = [limits]
    return window


def projected(ds: FileDataset) -> Projections:
    """Write, read and collect views that must be eligible."""
    projections = read_projections(as_read([ds]), CARDIAC_PROJECTIONS)
    assert isinstance(projections, Projections), projections
    return projections


def refusal(ds: FileDataset) -> tuple[str, ...]:
    """Write and read views that must be refused; return the reasons."""
    refused = read_projections(as_read([ds]), CARDIAC_PROJECTIONS)
    assert isinstance(refused, NotEligible), refused
    assert refused.identity.series_instance_uid == ds.SeriesInstanceUID
    return refused.reasons
