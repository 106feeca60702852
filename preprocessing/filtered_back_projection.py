"""Filtered back-projection of parallel projections, slice by slice."""

import math

import numpy as np
from numpy.typing import NDArray

from specs.reconstruction import Butterworth, FilteredBackProjection

Reals = NDArray[np.float64]

_BORDER_MM = 100.0
"""Beyond it a Butterworth of order 5 at 0.45 cycles per cm answers a point with less than 0.1 % of its peak."""


def butterworth(frequency_per_cm: Reals, rules: Butterworth) -> Reals:
    """Return the magnitude of the filter, 0 to 1, at frequencies in cycles per cm, any shape."""
    magnitude: Reals = 1 / np.sqrt(1 + (np.abs(frequency_per_cm) / rules.cutoff_per_cm) ** (2 * rules.order))
    return magnitude


def smoothed(values: Reals, rules: Butterworth, *, spacing_mm: tuple[float, ...]) -> Reals:
    """Low-pass an array of one, two or three dimensions in all of them; its sum is kept, but for its borders.

    The borders are continued by zeros, so that nothing comes in from the other side.

    Args:
        values: Any unit.
        rules: Cutoff and order.
        spacing_mm: Of each axis.
    """
    shape = tuple(side + math.ceil(_BORDER_MM / mm) for side, mm in zip(values.shape, spacing_mm, strict=True))
    frequencies = [np.fft.fftfreq(side, d=mm / 10) for side, mm in zip(shape, spacing_mm, strict=True)]
    spectrum = np.fft.fftn(values, shape, axes=range(values.ndim))
    radius = np.sqrt(sum(each**2 for each in np.meshgrid(*frequencies, indexing="ij")))
    passed = np.fft.ifftn(spectrum * butterworth(np.asarray(radius), rules)).real
    return np.asarray(passed[tuple(slice(side) for side in values.shape)])


def filtered_back_projection(
    counts: Reals, angles_degrees: Reals, rules: FilteredBackProjection, *, pixel_mm: tuple[float, float]
) -> Reals:
    """Reconstruct slices.

    Views at all angles count the same, so they must be evenly spread.

    Args:
        counts: Views, shape (view, row, column); a row is a slice; columns as of `Projections`.
        angles_degrees: Of each view, shape (view,).
        rules: The filter.
        pixel_mm: Between rows and between columns.

    Returns:
        Counts a view that come from a voxel, shape (slice, row, column): front to back, right to left, the axis of
        rotation in the middle; 0 outside of the circle that all views see. Noise goes below 0.

    Source:
        `iradon` of scikit-image: ramp filter, linear interpolation.
    """
    from skimage.transform import iradon  # slow to import, and wanted only for raw projections

    low_passed = np.stack([smoothed(view, rules.smoothing, spacing_mm=pixel_mm) for view in counts])
    sinograms = np.stack([_moved(view, _offset(angle)) for view, angle in zip(low_passed, angles_degrees, strict=True)])
    # iradon's columns at angle a go cos a along columns and -sin a along rows: the opposite of ours
    slices = [iradon(slice_.T, theta=angles_degrees + 180, circle=True) for slice_ in sinograms.transpose(1, 0, 2)]
    return np.stack(slices)


def _offset(angle_degrees: float) -> float:
    """Return by how much of a bin a view is moved for `iradon`, whose axis is at pixel n // 2 and not in the middle.

    For an even count, the middle of the bins is moved to where it has its axis, and the middle of the slice, so that
    both are half a pixel from it.
    """
    angle = np.radians(angle_degrees)
    return float(0.5 * (-np.cos(angle) + np.sin(angle)) - 0.5)


def _moved(view: Reals, bins: float) -> Reals:
    """Return a view sampled so many bins farther along its columns: exact for the band that the filter passes."""
    columns = view.shape[-1]
    if columns % 2:
        return view
    padded = np.fft.rfft(view, 2 * columns, axis=-1)
    phase = np.exp(2j * np.pi * np.fft.rfftfreq(2 * columns) * bins)
    return np.asarray(np.fft.irfft(padded * phase, 2 * columns, axis=-1)[:, :columns])
