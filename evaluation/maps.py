"""Whether the evidence in a heat map lies where the finding is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from specs.declared import Declared

HeatMap = NDArray[np.floating[Any]]
"""Evidence for a finding, axes (row, column) over the whole input tensor; negative values speak against it."""

FloatVector = NDArray[np.float64]
FloatMatrix = NDArray[np.float64]


class Box(Protocol):
    """A rectangle in fractions of an image or a tensor: 0 is the upper or left edge, 1 the lower or right one."""

    @property
    def top(self) -> float: ...  # noqa: D102
    @property
    def left(self) -> float: ...  # noqa: D102
    @property
    def bottom(self) -> float: ...  # noqa: D102
    @property
    def right(self) -> float: ...  # noqa: D102


class Place(Protocol):
    """Where an image lies in an input tensor, in pixels of the tensor."""

    @property
    def top(self) -> int: ...  # noqa: D102
    @property
    def left(self) -> int: ...  # noqa: D102
    @property
    def rows(self) -> int: ...  # noqa: D102
    @property
    def columns(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class TensorBox:
    """A rectangle in fractions of the whole input tensor."""

    top: float
    left: float
    bottom: float
    right: float

    @classmethod
    def of(cls, box: Box, place: Place, shape: tuple[int, int]) -> Self:
        """Convert a box in fractions of an image.

        Args:
            box: In fractions of the image.
            place: Where the image lies in the tensor.
            shape: Rows and columns of the tensor.
        """
        rows, columns = shape
        return cls(
            top=(place.top + box.top * place.rows) / rows,
            left=(place.left + box.left * place.columns) / columns,
            bottom=(place.top + box.bottom * place.rows) / rows,
            right=(place.left + box.right * place.columns) / columns,
        )


WHOLE = TensorBox(top=0.0, left=0.0, bottom=1.0, right=1.0)
"""All of an image, or of a tensor."""


class EnergyShare(Declared):
    """How much of a map's positive evidence lies inside some boxes; unit 1, both in [0, 1].

    `share` is None where the map holds no positive evidence. `expected` is what a map has whose evidence is spread
    evenly over the image: the part of its area that the boxes cover.
    """

    share: float | None
    expected: float


def energy_share(heat_map: HeatMap, boxes: Sequence[Box], *, image: Box = WHOLE) -> EnergyShare:
    """Sum the positive evidence inside any of the boxes over that of the whole map.

    A value stands for its whole cell, so that a box which cuts a cell takes that part of it; what several boxes cover
    counts once.

    Args:
        heat_map: Axes (row, column), any shape and unit.
        boxes: Where the evidence should lie, in fractions of the tensor that the map spans, within the image.
        image: Where the image lies in the tensor; the rest is black margin, whose evidence lies outside.

    Raises:
        ValueError: the map is not of two axes or holds a value that is not finite, there is no box, or one is empty or
            reaches outside the tensor.

    Source:
        The energy-based pointing game of Wang H et al., Score-CAM, CVPR Workshops 2020:111-119; with parts of cells,
        several boxes and a margin, our choice.
    """
    if heat_map.ndim != 2 or heat_map.size == 0 or not np.isfinite(heat_map).all():
        raise ValueError("a heat map needs a row and a column axis and finite values")
    if not boxes or not all(
        0 <= box.top < box.bottom <= 1 and 0 <= box.left < box.right <= 1 for box in (*boxes, image)
    ):
        raise ValueError("a box needs 0 <= top < bottom <= 1 and 0 <= left < right <= 1")
    expected = min(1.0, _inside(np.ones((1, 1)), boxes) / _inside(np.ones((1, 1)), [image]))
    positive = np.maximum(heat_map, 0).astype(np.float64)
    largest = float(positive.max())
    if largest == 0:
        return EnergyShare(share=None, expected=expected)
    positive /= largest  # so that the sum of a map of tiny or huge values neither vanishes nor overflows
    return EnergyShare(share=min(1.0, _inside(positive, boxes) / float(positive.sum())), expected=expected)


def _inside(energy: FloatMatrix, boxes: Sequence[Box]) -> float:
    """Sum what lies inside any box; all edges cut the map into rectangles that lie wholly inside or outside each."""
    rows = np.unique([edge for box in boxes for edge in (box.top, box.bottom)])
    columns = np.unique([edge for box in boxes for edge in (box.left, box.right)])
    covered = np.zeros((rows.size - 1, columns.size - 1), np.bool_)
    for box in boxes:
        within_rows = (rows[:-1] >= box.top) & (rows[1:] <= box.bottom)
        within_columns = (columns[:-1] >= box.left) & (columns[1:] <= box.right)
        covered |= np.outer(within_rows, within_columns)
    parts = _parts(energy.shape[0], rows) @ energy @ _parts(energy.shape[1], columns).T
    return float(parts[covered].sum())


def _parts(cells: int, edges: FloatVector) -> FloatMatrix:
    """Return the part of each cell, in [0, 1], between two neighboring edges, axes (between, cell)."""
    bounds = np.clip(np.arange(cells + 1), edges[:-1, None] * cells, edges[1:, None] * cells)
    return np.diff(bounds, axis=1)
