"""Ordered-subsets expectation maximization (OSEM) of parallel projections, slice by slice.

The projector rotates a slice so that the detector looks along its rows, by bilinear interpolation, and sums along
them. It is a sparse matrix, so that back-projection is its exact transpose: with one subset the likelihood can only
rise.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from specs.reconstruction import OrderedSubsets

Reals = NDArray[np.float64]


def projector(angles_degrees: Reals, *, columns: int) -> sparse.csr_array:
    """Return the matrix that projects a square slice.

    Args:
        angles_degrees: Where the detector is, 0 at the patient's back, 90 at the left: PS3.3 C.8.4.11.
        columns: Bins of a view, and the side of the slice; the axis of rotation is in the middle of both.

    Returns:
        Shape (views * columns, columns * columns): rows by view, then bin; columns by row of the slice, front to back,
        then its column, right to left. All weights are at least 0; those of a voxel sum to about 1 in each view.
    """
    return sparse.csr_array(
        sparse.vstack([_view(float(angle), columns=columns) for angle in np.radians(angles_degrees)])
    )


def _view(angle: float, *, columns: int) -> sparse.csr_array:
    """Return the matrix of one view; a bin lies (-cos, sin) to the left and to the back, by the detector (sin, cos)."""
    places = np.arange(columns) - (columns - 1) / 2
    along_bins, depth = (each.ravel() for each in np.meshgrid(places, places, indexing="ij"))
    left = -np.cos(angle) * along_bins + np.sin(angle) * depth + (columns - 1) / 2
    back = np.sin(angle) * along_bins + np.cos(angle) * depth + (columns - 1) / 2
    bins = np.repeat(np.arange(columns), columns)
    below_left, below_back = np.floor(left).astype(np.intp), np.floor(back).astype(np.intp)
    parts = []
    for step_left, step_back in ((0, 0), (0, 1), (1, 0), (1, 1)):
        column, row = below_left + step_left, below_back + step_back
        weight = (1 - np.abs(left - column)) * (1 - np.abs(back - row))
        is_inside = (column >= 0) & (column < columns) & (row >= 0) & (row < columns)
        place = (bins[is_inside], (row * columns + column)[is_inside])
        parts.append(sparse.coo_array((weight[is_inside], place), shape=(columns, columns * columns)))
    return sparse.csr_array(parts[0] + parts[1] + parts[2] + parts[3])


def ordered_subsets(counts: Reals, angles_degrees: Reals, rules: OrderedSubsets) -> Iterator[Reals]:
    """Reconstruct slices; no smoothing yet.

    A voxel that no view of a subset sees keeps its value; the first estimate is even. In a view without noise nor
    truncation the counts of the estimate are those measured.

    Args:
        counts: Views, shape (view, row, column), at least 0; a row is a slice.
        angles_degrees: Of each view, shape (view,).
        rules: Subsets and iterations.

    Yields:
        The estimate after each iteration, shape (slice, row, column): counts a view that come from a voxel, at least
        0; front to back, right to left.

    Source:
        Hudson HM and Larkin RS, IEEE Trans Med Imaging 1994;13:601-609; of one subset, Shepp LA and Vardi Y, the same
        1982;1:113-122.
    """
    views, slices, columns = counts.shape
    subsets = [np.arange(first, views, rules.subsets) for first in range(min(rules.subsets, views))]
    matrices = [projector(angles_degrees[subset], columns=columns) for subset in subsets]
    measured = [counts[subset].transpose(0, 2, 1).reshape(-1, slices) for subset in subsets]
    estimate = np.ones((columns * columns, slices))
    for _ in range(rules.iterations):
        for matrix, of_subset in zip(matrices, measured, strict=True):
            estimate = _updated(estimate, matrix, of_subset)
        yield estimate.T.reshape(slices, columns, columns)


def _updated(estimate: Reals, matrix: sparse.csr_array, measured: Reals) -> Reals:
    """Multiply the estimate by the back-projected ratio of measured to expected counts."""
    expected = matrix @ estimate
    ratio = np.divide(measured, expected, out=np.zeros_like(expected), where=expected > 0)
    sensitivity = (matrix.T @ np.ones(matrix.shape[0]))[:, None]
    factor = np.divide(matrix.T @ ratio, sensitivity, out=np.ones_like(estimate), where=sensitivity > 0)
    updated: Reals = estimate * factor
    return updated
