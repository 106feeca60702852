"""Short-axis slices of a phantom's left ventricle about the true long axis, as a network takes them."""

import numpy as np
from scipy import ndimage

from phantoms.myocardium import PlacedVolume
from phantoms.myocardium_truth import TrueVentricle
from phantoms.pet_shapes import FloatVolume
from specs.left_ventricle import ShortAxisGrid


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
