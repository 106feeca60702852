"""The table under survival curves: how many patients are still followed at a few round times."""

from evaluation.survival import FollowUp

_STEPS_YEARS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50)
_MOST_TIMES = 6
_DECIMALS = 3
"""Of every time that a step leads to: 3 times 0.1 is to be 0.3, which in floats it is not."""


def at_risk_years(longest_years: float) -> tuple[float, ...]:
    """Return at most six evenly spaced times from 0 to the longest follow-up, in years.

    Args:
        longest_years: Above 0; from 0.001 on there are two times at least.
    """
    steps = (step for step in _STEPS_YEARS if round(_MOST_TIMES * step, _DECIMALS) > longest_years)
    step = next(steps, _STEPS_YEARS[-1])
    times = (round(place * step, _DECIMALS) for place in range(_MOST_TIMES))
    return tuple(years for years in times if years <= longest_years)


def numbers_at_risk(follow_up: FollowUp, times_years: tuple[float, ...]) -> tuple[int, ...]:
    """Count who was followed up to each time or longer, as `SurvivalStep.at_risk` does."""
    return tuple(int((follow_up.years >= years).sum()) for years in times_years)
