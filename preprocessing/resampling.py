"""A volume at another spacing, by linear interpolation along each axis (trilinear)."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from preprocessing.grid import Voxels
from preprocessing.volume import Volume

_WHOLE_STEP = 1e-6
"""A last sample that misses the end of the volume by less than this share of a step is kept: rounding of spacings."""


def isotropic(volume: Volume, *, spacing_mm: float, even_axes: tuple[int, ...] = ()) -> Volume:
    """Resample a volume to cubes.

    The new centers lie between the first and the last old ones, in the middle of them, so that nothing outside the
    volume is invented and a mirrored volume gives the mirrored result; less than one new step is left out at each end.
    Detail finer than `spacing_mm` is sampled, not averaged: our choice, for PET resolves no less than 4 mm.

    Args:
        volume: Any spacing.
        spacing_mm: Edge of the new cubes, mm; above 0.
        even_axes: Axes that get an even number of planes, so that their middle is between two of them, as it is in a
            picture of an even number of columns. One that is shorter than a new step gives its two ends.

    Returns:
        A volume of the same unit; every value lies within the range of its neighbors.

    Raises:
        ValueError: `spacing_mm` is not above 0.
    """
    if not spacing_mm > 0:
        raise ValueError("spacing_mm must be above 0")
    values, offsets_mm = volume.values, []
    for axis, old_mm in enumerate(volume.spacing_mm):
        places = _places(values.shape[axis], old_mm=old_mm, new_mm=spacing_mm, is_even=axis in even_axes)
        values = interpolated(values, places, axis=axis)
        offsets_mm.append(float(places[0]) * old_mm)
    x, y, z = volume.position_mm
    return replace(
        volume,
        values=values,
        spacing_mm=(spacing_mm, spacing_mm, spacing_mm),
        position_mm=(x + offsets_mm[2], y + offsets_mm[1], z + offsets_mm[0]),
    )


def _places(count: int, *, old_mm: float, new_mm: float, is_even: bool) -> NDArray[np.float64]:
    """Return where the new centers of an axis lie, in steps of the old one."""
    length_mm = (count - 1) * old_mm
    steps = math.floor(length_mm / new_mm + _WHOLE_STEP)
    if is_even and steps % 2 == 0:
        steps = max(steps - 1, 1)
    places_mm = np.arange(steps + 1) * new_mm + (length_mm - steps * new_mm) / 2
    places: NDArray[np.float64] = np.clip(places_mm / old_mm, 0, count - 1)
    return places


def interpolated(values: Voxels, places: NDArray[np.float64], *, axis: int) -> Voxels:
    """Interpolate a volume linearly along one axis.

    Args:
        values: Axes (slice, row, column).
        places: Where, in steps of that axis, from 0 to its last one.
        axis: Which one.
    """
    below = np.minimum(np.floor(places).astype(np.intp), max(values.shape[axis] - 2, 0))
    above = np.minimum(below + 1, values.shape[axis] - 1)
    share = (places - below).astype(np.float32).reshape([-1 if place == axis else 1 for place in range(3)])
    interpolated: Voxels = values.take(below, axis=axis) * (1 - share) + values.take(above, axis=axis) * share
    return interpolated
