"""Left ventricles of known geometry: shells anywhere in the patient with a known value in each of the 17 segments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from preprocessing.grid import Grid
from preprocessing.left_ventricle import LeftVentricle
from preprocessing.placed_frames import PATIENT_AXES
from specs.left_ventricle import PERFUSED_VENTRICLE
from specs.myocardial_segments import PERFUSION_MAP

EVEN = (1.0,) * 17
WALL_MM = PERFUSION_MAP.wall_mm
_SIGMA_MM = 4.5
"""Of the wall's profile: a FWHM of 10.6 mm."""


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Voxels to draw into: edges, mm, and counts along each axis."""

    spacing_mm: tuple[float, float, float]
    shape: tuple[int, int, int]


FINE = Lattice(spacing_mm=(4.0, 4.0, 4.0), shape=(48, 56, 56))
MIDDLING = Lattice(spacing_mm=(5.0, 5.0, 5.0), shape=(40, 44, 44))
COARSE = Lattice(spacing_mm=(6.4, 6.4, 6.4), shape=(32, 34, 34))
"""As large as those of SPECT."""


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Half an ellipsoid of revolution on a cylinder, open at the base.

    Attributes:
        axis: Unit vector from base to apex, LPS.
        center_mm: Of the ellipsoid, LPS.
        apex_mm, radius_mm, base_mm: As of `LeftVentricle`.
        values: Of the segments, in the order of their numbers.
        background: Of all that is no wall.
    """

    axis: tuple[float, float, float] = PERFUSED_VENTRICLE.typical_apex
    center_mm: tuple[float, float, float] = (30.0, -20.0, 5.0)
    apex_mm: float = 42.0
    radius_mm: float = 27.0
    base_mm: float = 26.0
    values: tuple[float, ...] = EVEN
    background: float = 0.1

    @property
    def ventricle(self) -> LeftVentricle:
        """What there is to be found."""
        return LeftVentricle(
            center_mm=self.center_mm,
            axis=self.axis,
            apex_mm=self.apex_mm,
            base_mm=self.base_mm,
            radius_mm=self.radius_mm,
        )

    def at(self, places_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the value at places in LPS, shape (..., 3)."""
        ways = places_mm - np.array(self.center_mm)
        axis = np.array(self.axis)
        height = ways @ axis
        up = np.array([0.0, 0.0, 1.0]) - axis[2] * axis
        up /= np.linalg.norm(up)
        lateral = np.cross(up, axis)  # seen from the apex, up and then to the right hand
        across = np.hypot(ways @ up, ways @ lateral)
        angle = np.degrees(np.arctan2(ways @ up, ways @ lateral)) % 360
        wall = np.exp(-0.5 * (self._from_wall_mm(height, across) / _SIGMA_MM) ** 2)
        return np.asarray(self.background + (self._segment_value(height, angle) - self.background) * wall)

    def _from_wall_mm(self, height: NDArray[np.float64], across: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the distance from the middle of the wall, far beyond the base; along the ray in the ellipsoid."""
        distance = np.maximum(np.hypot(height, across), 1e-6)
        along = height / distance
        surface = 1 / np.sqrt(along**2 / self.apex_mm**2 + (1 - along**2) / self.radius_mm**2)
        beyond = np.maximum(-self.base_mm - height, 0)
        return np.where(height > 0, distance - surface, np.hypot(across - self.radius_mm, beyond))

    def _segment_value(self, height: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
        """Number the segments as published: see `test_myocardial_segments`."""
        cavity_end = self.apex_mm - WALL_MM / 2
        third = np.floor((height + self.base_mm) / (cavity_end + self.base_mm) * 3).clip(0, 3)
        sixth = np.floor(((angle - 60) % 360) / 60)
        quarter = np.floor(((angle - 45) % 360) / 90)
        number = np.select([third == 0, third == 1, third == 2], [1 + sixth, 7 + sixth, 13 + quarter], 17)
        return np.asarray(np.array(self.values)[number.astype(int) - 1])

    def grid(self, lattice: Lattice = FINE, *, directions: NDArray[np.float64] = PATIENT_AXES) -> Grid:
        """Draw it into a grid whose middle is near to the center."""
        middle, steps = (np.array(lattice.shape) - 1) / 2, np.array(lattice.spacing_mm)
        start = np.array([20.0, -15.0, 0.0]) - (middle * steps) @ directions
        indices = np.moveaxis(np.indices(lattice.shape).astype(float), 0, -1)
        return Grid(
            values=self.at(start + (indices * steps) @ directions).astype(np.float32),
            directions=directions,
            spacing_mm=lattice.spacing_mm,
            position_mm=(float(start[0]), float(start[1]), float(start[2])),
            unit="CNTS",
        )


def tilted(degrees: float, turn_degrees: float) -> tuple[float, float, float]:
    """Return the typical axis, tilted by an angle to any side."""
    axis = np.array(PERFUSED_VENTRICLE.typical_apex)
    first = np.cross(axis, [0.0, 0.0, 1.0])
    first /= np.linalg.norm(first)
    side = np.cos(np.radians(turn_degrees)) * first + np.sin(np.radians(turn_degrees)) * np.cross(axis, first)
    found = np.cos(np.radians(degrees)) * axis + np.sin(np.radians(degrees)) * side
    found /= np.linalg.norm(found)
    return float(found[0]), float(found[1]), float(found[2])


def angle_degrees(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """Return the angle between two unit vectors."""
    return float(np.degrees(np.arccos(np.clip(np.dot(first, second), -1, 1))))
