"""The brain in a volume of brain SPECT: where it is, and where its middle plane lies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from preprocessing.volume import HEADWARD, LEFTWARD, Volume
from specs.striatum import StriatumRules

BrainMask = NDArray[np.bool_]
"""What belongs to the brain, the shape of its volume."""

_SMOOTHING_MM = 8.0
"""FWHM of the smoothing before the brain is delineated, about the resolution of SPECT: our choice."""
_FWHM_PER_SIGMA = 2.3548
_AIR_SHARE = 0.05
"""Share of the brightest activity below which a place is air: our choice, for a striatum holds up to ten times as much
as the rest of the brain."""


@dataclass(frozen=True, kw_only=True)
class Brain:
    """The brain of a volume.

    Attributes:
        mask: What belongs to it, axes (slice, row, column) of the volume.
        level: Its typical activity, in the unit of the volume; above 0.
        center_mm: Its center of mass, mm from the outer corner of voxel (0, 0, 0), in the order of the axes.
    """

    mask: BrainMask
    level: float
    center_mm: tuple[float, float, float]

    @property
    def middle_mm(self) -> float:
        """Where the plane between the hemispheres is, mm to the left."""
        return self.center_mm[LEFTWARD]

    def volume_ml(self, volume: Volume) -> float:
        """Return how large it is, mL."""
        return float(self.mask.sum() * voxel_ml(volume))


def voxel_ml(volume: Volume) -> float:
    """Return the size of a voxel, mL."""
    return float(np.prod(volume.spacing_mm)) / 1000


def find_brain(volume: Volume, rules: StriatumRules) -> Brain | None:
    """Find the largest connected part that holds about what the brain typically holds; None in an empty volume.

    A mirrored volume has the mirrored brain.
    """
    sigma = [_SMOOTHING_MM / _FWHM_PER_SIGMA / spacing for spacing in volume.spacing_mm]
    smooth = ndimage.gaussian_filter(volume.values, sigma)
    brightest = float(smooth.max(initial=0.0))
    if brightest <= 0:
        return None
    level = float(np.median(smooth[smooth > _AIR_SHARE * brightest]))
    parts, count = ndimage.label(smooth > rules.brain_level * level)
    if count == 0:
        return None
    mask = parts == 1 + int(np.argmax(np.bincount(parts.ravel())[1:]))
    centers = ndimage.center_of_mass(mask)
    center = [(place + 0.5) * spacing for place, spacing in zip(centers, volume.spacing_mm, strict=True)]
    return Brain(mask=mask, level=level, center_mm=(center[HEADWARD], center[1], center[2]))


def without_rim(brain: Brain, volume: Volume, *, rim_mm: float) -> BrainMask:
    """Return the part of the brain that is farther than `rim_mm` from its surface."""
    (box,) = ndimage.find_objects(brain.mask.astype(np.uint8))
    with_air = np.pad(brain.mask[box], 1)  # as the box is tight, its faces would not count as the surface
    depth = ndimage.distance_transform_edt(with_air, sampling=volume.spacing_mm)[1:-1, 1:-1, 1:-1]
    inner = np.zeros_like(brain.mask)
    inner[box] = depth > rim_mm
    return inner
