"""Whether the evidence in a heat map lies where the finding is."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from specs.declared import Declared

HeatMap = NDArray[np.floating[Any]]
"""Evidence for a finding, axes (row, column) over the whole input tensor; negative values speak against it."""

FloatVector = NDArray[np.float64]


class Box(Protocol):
    """A rectangle in fractions of the input tensor: 0 is the upper or left edge, 1 the lower or right one."""

    @property
    def top(self) -> float: ...  # noqa: D102
    @property
    def left(self) -> float: ...  # noqa: D102
    @property
    def bottom(self) -> float: ...  # noqa: D102
    @property
    def right(self) -> float: ...  # noqa: D102


class EnergyShare(Declared):
    """How much of a map's positive evidence lies inside a box; unit 1, both in [0, 1].

    `share` is None where the map holds no positive evidence. `expected` is what a uniform map has: the box's area.
    """

    share: float | None
    expected: float


def energy_share(heat_map: HeatMap, box: Box) -> EnergyShare:
    """Sum the positive evidence inside a box over that of the whole map.

    A value stands for its whole cell, so that a box which cuts a cell takes that part of it.

    Args:
        heat_map: Axes (row, column), any shape and unit.
        box: Where the evidence should lie, in fractions of the tensor that the map spans. A box in fractions of an
            image that was padded needs the image's placement in the tensor first.

    Raises:
        ValueError: the map is not of two axes or holds a value that is not finite, or the box is empty or reaches
            outside.

    Source:
        The energy-based pointing game of Wang H et al., Score-CAM, CVPR Workshops 2020:111-119; with parts of cells,
        our choice.
    """
    if heat_map.ndim != 2 or heat_map.size == 0 or not np.isfinite(heat_map).all():
        raise ValueError("a heat map needs a row and a column axis and finite values")
    if not (0 <= box.top < box.bottom <= 1 and 0 <= box.left < box.right <= 1):
        raise ValueError("a box needs 0 <= top < bottom <= 1 and 0 <= left < right <= 1")
    positive = np.maximum(heat_map, 0).astype(np.float64)
    rows, columns = heat_map.shape
    expected = (box.bottom - box.top) * (box.right - box.left)
    largest = float(positive.max())
    if largest == 0:
        return EnergyShare(share=None, expected=expected)
    positive /= largest  # so that the sum of a map of tiny or huge values neither vanishes nor overflows
    inside = _covered(rows, box.top, box.bottom) @ positive @ _covered(columns, box.left, box.right)
    return EnergyShare(share=min(1.0, float(inside / positive.sum())), expected=expected)


def _covered(cells: int, low: float, high: float) -> FloatVector:
    """Return the part of each cell, in [0, 1], that lies between two fractions of the axis."""
    edges = np.arange(cells + 1)
    return np.diff(np.clip(edges, low * cells, high * cells))
