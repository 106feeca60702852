"""The numbers that classifiers take of what the striata take up."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from preprocessing.striatum import StriatalUptake
from specs.striatal_recipes import PROFILE_LOWERS, PROFILE_MEANS, StriatalFeature

_GREATEST_DIFFERENCE_PERCENT: Final = 200.0
"""Of two sides of which one alone binds."""


def striatal_feature(name: StriatalFeature, uptake: StriatalUptake, *, age_years: float) -> float:
    """Return a feature, as `StriatalFeature` defines it; sides exchanged give the same.

    Args:
        name: Which one.
        uptake: Of both striata.
        age_years: The patient's age.

    Returns:
        Years, %, or unit 1, as the feature is defined; always finite.
    """
    return age_years if name is StriatalFeature.AGE_YEARS else _FEATURES[name](uptake)


def _mean(left: float, right: float) -> float:
    return (left + right) / 2


def _difference_percent(left: float, right: float) -> float:
    return 200 * abs(right - left) / (right + left)


def _binding_asymmetry_percent(found: StriatalUptake) -> float:
    if found.asymmetry_percent is not None:
        return found.asymmetry_percent
    binds = [side.specific_binding_ratio > 0 for side in (found.left, found.right)]
    return _GREATEST_DIFFERENCE_PERCENT if any(binds) else 0.0


def _profile_part(part: int, joined: Callable[[float, float], float], found: StriatalUptake) -> float:
    return joined(found.left.profile[part], found.right.profile[part])


_FEATURES: Mapping[StriatalFeature, Callable[[StriatalUptake], float]] = MappingProxyType(
    {
        StriatalFeature.BINDING_MEAN: lambda found: found.specific_binding_ratio,
        StriatalFeature.BINDING_LOWER: lambda found: min(
            found.left.specific_binding_ratio, found.right.specific_binding_ratio
        ),
        StriatalFeature.BINDING_ASYMMETRY_PERCENT: _binding_asymmetry_percent,
        StriatalFeature.CAUDATE_MEAN: lambda found: _mean(found.left.caudate, found.right.caudate),
        StriatalFeature.CAUDATE_LOWER: lambda found: min(found.left.caudate, found.right.caudate),
        StriatalFeature.CAUDATE_ASYMMETRY_PERCENT: lambda found: _difference_percent(
            1 + found.left.caudate, 1 + found.right.caudate
        ),
        StriatalFeature.PUTAMEN_MEAN: lambda found: _mean(found.left.putamen, found.right.putamen),
        StriatalFeature.PUTAMEN_LOWER: lambda found: min(found.left.putamen, found.right.putamen),
        StriatalFeature.PUTAMEN_ASYMMETRY_PERCENT: lambda found: _difference_percent(
            1 + found.left.putamen, 1 + found.right.putamen
        ),
        StriatalFeature.SHAPE_MEAN: lambda found: _mean(found.left.putamen_to_caudate, found.right.putamen_to_caudate),
        StriatalFeature.SHAPE_LOWER: lambda found: min(found.left.putamen_to_caudate, found.right.putamen_to_caudate),
        **{name: partial(_profile_part, part, _mean) for part, name in enumerate(PROFILE_MEANS)},
        **{name: partial(_profile_part, part, min) for part, name in enumerate(PROFILE_LOWERS)},
    }
)
