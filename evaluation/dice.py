"""How far two masks are the same."""

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
"""Any shape."""


def dice(first: Mask, second: Mask) -> float:
    """Return twice the voxels of both masks over the sum of the voxels of each, 0 to 1.

    Two empty masks are the same: 1 (our choice).

    Raises:
        ValueError: the shapes differ.

    Source:
        Dice LR, Ecology 1945;26:297-302.
    """
    if first.shape != second.shape:
        raise ValueError(f"two masks of one shape are compared; got {first.shape} and {second.shape}")
    both, sizes = int(np.count_nonzero(first & second)), int(np.count_nonzero(first) + np.count_nonzero(second))
    return 2 * both / sizes if sizes else 1.0
