"""Where a grid holds what is brighter than both its inside and its surroundings, as the left ventricle is."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from preprocessing.grid import Grid
from preprocessing.sampling import Points, places_mm
from specs.left_ventricle import VentricleRules

_FWHM_PER_SIGMA = 2.3548
_MOST = 4
"""Most candidates that are looked at: in the sample of a real patient the ventricle is the first."""

Reals = NDArray[np.float64]


def smoothed_values(grid: Grid, *, fwhm_mm: float) -> Reals:
    """Return the values of a grid after a Gaussian filter."""
    sigma = [fwhm_mm / _FWHM_PER_SIGMA / spacing for spacing in grid.spacing_mm]
    return np.asarray(ndimage.gaussian_filter(grid.values.astype(np.float64), sigma))


def hollow_centers(grid: Grid, rules: VentricleRules) -> Points:
    """Return the centers of what is most like a hollow ball, the best first.

    Returns:
        Shape (candidates, 3), mm, LPS; no candidate where nothing is.
    """
    values = smoothed_values(grid, fwhm_mm=rules.smoothing_mm)
    score = np.max(
        [_hollowness(values, grid.spacing_mm, radius_mm, rules) for radius_mm in rules.wall_radii_mm], axis=0
    )
    reach = [2 * round(min(rules.wall_radii_mm) / spacing) + 1 for spacing in grid.spacing_mm]
    is_peak = (score == ndimage.maximum_filter(score, size=reach)) & (score > 0)
    peaks = np.argwhere(is_peak)
    order = np.argsort(-score[is_peak], kind="stable")[:_MOST]
    return places_mm(grid, peaks[order].astype(np.float64))


def _hollowness(values: Reals, spacing_mm: tuple[float, ...], radius_mm: float, rules: VentricleRules) -> Reals:
    """Return the mean of a shell about each voxel less the mean of what it holds and of what holds it."""
    from scipy import signal  # slow to import, and wanted only where a ventricle is looked for

    half = rules.wall_mm / 2
    sides = [np.arange(-n, n + 1) * mm for mm in spacing_mm for n in [int(np.ceil((radius_mm + 3 * half) / mm))]]
    distance = np.sqrt(sum(each**2 for each in np.meshgrid(*sides, indexing="ij")))
    shell = np.abs(distance - radius_mm) <= half
    inside, outside = distance < radius_mm - half, (distance > radius_mm + half) & (distance <= radius_mm + 3 * half)
    kernel = shell / shell.sum() - inside / (2 * max(inside.sum(), 1)) - outside / (2 * outside.sum())
    return np.asarray(signal.fftconvolve(values, kernel, mode="same"))
