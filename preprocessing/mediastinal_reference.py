"""The reference region of cardiac SPECT: the mediastinum between the lungs above the heart, found by organ masks."""

import numpy as np
from scipy import ndimage

from preprocessing.organ_masks import OrganMask, OrganMasks
from preprocessing.unknown import Unknown
from specs.mibg import ReferenceRules


def mediastinal_reference(
    masks: OrganMasks, *, spacing_mm: tuple[float, float, float], rules: ReferenceRules
) -> OrganMask | Unknown:
    """Derive the reference region from the masks of heart, lungs and liver.

    In each row of a slice it lies between the innermost voxels of the right and of the left lung, near to the middle of
    both; it keeps away from every organ, begins above the heart, ends below the top of the lungs, and lies before the
    spine.

    Args:
        masks: On the grid of a volume in patient axes.
        spacing_mm: Distances of slices, rows and columns.
        rules: Distances.

    Returns:
        A mask of the shape of the masks; unknown where there is no such place.

    Source:
        Our choice: planar images have their region in the upper mediastinum, of which no volume has a counterpart.
    """
    if not masks.heart.any():
        return Unknown(reason="no heart was found, above which the reference region lies")
    if not masks.lungs.any():
        return Unknown(reason="no lungs were found, between which the reference region lies")
    slice_mm = spacing_mm[0]
    lowest = _highest_slice(masks.heart) + round(rules.above_heart_mm / slice_mm)
    highest = _highest_slice(masks.lungs) - round(rules.below_apex_mm / slice_mm)
    region = _between_lungs(masks.lungs, reach=rules.half_width_mm / spacing_mm[2])
    front, back = _rows(masks.lungs, rules.depth)
    region[:, :front] = False
    region[:, back:] = False
    region[: max(lowest, 0)] = False
    region[max(highest + 1, 0) :] = False
    region &= ndimage.distance_transform_edt(~masks.any_organ, sampling=spacing_mm) > rules.margin_mm
    if region.sum() * np.prod(spacing_mm) / 1000 < rules.least_ml:
        return Unknown(
            reason=f"less than {rules.least_ml:g} mL of the mediastinum lies between the lungs above the heart"
        )
    return region


def _highest_slice(mask: OrganMask) -> int:
    return int(np.flatnonzero(mask.any(axis=(1, 2)))[-1])


def _rows(lungs: OrganMask, depth: tuple[float, float]) -> tuple[int, int]:
    """Return the first row of a part of the depth of the lungs and the one after its last."""
    rows = np.flatnonzero(lungs.any(axis=(0, 2)))
    first, extent = int(rows[0]), int(rows[-1] - rows[0] + 1)
    return first + round(depth[0] * extent), first + round(depth[1] * extent)


def _between_lungs(lungs: OrganMask, *, reach: float) -> OrganMask:
    """Return what lies in a row between the right lung and the left one, up to `reach` columns from their middle."""
    columns = np.arange(lungs.shape[2])
    divide = round(float(ndimage.center_of_mass(lungs)[2]))
    last_right = np.where(lungs[:, :, :divide], columns[:divide], -1).max(axis=2, initial=-1)[:, :, None]
    first_left = np.where(lungs[:, :, divide:], columns[divide:], columns.size).min(axis=2, initial=columns.size)
    first_left = first_left[:, :, None]
    between: OrganMask = (columns > last_right) & (columns < first_left)
    between &= np.abs(columns - (last_right + first_left) / 2) <= reach
    between &= (last_right >= 0) & (first_left < columns.size)
    return between
