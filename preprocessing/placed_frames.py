"""Where each frame of an image lies in the patient, and what its stored values mean.

One reader for each kind of image that slices come in: single-frame PET here, Enhanced PET and NM in modules of their
own. All positions are in the patient-based coordinate system of PS3.3 C.7.6.2.1.1 (LPS), in mm.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset

from preprocessing.attributes import number, required_numbers, word
from preprocessing.errors import InvalidAttribute, MissingAttribute

Vector = NDArray[np.float64]
"""Three components: to the patient's left, to the back, to the head."""


@dataclass(frozen=True, kw_only=True)
class Plane:
    """Where the pixels of a frame lie.

    `position_mm` is the center of the first pixel. `along_row` is the unit vector in which the column index grows,
    `along_column` that in which the row index grows. `pixel_spacing_mm` is between rows and between columns.
    """

    position_mm: tuple[float, float, float]
    along_row: tuple[float, float, float]
    along_column: tuple[float, float, float]
    pixel_spacing_mm: tuple[float, float]

    @property
    def normal(self) -> Vector:
        """The cross product of `along_row` and `along_column`: a slice at a greater distance on it is behind."""
        return np.cross(self.along_row, self.along_column)

    @property
    def directions(self) -> NDArray[np.float64]:
        """The unit vectors, LPS, in which the indices of slice, row and column grow, a row an axis."""
        return np.array([self.normal, self.along_column, self.along_row])

    def distance_mm(self, normal: Vector) -> float:
        """Return how far the first pixel lies along a normal."""
        return float(np.dot(normal, self.position_mm))


PATIENT_AXES = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
"""To the head, to the back and to the left, in LPS, a row an axis."""


def tilt_degrees(directions: NDArray[np.float64]) -> float:
    """Return the largest angle between three directions and the axes of the patient that are nearest to them.

    Args:
        directions: Unit vectors, LPS, a row each.

    Returns:
        0 to 55; 90 where two directions are nearest to the same axis.
    """
    cosines = np.abs(directions @ PATIENT_AXES.T)
    if sorted(cosines.argmax(axis=1)) != [0, 1, 2]:
        return 90.0
    lengths = np.linalg.norm(directions, axis=1)
    return float(np.degrees(np.arccos(np.clip(cosines.max(axis=1) / lengths, 0.0, 1.0))).max())


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What stored values mean: stored x slope + intercept, in a unit in the words of Units (0054,1001)."""

    slope: float
    intercept: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class PlacedFrame:
    """One frame of an image: its pixels are frame `index` of `ds`, counted from 0."""

    ds: FileDataset
    index: int
    plane: Plane
    meaning: Meaning


def plane_of(orientation: tuple[float, ...], position: tuple[float, ...], spacing: tuple[float, ...]) -> Plane:
    """Put together a plane from Image Orientation, Image Position and Pixel Spacing.

    Raises:
        InvalidAttribute: a spacing is not above zero.
    """
    if min(spacing) <= 0:
        raise InvalidAttribute(keyword="PixelSpacing")
    return Plane(
        position_mm=(position[0], position[1], position[2]),
        along_row=(orientation[0], orientation[1], orientation[2]),
        along_column=(orientation[3], orientation[4], orientation[5]),
        pixel_spacing_mm=(spacing[0], spacing[1]),
    )


def plane_in(ds: Dataset) -> Plane:
    """Read the Image Plane module (PS3.3 C.7.6.2), all three attributes of which are of type 1.

    Raises:
        MissingAttribute: one is absent or no numbers.
        InvalidAttribute: a spacing is not above zero.
    """
    return plane_of(
        required_numbers(ds, "ImageOrientationPatient", count=6),
        required_numbers(ds, "ImagePositionPatient", count=3),
        required_numbers(ds, "PixelSpacing", count=2),
    )


def pet_frame(ds: FileDataset) -> PlacedFrame:
    """Read a single-frame PET image; its rescale is of type 1 and may differ from slice to slice (PS3.3 C.8.9.4).

    Raises:
        MissingAttribute: an attribute of the plane, or the rescale, is absent or no number.
        InvalidAttribute: a spacing or the slope is not above zero.
    """
    slope, intercept = number(ds, "RescaleSlope"), number(ds, "RescaleIntercept")
    if slope is None or intercept is None:
        raise MissingAttribute(keyword="RescaleSlope" if slope is None else "RescaleIntercept")
    if slope <= 0:
        raise InvalidAttribute(keyword="RescaleSlope")
    meaning = Meaning(slope=slope, intercept=intercept, unit=word(ds, "Units"))
    return PlacedFrame(ds=ds, index=0, plane=plane_in(ds), meaning=meaning)
