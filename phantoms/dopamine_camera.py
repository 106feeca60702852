"""Where and how dopamine transporters are imaged: two institutions, and what their cameras make of an activity.

Neither people nor diseases differ between the sites, only the cameras and what is written of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from phantoms.dopamine_head import Activity
from phantoms.sites import Range, Site

StoredVolume = NDArray[np.uint16]
"""Stored counts, axes (frame, row, column) as the file has them."""

MATRIX: Final = 128
_HEIGHT_MM: Final = 165.0
_FWHM_PER_SIGMA: Final = 2.3548
_SCATTER_MM: Final = 60.0
"""Width of the halo that scatter not corrected for leaves."""


@dataclass(frozen=True, kw_only=True)
class CameraHabits:
    """How one institution images the transporters; probabilities, and ranges of uniform distributions.

    Attributes:
        manufacturer_model: Manufacturer's Model Name (0008,1090).
        spacings_mm: Sides of a voxel, each as likely.
        fwhm_mm: Resolution of the reconstructed images.
        noise: Standard deviation of the noise in gray matter over its mean.
        attenuation: Share of the activity that is missing in the middle of the brain: what correction left.
        scatter: Share of the activity that lies in the halo: what correction left.
        counts: Stored counts of a voxel of gray matter.
        attenuation_corrected: Whether Corrected Image (0028,0051) says so.
        head_first_slice: Share whose slices are stacked from the head down, with a negative spacing between slices.
        seen_from_above: Share whose rows run from the patient's left to the right.
    """

    manufacturer_model: str
    spacings_mm: tuple[float, ...]
    fwhm_mm: Range
    noise: Range
    attenuation: Range
    scatter: Range
    counts: Range
    attenuation_corrected: bool
    head_first_slice: float
    seen_from_above: float


CAMERAS: Final[Mapping[Site, CameraHabits]] = MappingProxyType(
    {
        Site.A: CameraHabits(
            manufacturer_model="SPECT phantom",
            spacings_mm=(3.0, 3.3),
            fwhm_mm=(8.0, 10.0),
            noise=(0.04, 0.08),
            attenuation=(-0.03, 0.08),
            scatter=(0.02, 0.08),
            counts=(60, 180),
            attenuation_corrected=True,
            head_first_slice=0.3,
            seen_from_above=0.0,
        ),
        Site.B: CameraHabits(
            manufacturer_model="SPECT phantom, other maker",
            spacings_mm=(3.9, 4.42, 4.8),
            fwhm_mm=(10.0, 13.0),
            noise=(0.06, 0.11),
            attenuation=(0.05, 0.20),
            scatter=(0.06, 0.14),
            counts=(25, 90),
            attenuation_corrected=False,
            head_first_slice=0.7,
            seen_from_above=0.3,
        ),
    }
)
"""Our choice throughout, in the range of clinical cameras: 8 to 13 mm, 3.0 to 4.8 mm."""


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """One acquisition and reconstruction; quantities as in `CameraHabits`.

    Attributes:
        spacing_mm: Side of a voxel.
        slices: Number of slices.
        fwhm_mm: Resolution.
        noise: Relative noise of gray matter.
        attenuation: Share missing in the middle.
        scatter: Share in the halo.
        counts: Stored counts of a voxel of gray matter.
        attenuation_corrected: Whether the file says so.
        head_first_slice: Whether the first frame is the highest slice.
        seen_from_above: Whether rows run from the patient's left to the right.
    """

    spacing_mm: float
    slices: int
    fwhm_mm: float
    noise: float
    attenuation: float
    scatter: float
    counts: float
    attenuation_corrected: bool
    head_first_slice: bool
    seen_from_above: bool

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of slices, rows and columns."""
        return self.slices, MATRIX, MATRIX

    def stored(self, volume: Activity) -> StoredVolume:
        """Bring a volume in patient axes into the order and the counts of the file."""
        counts = np.clip(np.rint(volume * np.float32(self.counts)), 0, 65_535).astype(np.uint16)
        frames = counts[::-1] if self.head_first_slice else counts
        return np.ascontiguousarray(frames[:, :, ::-1] if self.seen_from_above else frames)


def draw_acquisition(rng: np.random.Generator, habits: CameraHabits) -> Acquisition:
    """Draw one acquisition; it does not depend on the patient."""
    spacing_mm = float(habits.spacings_mm[int(rng.integers(len(habits.spacings_mm)))])
    order, view = rng.random(2)
    return Acquisition(
        spacing_mm=spacing_mm,
        slices=round(_HEIGHT_MM / spacing_mm),
        fwhm_mm=float(rng.uniform(*habits.fwhm_mm)),
        noise=float(rng.uniform(*habits.noise)),
        attenuation=float(rng.uniform(*habits.attenuation)),
        scatter=float(rng.uniform(*habits.scatter)),
        counts=float(rng.uniform(*habits.counts)),
        attenuation_corrected=habits.attenuation_corrected,
        head_first_slice=bool(order < habits.head_first_slice),
        seen_from_above=bool(view < habits.seen_from_above),
    )


def image(rng: np.random.Generator, activity: Activity, *, depth: Activity, acquisition: Acquisition) -> Activity:
    """Image an activity as a camera and its reconstruction would show it.

    Args:
        rng: Of the noise.
        activity: In units of gray matter's nonspecific concentration.
        depth: Of each voxel in the brain, 0 (surface, outside) to 1 (middle), of the same shape.
        acquisition: Technique.

    Returns:
        Activity as imaged, 0 and up, of the same shape: blurred, dimmer in the middle, with a halo, and with noise
        that grows as the square root of the activity and is as smooth as a reconstruction's.
    """
    sigma = acquisition.fwhm_mm / _FWHM_PER_SIGMA / acquisition.spacing_mm
    seen = ndimage.gaussian_filter(activity, sigma, truncate=3.5)
    if acquisition.scatter > 0:
        side = max(1, round(_SCATTER_MM / acquisition.spacing_mm / 2))
        halo = ndimage.uniform_filter(ndimage.uniform_filter(seen, side), side)
        seen += np.float32(acquisition.scatter) * (halo - seen)
    if acquisition.attenuation:
        seen *= 1 - np.float32(acquisition.attenuation) * depth
    if acquisition.noise > 0:
        white = rng.standard_normal(seen.shape, np.float32)
        grain = ndimage.gaussian_filter(white, 0.8 * sigma, truncate=3)
        grain *= np.float32(acquisition.noise) / grain.std()
        seen += grain * np.sqrt(np.maximum(seen, np.float32(0.02)))
    return np.maximum(seen, np.float32(0))
