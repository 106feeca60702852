"""Counts of a volume as whole numbers on the wire, and back as multiples of the volume's level."""

import numpy as np
from numpy.typing import NDArray

from preprocessing.grid import Voxels
from specs.mibg_volumes import CountScale

WireCounts = NDArray[np.uint16]
"""Counts on the wire, 0 to 65,535, axes (slice, row, column) in patient axes."""

_LARGEST = np.iinfo(np.uint16).max


def on_wire(counts: Voxels, scale: CountScale) -> WireCounts | None:
    """Scale the counts of one volume by their own level.

    Args:
        counts: Any unit; what is below 0 is taken for 0.
        scale: Rule.

    Returns:
        The same shape; None where the level is 0, for so much of the volume is empty.
    """
    level = float(np.quantile(counts, scale.level_quantile))
    if not level > 0:
        return None
    shares = np.clip(counts / np.float32(level * scale.largest_level), 0, 1)
    wire: WireCounts = np.rint(np.sqrt(shares) * _LARGEST).astype(np.uint16)
    return wire


def in_levels(wire: NDArray[np.uint16], scale: CountScale) -> NDArray[np.float32]:
    """Return counts as multiples of the level of their volume, 0 to `largest_level`, from what is on the wire."""
    shares = (wire.astype(np.float32) / _LARGEST) ** 2
    return np.asarray(shares * scale.largest_level, np.float32)
