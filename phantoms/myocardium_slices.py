"""Volumes of a patient, and their short-axis slices about the true long axis, as a network takes them."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from phantoms.myocardium_truth import TrueVentricle
from phantoms.pet_shapes import FloatVolume, Triple
from specs.left_ventricle import ShortAxisGrid


@dataclass(frozen=True, kw_only=True)
class PlacedVolume:
    """Values of a patient, axes (slice, row, column): feet to head, front to back, right to left.

    Attributes:
        values: 0 and up.
        spacing_mm: Distances of slices, rows and columns.
        position_mm: Center of voxel (0, 0, 0), LPS.
    """

    values: FloatVolume
    spacing_mm: Triple
    position_mm: Triple


def true_short_axis(volume: PlacedVolume, ventricle: TrueVentricle, grid: ShortAxisGrid) -> FloatVolume:
    """Resample a volume to short-axis slices by cubic splines; the middle of the array is that of the ventricle.

    Args:
        volume: SPECT or PET.
        ventricle: Where the ventricle is in it.
        grid: Shape and spacing.

    Returns:
        Axes (slice, row, column): apex to base, anterior to inferior, septum to lateral wall; 0 and up, 0 where the
        volume does not reach.
    """
    axis = np.array(ventricle.axis)
    inferior = axis[2] * axis - np.array([0.0, 0.0, 1.0])
    inferior /= np.linalg.norm(inferior)
    lateral = np.cross(axis, inferior)
    middle_mm = np.array(ventricle.center_mm) + (ventricle.apex_mm - ventricle.base_mm) / 2 * axis
    to_base, down, aside = (
        (np.arange(count) - (count - 1) / 2)[:, None] * grid.spacing_mm * direction
        for count, direction in ((grid.slices, -axis), (grid.rows, inferior), (grid.columns, lateral))
    )
    places_mm = middle_mm + to_base[:, None, None] + down[:, None] + aside
    indices = ((places_mm - volume.position_mm) / volume.spacing_mm[::-1])[..., ::-1]
    values = ndimage.map_coordinates(volume.values, np.moveaxis(indices, -1, 0), np.float32, order=3)
    return np.asarray(np.maximum(values, 0), np.float32)
