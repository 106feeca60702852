"""From shapes to a reconstructed volume: partial volume, resolution, noise."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from phantoms.pet_scanner import Examination, PetHabits
from phantoms.pet_shapes import Blob, Block, FloatVolume, Mask, Shape, Tube, VolumeGrid, coverage, paint

_FWHM_PER_SIGMA = math.sqrt(8 * math.log(2))


def scan_grid(examination: Examination, habits: PetHabits) -> VolumeGrid:
    """Return the voxels of a scan: whole slices from its top down to about its bottom."""
    slices = math.ceil((examination.top_mm - examination.bottom_mm) / habits.slice_mm)
    half_mm = (habits.matrix - 1) / 2 * habits.pixel_mm
    back, left = examination.center_mm
    return VolumeGrid(
        shape=(slices, habits.matrix, habits.matrix),
        spacing_mm=(habits.slice_mm, habits.pixel_mm, habits.pixel_mm),
        first_mm=(examination.top_mm - (slices - 1) * habits.slice_mm, back - half_mm, left - half_mm),
    )


def render_uptake(
    rng: np.random.Generator, shapes: Sequence[Shape], *, grid: VolumeGrid, examination: Examination
) -> FloatVolume:
    """Render what a scanner reconstructs of shapes.

    Args:
        rng: Source of the noise.
        shapes: In the order to paint them; what overlaps replaces.
        grid: The voxels.
        examination: Resolution and noise.

    Returns:
        Uptake, g/ml, at least 0, shape of the grid. It is 0 beyond a few voxels around the body.

    Source:
        Noise whose variance grows with the local activity, correlated over the resolution, as iterative
        reconstruction leaves it. Our choice.
    """
    volume = np.zeros(grid.shape, np.float32)
    block = _around(grid, shapes, margin_mm=2 * examination.resolution_mm)
    part = grid.part(block)
    uptake = np.zeros(part.shape, np.float32)
    for shape in shapes:
        paint(uptake, part, shape)
    noise = rng.standard_normal(part.shape, np.float32)
    noise *= np.sqrt(uptake * np.float32(examination.noise**2))
    uptake += noise
    sigma_mm = examination.resolution_mm / _FWHM_PER_SIGMA
    volume[block] = np.maximum(_smooth(uptake, [sigma_mm / step for step in grid.spacing_mm]), 0)
    return volume


def lesion_mask(lesions: Sequence[Blob], grid: VolumeGrid) -> Mask:
    """Return which voxels lesions fill by at least a half; one that fills none so has the voxel at its center."""
    mask = np.zeros(grid.shape, np.bool_)
    for lesion in lesions:
        block, share = coverage(grid, lesion)
        mask[block] |= share >= 0.5
        nearest = [
            round((at - first) / step)
            for at, first, step in zip(lesion.center_mm, grid.first_mm, grid.spacing_mm, strict=True)
        ]
        if all(0 <= index < size for index, size in zip(nearest, grid.shape, strict=True)):
            mask[nearest[0], nearest[1], nearest[2]] = True
    return mask


def _around(grid: VolumeGrid, shapes: Sequence[Shape], *, margin_mm: float) -> Block:
    """Return the part of the volume that holds everything, with a margin."""
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for shape in shapes:
        if isinstance(shape, Tube):
            knots = np.array(shape.knots)
            reach = np.stack([np.zeros(len(knots)), knots[:, 3], knots[:, 4]], axis=1)
            low, high = np.minimum(low, (knots[:, :3] - reach).min(0)), np.maximum(high, (knots[:, :3] + reach).max(0))
        else:
            low = np.minimum(low, np.array(shape.center_mm) - max(shape.semi_mm))
            high = np.maximum(high, np.array(shape.center_mm) + max(shape.semi_mm))
    low, high = low - margin_mm, high + margin_mm
    return grid.block((low[0], low[1], low[2]), (high[0], high[1], high[2]))


def _smooth(volume: FloatVolume, sigmas: Sequence[float]) -> FloatVolume:
    """Blur along slices, rows and columns with standard deviations in voxels; mirrored at the borders."""
    slices, rows, columns = volume.shape
    one = np.ones(1, np.float32)
    across, down, along = (_kernel(sigma) for sigma in sigmas)
    # The slices become the rows of one wide image, so that one call blurs along them.
    wide = cv2.sepFilter2D(volume.reshape(slices, rows * columns), -1, one, across)
    stacked = wide.reshape(slices, rows, columns)
    return np.stack([cv2.sepFilter2D(image, -1, along, down) for image in stacked])


def _kernel(sigma: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.asarray(cv2.getGaussianKernel(2 * math.ceil(3 * sigma) + 1, sigma), np.float32).ravel()
