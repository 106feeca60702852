"""What a gamma camera and a PET scanner make of the activity of a phantom of myocardial perfusion."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from phantoms.myocardium_chest import PERFUSION_GRID, SIDE_MM
from phantoms.myocardium_rays import PER_MM, HalfTurn, passed
from phantoms.myocardium_sites import PerfusionTechnique
from phantoms.nuclear_dicom import StoredCounts
from phantoms.pet_shapes import FloatVolume, Triple

STORED_PER_COUNT: Final = 8.0
"""A reconstruction's values are scaled to whole numbers: our choice."""
_FWHM_PER_SIGMA: Final = math.sqrt(8 * math.log(2))
_VIEWS_DEG: Final = np.arange(-45.0, 136.0, 22.5)
"""Where the detector stands, from the patient's front to the left: 45 degrees right anterior oblique to 45 degrees left
posterior oblique, the usual half turn; fewer views than a camera's, for attenuation is smooth."""
_COARSE: Final = 2
"""Rays are followed on every other voxel."""
_SCATTER_MM: Final = 32.0
"""Standard deviation of the halo that scatter leaves."""
_FILTERED: Final = 0.55
"""Part of the resolution that is the reconstruction's filter, which smooths the noise too: our choice."""
_DRAWN_FWHM_MM: Final = 0.68 * SIDE_MM
"""What voxels of `PERFUSION_GRID` blur by themselves: a box has a standard deviation of its side over sqrt(12)."""
_ABOVE_CARINA_MM: Final = 44.0
"""Of the highest slice: our choice, so that heart, liver and bowel are seen."""
_FULL_MBQ: Final = 740.0


@dataclass(frozen=True, kw_only=True)
class PerfusionFrame:
    """The voxels of a SPECT volume and where the patient's carina lies in it.

    Attributes:
        shape: Numbers of slices, rows and columns.
        spacing_mm: Side of a voxel.
        shift_mm: Of the carina from the place where it is in the middle of rows and columns, (head, back, left).
    """

    shape: tuple[int, int, int]
    spacing_mm: float
    shift_mm: Triple

    def seen(self, drawn: FloatVolume) -> FloatVolume:
        """Sample a volume on `PERFUSION_GRID` at the voxels, linearly; 0 outside."""
        offset = (self.first_mm - np.array(self.shift_mm) - np.array(PERFUSION_GRID.first_mm)) / SIDE_MM
        steps = np.full(3, self.spacing_mm / SIDE_MM)
        return np.asarray(
            ndimage.affine_transform(drawn, steps, offset, self.shape, output=np.float32, order=1), np.float32
        )

    @property
    def first_mm(self) -> NDArray[np.float64]:
        """Center of voxel (0, 0, 0), (head, back, left) from the middle of rows and columns at the carina's height."""
        slices, rows, columns = self.shape
        highest = _ABOVE_CARINA_MM - (slices - 1) * self.spacing_mm
        return np.array([highest, -(rows - 1) / 2 * self.spacing_mm, -(columns - 1) / 2 * self.spacing_mm])


def transmission(density: FloatVolume) -> FloatVolume:
    """Return which share of the photons from each voxel leaves the body, the mean of a half turn.

    Args:
        density: Of what attenuates, on `PERFUSION_GRID`.

    Returns:
        Above 0 and at most 1, the same shape: what slices that are reconstructed without correction lack, to first
        order.

    Source:
        Chang LT, IEEE Trans Nucl Sci 1978;25:638-643: the mean over the views of the attenuation along each ray.
    """
    coarse = np.ascontiguousarray(density[::_COARSE, ::_COARSE, ::_COARSE])
    mean = np.zeros_like(coarse)
    for degrees in _VIEWS_DEG:
        mean += _along(coarse, math.radians(float(degrees)))
    mean /= len(_VIEWS_DEG)
    steps = np.full(3, 1 / _COARSE)
    fine = ndimage.affine_transform(mean, steps, 0.0, density.shape, output=np.float32, order=1, mode="nearest")
    return np.asarray(fine, np.float32)


def _along(density: FloatVolume, angle: float) -> FloatVolume:
    """Return what is transmitted to a detector at an angle from the front to the left."""
    turn = HalfTurn(shape=density.shape, angle=angle)
    path = np.float32(-PER_MM * SIDE_MM * _COARSE)
    seen = np.empty_like(density)
    for index, image in enumerate(density):
        seen[index] = turn.back(np.exp(path * passed(turn.forth(image))))
    return seen


def spect_counts(
    rng: np.random.Generator,
    activity: FloatVolume,
    *,
    transmitted: FloatVolume,
    frame: PerfusionFrame,
    technique: PerfusionTechnique,
    dose_mbq: float,
) -> FloatVolume:
    """Reconstruct slices without correction for attenuation.

    Args:
        rng: Of the noise.
        activity: Over that of healthy wall, on `PERFUSION_GRID`.
        transmitted: Share of the photons that leaves the body, on the same grid.
        frame: The voxels.
        technique: Resolution, sensitivity.
        dose_mbq: Injected activity.

    Returns:
        Values in the unit of the file, 0 and up, axes (slice, row, column) in patient axes: dimmer where photons are
        lost, blurred, with a halo, of Poisson counts, smoothed.
    """
    filter_mm = _FILTERED * technique.fwhm_mm
    seen = collimated(activity * transmitted, frame=frame, technique=technique, dose_mbq=dose_mbq)
    counts = rng.poisson(np.maximum(seen, 0)).astype(np.float32)
    smooth = ndimage.gaussian_filter(counts, filter_mm / _FWHM_PER_SIGMA / frame.spacing_mm)
    return np.asarray(smooth * np.float32(STORED_PER_COUNT), np.float32)


def collimated(
    activity: FloatVolume, *, frame: PerfusionFrame, technique: PerfusionTechnique, dose_mbq: float
) -> FloatVolume:
    """Return the counts that each voxel sends, blurred by the collimator alone, with a halo of scatter."""
    filter_mm = _FILTERED * technique.fwhm_mm
    blur_mm = math.sqrt(technique.fwhm_mm**2 - filter_mm**2 - _DRAWN_FWHM_MM**2)
    seen = frame.seen(ndimage.gaussian_filter(activity, blur_mm / _FWHM_PER_SIGMA / SIDE_MM, truncate=3))
    seen += np.float32(technique.scatter) * (_widely_blurred(seen, frame.spacing_mm) - seen)
    voxel_ml = frame.spacing_mm**3 / 1000
    return np.asarray(seen * np.float32(technique.counts * dose_mbq / _FULL_MBQ * voxel_ml), np.float32)


def pet_activity(activity: FloatVolume, *, fwhm_mm: float) -> FloatVolume:
    """Return what a PET scanner measures without noise: the activity on its grid, blurred to a resolution."""
    blur_mm = math.sqrt(fwhm_mm**2 - _DRAWN_FWHM_MM**2)
    blurred = ndimage.gaussian_filter(activity, blur_mm / _FWHM_PER_SIGMA / SIDE_MM, truncate=3)
    return np.asarray(blurred, np.float32)


def pet_noise(rng: np.random.Generator, measured: FloatVolume, *, noise: float) -> FloatVolume:
    """Return noise for a PET volume, whose variance is in proportion to the activity, as smooth as its resolution.

    Args:
        rng: Source of chance.
        measured: Without noise, over the activity of healthy wall.
        noise: Standard deviation in healthy wall.
    """
    grain = ndimage.gaussian_filter(rng.standard_normal(measured.shape, np.float32), 0.5, truncate=3)
    grain *= np.float32(noise) / grain.std() * np.sqrt(np.maximum(measured, 0))
    return np.asarray(grain, np.float32)


def stored(values: FloatVolume, technique: PerfusionTechnique) -> StoredCounts:
    """Bring values in patient axes into the order of the file and to whole numbers."""
    whole = np.clip(np.rint(values), 0, 65_535).astype(np.uint16)
    frames = whole[::-1] if technique.head_first_slice else whole
    return np.ascontiguousarray(frames[:, :, ::-1] if technique.seen_from_above else frames)


def _widely_blurred(values: FloatVolume, spacing_mm: float) -> FloatVolume:
    """Blur by two boxes, whose standard deviation is that of the halo."""
    side = max(1, round(_SCATTER_MM * math.sqrt(6) / spacing_mm))
    return np.asarray(ndimage.uniform_filter(ndimage.uniform_filter(values, side), side), np.float32)
