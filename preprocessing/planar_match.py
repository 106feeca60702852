"""Where the heart of a SPECT volume is on the anterior planar image of the same study and time.

A planar image says nowhere where in the patient it lies. The volume is projected to the front and laid over the image,
so that what both show coincides: lungs and liver lead to a heart that takes up nothing.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from preprocessing.organ_masks import OrganMasks
from preprocessing.planar_image import PlanarCounts, PlanarImage
from preprocessing.unknown import Unknown
from preprocessing.volume import Volume
from specs.mibg import PlanarMatchRules

_FWHM_PER_SIGMA = 2.3548


@dataclass(frozen=True, kw_only=True)
class MaskedVolume:
    """A SPECT volume and the masks on its grid."""

    volume: Volume
    masks: OrganMasks


def heart_on_planar(image: PlanarImage, seen: MaskedVolume, rules: PlanarMatchRules) -> tuple[float, float] | Unknown:
    """Find the middle of the heart's mask on a planar image.

    The projection is shifted, not turned or stretched: both images are of one person who lies in one camera.

    Args:
        image: Anterior view, not empty.
        seen: What SPECT shows at the same time.
        rules: How the two are compared.

    Returns:
        Row and column, mm from the outer corner of the first pixel; unknown where there is no heart in the masks, or
        the images do not fit on each other.

    Source:
        Our choice.
    """
    if not seen.masks.heart.any():
        return Unknown(reason="no heart was found")
    slice_mm, _, column_mm = seen.volume.spacing_mm
    sides_mm = (slice_mm, column_mm)
    template = _levels(_on_grid(_from_front(seen.volume.values), sides_mm, rules), rules)
    organs = _on_grid(_from_front(seen.masks.any_organ), sides_mm, rules) > 0
    heart_place = ndimage.center_of_mass(_on_grid(_from_front(seen.masks.heart), sides_mm, rules))
    rows, columns = (_span(np.asarray(organs.any(axis=axis))) for axis in (1, 0))
    margin = round(rules.beyond_mm / rules.step_mm)
    # a projection may reach beyond the image: what is there is taken to be as at its border
    picture = np.pad(_levels(_on_grid(image.counts, image.pixel_mm, rules), rules), margin, mode="edge")
    template = template[rows, columns]
    if any(size < least for size, least in zip(picture.shape, template.shape, strict=True)):
        return Unknown(reason="the planar image is smaller than what SPECT shows of lungs and liver")
    fits = cv2.matchTemplate(picture, template, cv2.TM_CCOEFF_NORMED)
    best = np.unravel_index(int(fits.argmax()), fits.shape)
    if not float(fits[best]) >= rules.least_correlation:
        return Unknown(reason="planar image and SPECT do not show the same chest")
    row, column = (
        (float(place) + float(within) - span.start - margin + 0.5) * rules.step_mm
        for place, within, span in zip(best, heart_place, (rows, columns), strict=True)
    )
    return row, column


def _from_front(values: NDArray[np.float32] | NDArray[np.bool_]) -> PlanarCounts:
    """Sum a volume from front to back, the head up."""
    return np.asarray(values.sum(axis=1)[::-1], np.float32)


def _on_grid(counts: PlanarCounts, sides_mm: tuple[float, float], rules: PlanarMatchRules) -> PlanarCounts:
    """Smooth an image and sample it at the middles of square pixels that begin at its outer corner."""
    smooth = ndimage.gaussian_filter(counts, [rules.smoothing_mm / _FWHM_PER_SIGMA / side for side in sides_mm])
    shape = tuple(max(int(size * side / rules.step_mm), 1) for size, side in zip(counts.shape, sides_mm, strict=True))
    steps = [rules.step_mm / side for side in sides_mm]
    offset = [step / 2 - 0.5 for step in steps]
    sampled = ndimage.affine_transform(smooth, steps, offset, shape, output=np.float32, order=1, mode="nearest")
    return np.asarray(sampled, np.float32)


def _levels(counts: PlanarCounts, rules: PlanarMatchRules) -> PlanarCounts:
    """Return logarithms, so that a liver ten times as bright as the chest does not decide alone; air is all one."""
    level = float(np.median(counts[counts > rules.air_share * counts.max(initial=0)]))
    return np.asarray(np.log(np.maximum(counts / level, rules.darkest)), np.float32)


def _span(is_there: NDArray[np.bool_]) -> slice:
    places = np.flatnonzero(is_there)
    return slice(int(places[0]), int(places[-1]) + 1)
