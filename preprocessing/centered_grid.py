"""Volumes on an array about their own middle, and what a network finds there back on the grid of the image.

Both ways go by linear interpolation along each axis. Beyond the outer faces of the voxels of either there is nothing.
"""

import numpy as np
from numpy.typing import NDArray

from preprocessing.grid import Voxels
from preprocessing.resampling import interpolated
from preprocessing.volume import Volume
from specs.mibg_volumes import VolumeGrid

_Shape = tuple[int, int, int]
_Spacing = tuple[float, float, float]
_FACE = 1e-6
"""A center that is beyond a face by less than this share of a voxel is not: rounding of spacings."""


def centered(volume: Volume, grid: VolumeGrid) -> Voxels:
    """Bring a volume to an array whose middle is the middle of the volume.

    A mirrored volume gives the mirrored array. Detail finer than the array is sampled, not averaged: our choice.

    Args:
        volume: Any shape and spacing.
        grid: Of the array.

    Returns:
        Axes (slice, row, column) in patient axes, the unit of the volume; 0 where the array reaches beyond it.
    """
    return _resampled(volume.values, from_mm=volume.spacing_mm, to_shape=grid.shape, to_mm=grid.sides_mm)


def uncentered(shares: Voxels, grid: VolumeGrid, volume: Volume) -> Voxels:
    """Bring values on the array of a volume back to its own voxels.

    Args:
        shares: Of the shape of the array.
        grid: Of the array.
        volume: That `centered` was given.

    Returns:
        The shape of the volume; 0 where it reaches beyond the array.

    Raises:
        ValueError: the values are not of the shape of the array.
    """
    if shares.shape != grid.shape:
        raise ValueError("The values have not the shape of the array")
    slices, rows, columns = volume.values.shape
    return _resampled(shares, from_mm=grid.sides_mm, to_shape=(slices, rows, columns), to_mm=volume.spacing_mm)


def _resampled(values: Voxels, *, from_mm: _Spacing, to_shape: _Shape, to_mm: _Spacing) -> Voxels:
    for axis in range(3):
        places = _places(values.shape[axis], to_shape[axis], step=to_mm[axis] / from_mm[axis])
        last = values.shape[axis] - 1
        beyond = (places < -0.5 - _FACE) | (places > last + 0.5 + _FACE)
        values = interpolated(values, np.clip(places, 0, last), axis=axis)
        values = np.where(np.expand_dims(beyond, [each for each in range(3) if each != axis]), np.float32(0), values)
    return values


def _places(old_count: int, new_count: int, *, step: float) -> NDArray[np.float64]:
    """Return where new centers about the same middle lie, in steps of the old ones."""
    from_middle = np.arange(new_count) - (new_count - 1) / 2
    return np.asarray(from_middle * step + (old_count - 1) / 2, np.float64)
