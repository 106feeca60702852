"""An image fitted into the input tensor: the area average of its gray values, at the aspect ratio of its matrix."""

import math
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from preprocessing.gray_values import UINT16_PER_UINT8, Displayed
from specs.recipe import FrontalChestRadiograph

FloatImage = NDArray[np.float64]
"""Gray values, axes (row, column), 0 to 65535."""

_MANY_ROWS = 4
"""Rows of the image for one of the result from which on whole rows are summed: of 3000 x 2500 pixels that takes 2.1 ms
on one core, OpenCV's area resize 5.3; of half as many rows both take as long."""

_ROWS_AT_A_TIME = 16
"""Rows of the result; what they are made from stays in the cache of the processor, and needs no fresh memory."""


def fitted_shape(matrix: tuple[int, int], recipe: FrontalChestRadiograph) -> tuple[int, int]:
    """Return the (rows, columns) that an image of a matrix (rows, columns) takes in the tensor: one side is full."""
    _, rows, columns = recipe.pixels.shape
    scale = min(rows / matrix[0], columns / matrix[1])
    return max(1, round(matrix[0] * scale)), max(1, round(matrix[1] * scale))


def divisor_of(matrix: tuple[int, int], shape: tuple[int, int]) -> int:
    """Return the power of two by which both sides of a matrix were divided and rounded up; 1 for the whole image.

    Raises:
        ValueError: there is none.
    """
    for halvings in range(max(matrix).bit_length() + 1):
        if shape == tuple(math.ceil(side / 2**halvings) for side in matrix):
            return int(2**halvings)
    raise ValueError(f"{shape} is no lower resolution of {matrix}")


def reduced(
    displayed: Displayed,
    recipe: FrontalChestRadiograph,
    *,
    matrix: tuple[int, int] | None = None,
    divisor: int = 1,
) -> NDArray[np.uint8]:
    """Fit an image into the input tensor with its aspect ratio: area average, linear where a side must grow.

    Args:
        displayed: Gray values; whole, or at a lower resolution as `stored_pixels` describes it, of no less samples than
            the result has pixels.
        recipe: Says how large the tensor is.
        matrix: (Rows, Columns) of the whole image; None where `displayed` is whole.
        divisor: What both sides of the matrix were divided by.

    Returns:
        Gray values, axes (row, column), shape `fitted_shape` of the matrix, 0 to 255, rounded to the nearest.
    """
    matrix = matrix or displayed.matrix
    rows, columns = shape = fitted_shape(matrix, recipe)
    if divisor > 1:
        return _in_8_bits(_averaged_samples(displayed.whole(), matrix, shape, divisor))
    if matrix[0] >= _MANY_ROWS * rows:
        return _in_8_bits(_averaged_strips(displayed, shape))
    if math.prod(shape) < math.prod(matrix):
        # rows first: the average is separable, and this order is twice as fast as both at once (2500 x 3000 pixels)
        shorter = cv2.resize(displayed.whole(), (matrix[1], rows), interpolation=cv2.INTER_AREA)
        resized = np.asarray(cv2.resize(shorter, (columns, rows), interpolation=cv2.INTER_AREA), dtype=np.uint32)
    else:
        whole = displayed.whole()
        resized = np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_LINEAR), dtype=np.uint32)
    return ((resized + UINT16_PER_UINT8 // 2) // UINT16_PER_UINT8).astype(np.uint8)


def _in_8_bits(averages: ArrayLike) -> NDArray[np.uint8]:
    return np.rint(np.asarray(averages) / UINT16_PER_UINT8).astype(np.uint8)


def _averaged_strips(displayed: Displayed, shape: tuple[int, int]) -> NDArray[np.float32]:
    rows, columns = shape
    edges = np.linspace(0, displayed.matrix[0], rows + 1)
    strips = (
        _averaged_rows(displayed, edges[row : row + _ROWS_AT_A_TIME + 1]) for row in range(0, rows, _ROWS_AT_A_TIME)
    )
    return np.vstack([cv2.resize(strip, (columns, len(strip)), interpolation=cv2.INTER_AREA) for strip in strips])


def _averaged_rows(displayed: Displayed, edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Average an image from each edge to the next, in rows: whole ones, and shares of those that the edges cut.

    Sums of up to 256 rows are exact.
    """
    cut = np.minimum(edges.astype(np.intp), displayed.matrix[0] - 1)
    strip = displayed.rows(slice(cut[0], cut[-1] + 1))
    averages = np.empty((len(edges) - 1, strip.shape[1]), dtype=np.float32)
    for row, (start, end) in enumerate(pairwise(cut - cut[0])):
        averages[row] = cv2.reduce(strip[start:end], 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F)
    above_edges = strip[cut - cut[0]] * (edges - cut).astype(np.float32)[:, np.newaxis]
    averages += above_edges[1:] - above_edges[:-1]
    averages /= np.diff(edges).astype(np.float32)[:, np.newaxis]
    return averages


def _averaged_samples(
    samples: NDArray[np.uint16], matrix: tuple[int, int], shape: tuple[int, int], divisor: int
) -> FloatImage:
    """Average the samples of a lower resolution over the same areas of the image as those of the whole matrix.

    Averaged as an image of their own they would lie up to half a sample too far to the lower right, and 99.9 % of the
    pixels within 49 gray levels of the whole image's instead of 12 (8 phantoms at a quarter of their sides).
    """
    rows, columns = (_edges(count, length, divisor) for count, length in zip(shape, matrix, strict=True))
    sums_from_corner = np.asarray(cv2.integral(samples, sdepth=cv2.CV_64F), dtype=np.float64)
    sums = np.diff(np.diff(_between(_between(sums_from_corner, rows).T, columns).T, axis=0), axis=1)
    averages: FloatImage = sums / np.outer(np.diff(rows), np.diff(columns))
    return averages


def _edges(count: int, length: int, step: int) -> FloatImage:
    """Return where a side of `length` pixels is cut into `count` parts, in samples that each stand for `step` pixels.

    A sample is the low-pass value at the first pixel of its block (T.800 F.3.6: low-pass samples are the even ones), so
    it stands for as much before the center of that pixel as after it, and the last one for what is left, too.
    """
    return (np.linspace(0, length, count + 1) - 0.5) / step + 0.5


def _between(sums: FloatImage, positions: FloatImage) -> FloatImage:
    """Interpolate sums along their first axis: linear within a sample, for it is constant, and beyond the last one."""
    before = np.minimum(positions.astype(np.intp), sums.shape[0] - 2)
    share = (positions - before)[:, np.newaxis]
    between: FloatImage = sums[before] * (1 - share) + sums[before + 1] * share
    return between
