"""How bright the wall of the left ventricle is."""

import numpy as np

from preprocessing.short_axis import ShortAxis


def wall_level(slices: ShortAxis, *, wall_mm: float, quantile: float) -> float:
    """Return a quantile of the voxels of the wall: of an ellipsoid to the apex and of a tube to the base.

    A high quantile is the level of the brightest part of the wall; a defect, which is darker, leaves it where it is,
    and so does one voxel that noise made bright.

    Args:
        slices: Where the ventricle is.
        wall_mm: Thickness of the wall.
        quantile: 0 to 1.

    Returns:
        In the unit of the slices.
    """
    count, rows, columns = slices.values.shape
    slice_mm, row_mm, column_mm = slices.spacing_mm
    heights_mm = (slices.widest_slice - np.arange(count)) * slice_mm
    down_mm = (np.arange(rows) - slices.center[0]) * row_mm
    aside_mm = (np.arange(columns) - slices.center[1]) * column_mm
    forward = np.maximum(heights_mm, 0.0) / slices.ventricle.apex_mm
    across = np.hypot(down_mm[:, None], aside_mm) / slices.radius_mm
    from_middle_mm = (np.hypot(forward[:, None, None], across) - 1) * slices.radius_mm
    is_within = heights_mm >= -slices.ventricle.base_mm
    is_wall = (np.abs(from_middle_mm) <= wall_mm / 2) & is_within[:, None, None]
    return float(np.quantile(slices.values[is_wall], quantile))
