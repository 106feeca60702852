"""The heart-to-mediastinum ratio of a planar image of cardiac MIBG, and what it is on a standard collimator."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from preprocessing.planar_image import PlanarCounts, PlanarImage
from preprocessing.planar_match import MaskedVolume, heart_on_planar
from preprocessing.unknown import Unknown
from specs.mibg import MIBG_PLANAR_MATCH, STANDARD_COEFFICIENT, Collimator, PlanarRules

_Region = NDArray[np.bool_]
_FWHM_PER_SIGMA = 2.3548
_AIR_SHARE = 0.04
"""Of the brightest place: our choice, for the liver is ten times brighter than the chest."""


@dataclass(frozen=True, kw_only=True)
class PlanarRatio:
    """What a planar image says of the heart.

    Attributes:
        heart_counts: Mean counts of a pixel of the circle on the heart.
        mediastinum_counts: The same of the rectangle in the upper mediastinum; above 0.
        heart: The circle, shape of the image.
        mediastinum: The rectangle, shape of the image.
    """

    heart_counts: float
    mediastinum_counts: float
    heart: _Region
    mediastinum: _Region

    @property
    def ratio(self) -> float:
        """Heart over mediastinum as the collimator shows it, unit 1."""
        return self.heart_counts / self.mediastinum_counts


@dataclass(frozen=True, kw_only=True)
class _Landmarks:
    """Where the body lies on an image, mm from the outer corner of the first pixel."""

    liver_top_mm: float
    middle_mm: float
    width_mm: float


def planar_ratio(image: PlanarImage, seen: MaskedVolume, rules: PlanarRules) -> PlanarRatio | Unknown:
    """Place a circle on the heart and a rectangle in the upper mediastinum, and compare their mean counts.

    The circle is where the heart of SPECT is on the image, by all that both show: a heart without uptake has no bright
    place of its own. It is moved off the liver by a little at most. Above it, in the middle of the body, the rectangle
    is on the darkest place. The outline of the body and the top of the liver, where counts rise most steeply, say
    about where hearts are: a circle elsewhere is not believed.

    Args:
        image: Anterior view of the chest.
        seen: The SPECT volume of the same time, with its masks.
        rules: Of the regions.

    Returns:
        The ratio and both regions; unknown where no chest with a liver is seen, the heart's place cannot be known, or
        the counts are too few.

    Source:
        Ratio of the mean counts of a pixel, heart over upper mediastinum: the usual form. The rule: our choice.
    """
    smooth = _smoothed(image.counts, image, rules.smoothing_mm)
    marks = _landmarks(smooth, image, rules)
    if isinstance(marks, Unknown):
        return marks
    center_mm = _heart_center(smooth, image, seen, marks, rules)
    if isinstance(center_mm, Unknown):
        return center_mm
    heart = _circle(image, center_mm, radius_mm=rules.heart_diameter_mm / 2)
    mediastinum = _darkest_rectangle(smooth, image, marks, heart_up_mm=center_mm[0], rules=rules)
    if mediastinum is None or not heart.any():
        return Unknown(reason="the image does not reach from the heart to the upper mediastinum")
    heart_counts, mediastinum_counts = (float(image.counts[region].mean()) for region in (heart, mediastinum))
    if mediastinum_counts < rules.fewest_counts:
        return Unknown(reason=f"the mediastinum has fewer than {rules.fewest_counts:g} counts a pixel")
    return PlanarRatio(
        heart_counts=heart_counts, mediastinum_counts=mediastinum_counts, heart=heart, mediastinum=mediastinum
    )


def known_collimator(name: str, declared: Iterable[Collimator]) -> Collimator | Unknown:
    """Return what is declared of a collimator by its name in capitals without marks, as `PlanarImage` has it."""
    for collimator in declared:
        if collimator.kind == name:
            return collimator
    what = "not stated" if not name else "not one whose conversion coefficient is declared"
    return Unknown(reason=f"not standardized: the collimator is {what}")


def standardized_ratio(ratio: float, *, coefficient: float) -> float:
    """Return what a planar heart-to-mediastinum ratio would be on the standard collimator, unit 1.

    Planar ratios only: what a collimator lets through blurs a volume otherwise.

    Args:
        ratio: As the collimator shows it, unit 1.
        coefficient: Conversion coefficient of the collimator, above 0.

    Raises:
        ValueError: the coefficient is not above 0.

    Source:
        Nakajima K et al., J Nucl Cardiol 2014;21:970-978 (10.1007/s12350-014-9916-2); PMC6133137.
    """
    if not coefficient > 0:
        raise ValueError("A conversion coefficient is above 0")
    return 1 + (ratio - 1) * STANDARD_COEFFICIENT / coefficient


def _smoothed(counts: PlanarCounts, image: PlanarImage, fwhm_mm: float) -> PlanarCounts:
    sigmas = [fwhm_mm / _FWHM_PER_SIGMA / side for side in image.pixel_mm]
    return np.asarray(ndimage.gaussian_filter(counts, sigmas), np.float32)


def _landmarks(smooth: PlanarCounts, image: PlanarImage, rules: PlanarRules) -> _Landmarks | Unknown:
    brightest = float(smooth.max(initial=0))
    if brightest <= 0:
        return Unknown(reason="the image is empty")
    body = smooth > rules.body_level * float(np.median(smooth[smooth > _AIR_SHARE * brightest]))
    row_mm, column_mm = image.pixel_mm
    middle = round(float(ndimage.center_of_mass(body)[1]))
    profile = smooth[:, :middle].max(axis=1)  # of the patient's right half
    peak = int(profile.argmax())
    first = max(peak - round(rules.liver_dome_mm / row_mm), 0)  # above it, shoulders rise steeply from the air
    if peak == first:
        return Unknown(reason="no top of a liver is seen")
    top = first + int(np.diff(profile[first : peak + 1]).argmax())
    columns = np.flatnonzero(body[top])
    if columns.size == 0:
        return Unknown(reason="no outline of a body is seen")
    width_mm = float(columns[-1] - columns[0] + 1) * column_mm
    if width_mm not in rules.body_mm:
        return Unknown(reason="what is seen is not as wide as a chest")
    return _Landmarks(
        liver_top_mm=(top + 1) * row_mm,
        middle_mm=float(columns[0] + columns[-1] + 1) / 2 * column_mm,
        width_mm=width_mm,
    )


def _places_mm(image: PlanarImage) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the centers of rows and columns are, mm, to be spread over each other."""
    rows, columns = (
        (np.arange(size) + 0.5) * side for size, side in zip(image.counts.shape, image.pixel_mm, strict=True)
    )
    return rows[:, None], columns[None]


def _circle(image: PlanarImage, center_mm: tuple[float, float], *, radius_mm: float) -> _Region:
    rows, columns = _places_mm(image)
    circle: _Region = np.hypot(rows - center_mm[0], columns - center_mm[1]) <= radius_mm
    return circle


def _heart_center(
    smooth: PlanarCounts, image: PlanarImage, seen: MaskedVolume, marks: _Landmarks, rules: PlanarRules
) -> tuple[float, float] | Unknown:
    """Return where the heart of SPECT is on the image, or the nearest place that the liver does not reach."""
    found = heart_on_planar(image, seen, MIBG_PLANAR_MATCH)
    if isinstance(found, Unknown):
        return found
    radius_mm = rules.heart_diameter_mm / 2
    about = (
        marks.liver_top_mm - rules.heart_upward_mm,
        marks.middle_mm + rules.heart_leftward * marks.width_mm,
    )
    if math.dist(found, about) > rules.heart_search_mm + radius_mm:
        return Unknown(reason="the heart of SPECT would be where no heart is on the planar image")
    beyond_liver_mm = ndimage.distance_transform_edt(~_liver(smooth, rules), image.pixel_mm)
    free = beyond_liver_mm >= radius_mm + rules.liver_margin_mm
    rows, columns = _places_mm(image)
    away_mm = np.where(free, np.hypot(rows - found[0], columns - found[1]), np.inf)
    row, column = np.unravel_index(int(away_mm.argmin()), away_mm.shape)
    nearest_mm = float(away_mm[row, column])
    if nearest_mm <= math.hypot(*image.pixel_mm):
        return found
    if nearest_mm > MIBG_PLANAR_MATCH.largest_step_aside_mm:
        return Unknown(reason="the liver reaches over the heart on the planar image")
    return float(rows[row, 0]), float(columns[0, column])


def _liver(smooth: PlanarCounts, rules: PlanarRules) -> _Region:
    """Return the bright part about the brightest place of the patient's right half."""
    right = smooth[:, : smooth.shape[1] // 2]
    peak = np.unravel_index(int(right.argmax()), right.shape)
    parts, _ = ndimage.label(smooth >= rules.liver_level * right[peak])
    liver: _Region = parts == parts[peak]
    return liver


def _darkest_rectangle(
    smooth: PlanarCounts, image: PlanarImage, marks: _Landmarks, *, heart_up_mm: float, rules: PlanarRules
) -> _Region | None:
    """Return the rectangle of the fewest counts in the middle of the body above the heart; None beyond the image."""
    rows, columns = _places_mm(image)
    beside = np.abs(columns - marks.middle_mm) <= rules.mediastinum_width * marks.width_mm / 2
    least, most = rules.mediastinum_upward_mm
    found: tuple[float, _Region] | None = None
    for center_mm in np.arange(heart_up_mm - most, heart_up_mm - least, image.pixel_mm[0]):
        if center_mm - rules.mediastinum_height_mm / 2 < 0:
            continue
        region: _Region = (np.abs(rows - center_mm) <= rules.mediastinum_height_mm / 2) & beside
        counts = float(smooth[region].mean()) if region.any() else np.inf
        if np.isfinite(counts) and (found is None or counts < found[0]):
            found = counts, region
    return None if found is None else found[1]
