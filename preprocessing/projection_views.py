"""From where each frame of raw projections was taken: angle, and the ways in which its columns and rows go."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from preprocessing.attributes import items, number, numbers, required_numbers, word
from preprocessing.errors import InvalidAttribute
from preprocessing.frames import frame_count
from preprocessing.projection_eligibility import chosen_window
from specs.reconstruction import ProjectionRules

_TURNS = {"CW": -1, "CC": 1, "CCW": 1}
"""Of Rotation Direction (0018,1140), PS3.3 C.8.4.12: clockwise is a falling angle; CCW is written too, against it."""


@dataclass(frozen=True, kw_only=True)
class Viewpoint:
    """A frame of the reconstructed energy window.

    Attributes:
        frame: Counted from 0.
        detector: Counted from 1.
        view: Angular view of the detector, counted from 1.
        angle_degrees: Of the detector, 0 to 360: 0 at the patient's back, 90 at the left.
        first_angle_degrees: Of the detector's first view.
        orientation: Image Orientation of the detector's first view, LPS.
    """

    frame: int
    detector: int
    view: int
    angle_degrees: float
    first_angle_degrees: float
    orientation: tuple[float, ...]

    @property
    def columns_forward(self) -> float:
        """Cosine between the way the stored columns go and (-cos, sin), the way of a view from outside."""
        angle = np.radians(self.first_angle_degrees)
        return float(-np.cos(angle) * self.orientation[0] + np.sin(angle) * self.orientation[1])

    @property
    def rows_headward(self) -> float:
        """Cosine between the way the stored rows go and that to the head."""
        return self.orientation[5]

    def is_consistent(self, tolerance_degrees: float) -> bool:
        """Tell whether the stated orientation is that of a detector at the stated angle, mirrored or not."""
        least = float(np.cos(np.radians(tolerance_degrees)))
        return least <= abs(self.columns_forward) <= 2 - least and least <= abs(self.rows_headward) <= 2 - least

    def turned(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the frame with rows from feet to head and columns as seen from outside the patient."""
        upright = pixels if self.rows_headward > 0 else pixels[::-1]
        return upright if self.columns_forward > 0 else upright[:, ::-1]


def viewpoints(ds: Dataset, rules: ProjectionRules) -> tuple[Viewpoint, ...]:
    """Place the frames of an image that `projection_reasons` has nothing against; other energy windows are left out.

    Angles are nominal: the start and so many steps (C.8.4.12.1.1 promises no more). A detector's own Start Angle goes
    before the rotation's, which several detectors share.

    Raises:
        MissingAttribute: an angle of the rotation, of type 1, is absent or no number.
        InvalidAttribute: the rotation's direction is none, or a step not above zero.
    """
    count = frame_count(ds)
    rotation, detectors = items(ds, "RotationInformationSequence")[0], items(ds, "DetectorInformationSequence")
    (step,) = required_numbers(rotation, "AngularStep", count=1)
    if step <= 0:
        raise InvalidAttribute(keyword="AngularStep")
    direction = word(rotation, "RotationDirection")
    if direction not in _TURNS:
        raise InvalidAttribute(keyword="RotationDirection")
    windows, numbered = _vector(ds, "EnergyWindowVector", count), _vector(ds, "DetectorVector", count)
    views, window = _vector(ds, "AngularViewVector", count), chosen_window(ds, rules)
    points = []
    for frame in np.flatnonzero(windows == (windows[0] if window is None else window)):
        detector = detectors[numbered[frame] - 1]
        first = _start_degrees(detector, rotation)
        points.append(
            Viewpoint(
                frame=int(frame),
                detector=int(numbered[frame]),
                view=int(views[frame]),
                angle_degrees=float((first + _TURNS[direction] * step * (views[frame] - 1)) % 360),
                first_angle_degrees=first,
                orientation=required_numbers(detector, "ImageOrientationPatient", count=6),
            )
        )
    return tuple(points)


def _start_degrees(detector: Dataset, rotation: Dataset) -> float:
    own = number(detector, "StartAngle")
    return required_numbers(rotation, "StartAngle", count=1)[0] if own is None else own


def _vector(ds: Dataset, keyword: str, count: int) -> NDArray[np.intp]:
    """Return a frame vector; all ones where the image has none."""
    found = numbers(ds, keyword, count=count)
    if found is None and ds.get(keyword):
        raise InvalidAttribute(keyword=keyword)
    vector = np.ones(count, dtype=np.intp) if found is None else np.array(found, dtype=np.intp)
    if vector.min() < 1:
        raise InvalidAttribute(keyword=keyword)
    return vector
