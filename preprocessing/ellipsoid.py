"""An ellipsoid of revolution through points of the myocardium, of which the base may be missing."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from preprocessing.sampling import Points

Reals = NDArray[np.float64]

_SHORT_MM, _ELONGATION = (10.0, 60.0), (0.9, 2.5)
"""What is tried as the short half-axis, and the long one over it: hearts of adults, our choice."""
_SHIFT_MM, _TANGENT, _FIXED = 40.0, 3.0, 1e-6
"""How far the center and the axis (tangent of its turn) may move in one fit; next to nothing where they are given."""
_KEPT = 40.0
"""What an elongation that is off by 1 costs, mm: as much as about a hundred points that are off by 4 mm; our choice."""
_OUTLIER_MM = 4.0
"""Distance from which a point counts less: the right ventricle, gut, noise."""


@dataclass(frozen=True, kw_only=True)
class Ellipsoid:
    """Center (LPS, mm), unit vector of the long axis, and both half-axes, mm."""

    center_mm: Reals
    axis: Reals
    short_mm: float
    long_mm: float

    def flipped(self) -> Self:
        """Return the same ellipsoid with its axis the other way."""
        return type(self)(center_mm=self.center_mm, axis=-self.axis, short_mm=self.short_mm, long_mm=self.long_mm)

    def distance_mm(self, directions: Points) -> Reals:
        """Return how far the surface is from the center, shape (...) of unit vectors (..., 3)."""
        along = directions @ self.axis
        return np.asarray(1 / np.sqrt((1 - along**2) / self.short_mm**2 + along**2 / self.long_mm**2))


def across(axis: Reals) -> tuple[Reals, Reals]:
    """Return two unit vectors at right angles to an axis and to each other."""
    first = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    first = first / np.linalg.norm(first)
    return first, np.cross(axis, first)


@dataclass(frozen=True, kw_only=True)
class Freedom:
    """What a fit may change beside the half-axes, and the elongation that it keeps to where points say little."""

    center: bool
    axis: bool
    elongation: float


def fitted_ellipsoid(points: Points, weights: Reals, start: Ellipsoid, free: Freedom) -> Ellipsoid:
    """Fit an ellipsoid of revolution by robust least squares.

    Args:
        points: On its surface, shape (points, 3), mm, LPS; at least 7.
        weights: Of each point, above 0, shape (points,).
        start: Where the search starts.
        free: What the fit may change.
    """
    first, second = across(start.axis)

    def of(parameters: Reals) -> Ellipsoid:
        axis = start.axis + parameters[3] * first + parameters[4] * second
        return Ellipsoid(
            center_mm=start.center_mm + parameters[:3],
            axis=axis / np.linalg.norm(axis),
            short_mm=float(parameters[5]),
            long_mm=float(parameters[5] * parameters[6]),
        )

    def misses_mm(parameters: Reals) -> Reals:
        ellipsoid = of(parameters)
        ways = points - ellipsoid.center_mm
        lengths = np.maximum(np.linalg.norm(ways, axis=1), 1e-6)
        misses = np.sqrt(weights) * (lengths - ellipsoid.distance_mm(ways / lengths[:, None]))
        return np.append(misses, _KEPT * (parameters[6] - free.elongation))

    from scipy import optimize  # slow to import, and wanted only where a ventricle is looked for

    reach = np.array([_SHIFT_MM if free.center else _FIXED] * 3 + [_TANGENT if free.axis else _FIXED] * 2)
    lowest, highest = (
        np.append(-reach, [_SHORT_MM[0], _ELONGATION[0]]),
        np.append(reach, [_SHORT_MM[1], _ELONGATION[1]]),
    )
    sides = (start.short_mm, start.long_mm / start.short_mm)
    guess = np.append(np.zeros(5), np.clip(sides, lowest[5:] + _FIXED, highest[5:] - _FIXED))
    scales = [5.0, 5.0, 5.0, 0.3, 0.3, 5.0, 0.3]
    found = optimize.least_squares(
        misses_mm, guess, bounds=(lowest, highest), loss="soft_l1", f_scale=_OUTLIER_MM, x_scale=scales
    )
    return of(found.x)
