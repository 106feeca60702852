"""Washout of 123I-MIBG from early to late, in the three published forms. Pure numbers, for planar and SPECT alike.

Source:
    Of a region's mean counts: PMC2709219. With background, and of ratios, in their usual forms.
"""

from preprocessing.unknown import Unknown


def decay_correction(seconds: float, *, half_life_s: float) -> float:
    """Return the factor from counts to what they were so many seconds earlier, 1 and up for a time of 0 and up."""
    return float(2 ** (seconds / half_life_s))


def washout_percent(*, early: float, late: float) -> float | Unknown:
    """Return how much of a region's mean counts is lost beyond decay, %; below 0 where it gained.

    Args:
        early: Mean counts of the region.
        late: The same at the late time, corrected for decay to the early one.
    """
    if not early > 0:
        return Unknown(reason="there are no early counts to lose any of")
    return 100 * (early - late) / early


def background_corrected_washout_percent(
    *, early: float, late: float, early_background: float, late_background: float
) -> float | Unknown:
    """Return how much is lost beyond decay of what a region has above the background, %.

    Args:
        early: Mean counts of the region.
        late: The same at the late time, corrected for decay to the early one.
        early_background: Mean counts of the background: of planar images the upper mediastinum.
        late_background: The same at the late time, corrected for decay to the early one.

    Returns:
        The share in %; unknown where the early region is not above its background, as of a heart without uptake.
    """
    excess = early - early_background
    if not excess > 0:
        return Unknown(reason="the early region is not above the background")
    return 100 * (excess - (late - late_background)) / excess


def ratio_washout_percent(*, early_ratio: float, late_ratio: float) -> float | Unknown:
    """Return how much a ratio to a reference region falls, %: no decay is corrected for, as it cancels.

    Args:
        early_ratio: Early ratio, above 0.
        late_ratio: Late ratio.
    """
    if not early_ratio > 0:
        return Unknown(reason="the early ratio is not above 0")
    return 100 * (early_ratio - late_ratio) / early_ratio
