"""The slices of highest striatal count as one image, cropped about the striata."""

import numpy as np
from numpy.typing import NDArray

from preprocessing.striatum import StriatalUptake, shares
from preprocessing.volume import BACKWARD, HEADWARD, LEFTWARD, Volume
from specs.striatum import SlabImageRules

_WHITE = 255


def striatal_image(volume: Volume, uptake: StriatalUptake, rules: SlabImageRules) -> NDArray[np.uint8]:
    """Average the slices about the middle of the striata, and crop what lies about it.

    Args:
        volume: In patient axes, the one that was measured.
        uptake: What was measured in it.
        rules: Size and window.

    Returns:
        Shape (rows, columns), front and the patient's right first; 0 to 255 is 0 to `upper_ratio` times the reference
        region. Beyond the volume it is black. A mirrored volume has the mirrored image.
    """
    top_mm = uptake.center_mm[HEADWARD] - rules.slab_mm / 2
    weights = shares(volume, HEADWARD, (top_mm, top_mm + rules.slab_mm))
    plane = np.tensordot(weights, volume.values, axes=1) / weights.sum() / uptake.reference
    plane = _sampled(plane, volume, BACKWARD, uptake.center_mm[BACKWARD], count=rules.rows, step_mm=rules.pixel_mm)
    plane = _sampled(plane, volume, LEFTWARD, uptake.center_mm[LEFTWARD], count=rules.columns, step_mm=rules.pixel_mm)
    window: NDArray[np.uint8] = np.rint(np.clip(plane / rules.upper_ratio, 0, 1) * _WHITE).astype(np.uint8)
    return window


def _sampled(
    plane: NDArray[np.float64], volume: Volume, axis: int, center_mm: float, *, count: int, step_mm: float
) -> NDArray[np.float64]:
    """Interpolate one axis of a plane, which is that of the volume, at points about a center."""
    spacing_mm, length = volume.spacing_mm[axis], volume.values.shape[axis]
    wanted = (center_mm + (np.arange(count) - (count - 1) / 2) * step_mm) / spacing_mm - 0.5
    below = np.clip(np.floor(wanted).astype(np.intp), 0, length - 2)
    share = np.clip(wanted - below, 0, 1)
    matrix = np.zeros((count, length))
    matrix[np.arange(count), below] = 1 - share
    matrix[np.arange(count), below + 1] = share
    matrix[(wanted < 0) | (wanted > length - 1)] = 0
    sampled: NDArray[np.float64] = np.moveaxis(np.tensordot(matrix, plane, axes=(1, axis - 1)), 0, axis - 1)
    return sampled
