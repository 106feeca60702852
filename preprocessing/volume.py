"""A volume in patient axes: a grid of any orthogonal orientation, transposed and flipped, never resampled.

**The one array order of this project**: axes (slice, row, column) go feet to head, front to back, right to left of the
patient. Each index grows with a coordinate of the patient-based system (LPS, PS3.3 C.7.6.2.1.1): slice with z, row
with y, column with x. So `values[-1]` is the highest slice, `values[:, 0]` the foremost plane, `values[:, :, 0]` the
patient's right.
"""

from dataclasses import dataclass, replace
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from preprocessing.eligibility import NotEligible
from preprocessing.grid import Grid, Voxels, read_grid, tilt_reason
from preprocessing.placed_frames import PATIENT_AXES, tilt_degrees
from preprocessing.series import Series
from specs.series import SeriesRules

_Value = TypeVar("_Value", bound=np.generic)

HEADWARD, BACKWARD, LEFTWARD = range(3)
"""The axes of a volume, by the way in which their index grows."""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Values of a patient, axes (slice, row, column): feet to head, front to back, right to left.

    `spacing_mm` is in the order of the axes. `position_mm` is the center of voxel (0, 0, 0), in the order of LPS:
    to the left, to the back, to the head. `unit` is in the words of Units (0054,1001), `g/ml` of an SUV.
    """

    values: Voxels
    spacing_mm: tuple[float, float, float]
    position_mm: tuple[float, float, float]
    unit: str

    def scaled(self, factor: float, *, unit: str) -> Self:
        """Return the volume with every value times a factor, in another unit."""
        return replace(self, values=self.values * np.float32(factor), unit=unit)


def read_volume(series: Series, rules: SeriesRules) -> Volume | NotEligible:
    """Decode a series into a volume in patient axes, or say why it is not eligible.

    Raises:
        InputError: an image is of the accepted kind but broken.
    """
    grid = read_grid(series, rules)
    if isinstance(grid, NotEligible):
        return grid
    if tilt_degrees(grid.directions) > rules.largest_tilt_degrees:
        return NotEligible(identity=series.identity, reasons=(tilt_reason(rules),))
    return in_patient_axes(grid)


@dataclass(frozen=True, kw_only=True)
class AxisOrder:
    """How the axes of a grid become those of the patient.

    Attributes:
        order: Of each axis of the volume, the axis of the grid.
        flipped: Of each axis of the volume, whether its index grows against that of the grid.
    """

    order: tuple[int, int, int]
    flipped: tuple[bool, bool, bool]

    @classmethod
    def of(cls, directions: NDArray[np.float64]) -> Self:
        """Find the axes of the patient that are nearest to the directions of a grid, a row an axis.

        Raises:
            ValueError: two of them are nearest to the same one: `tilt_degrees` says so before.
        """
        cosines = directions @ PATIENT_AXES.T  # axes (of the grid, of the volume)
        order = np.abs(cosines).argmax(axis=0).tolist()
        if sorted(order) != [0, 1, 2]:
            raise ValueError("Two axes of the grid are nearest to the same axis of the patient")
        against = [bool(cosines[source, axis] < 0) for axis, source in enumerate(order)]
        return cls(order=(order[0], order[1], order[2]), flipped=(against[0], against[1], against[2]))

    def to_patient(self, values: NDArray[_Value]) -> NDArray[_Value]:
        """Transpose and flip an array on a grid; no value is changed."""
        return np.flip(values.transpose(self.order), axis=self._flipped_axes)

    def to_grid(self, values: NDArray[_Value]) -> NDArray[_Value]:
        """Bring an array in patient axes back to the grid."""
        return np.flip(values, axis=self._flipped_axes).transpose(np.argsort(self.order))

    @property
    def _flipped_axes(self) -> tuple[int, ...]:
        return tuple(axis for axis, against in enumerate(self.flipped) if against)


def in_patient_axes(grid: Grid) -> Volume:
    """Transpose and flip a grid so that its axes are the nearest ones of the patient; no value is changed.

    Raises:
        ValueError: two axes are nearest to the same one of the patient: `tilt_degrees` says so before.
    """
    axes = AxisOrder.of(grid.directions)
    position = np.array(grid.position_mm)
    for source, against in zip(axes.order, axes.flipped, strict=True):
        if against:
            steps = grid.values.shape[source] - 1
            position = position + grid.directions[source] * grid.spacing_mm[source] * steps
    first, second, third = (grid.spacing_mm[source] for source in axes.order)
    return Volume(
        values=np.ascontiguousarray(axes.to_patient(grid.values)),
        spacing_mm=(first, second, third),
        position_mm=(float(position[0]), float(position[1]), float(position[2])),
        unit=grid.unit,
    )
