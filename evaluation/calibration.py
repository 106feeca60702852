"""How well probabilities agree with outcomes."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evaluation.discrimination import Scores, Truth
from evaluation.interval import Interval
from evaluation.proportions import proportion
from specs.declared import Declared
from specs.weights import Calibration

SMALLEST_PROBABILITY = 1e-6
"""Probabilities are cut to it, and to 1 less it, where the logarithm of their odds is taken: our choice."""


def calibration(truth: Truth, probabilities: Scores, *, data_set: str) -> Calibration:
    """Fit calibration intercept and slope, and compute the Brier score.

    Args:
        truth: Shape (studies,).
        probabilities: Shape (studies,), unit 1, in [0, 1].
        data_set: Name of the set, for the record.

    Returns:
        Intercept and slope on the log-odds, and the Brier score; all unit 1.

    Source:
        Named at `Calibration`.
    """
    from scipy import optimize  # slow to import, and wanted only where something is measured

    predicted = log_odds(probabilities)
    outcome = truth.astype(np.float64)

    def negative_log_likelihood(parameters: Scores) -> float:
        linear = parameters[0] + parameters[1] * predicted
        return float(np.sum(np.logaddexp(0.0, linear) - outcome * linear))

    fit = optimize.minimize(negative_log_likelihood, x0=np.array([0.0, 1.0]), method="BFGS")
    return Calibration(
        data_set=data_set,
        intercept=float(fit.x[0]),
        slope=float(fit.x[1]),
        brier_score=float(np.mean((probabilities - outcome) ** 2)),
    )


def log_odds(probabilities: Scores) -> Scores:
    """Take the logarithm of the odds.

    Args:
        probabilities: Any shape, unit 1, in [0, 1]; cut at `SMALLEST_PROBABILITY`.
    """
    return np.asarray(special.logit(np.clip(probabilities, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)))


class CalibrationGroup(Declared):
    """Studies of similar probability: what was predicted on average, and how often the finding was present."""

    studies: int
    mean_probability: float
    observed: Interval


def quantile_groups(values: NDArray[np.float64], *, groups: int) -> Iterator[NDArray[np.bool_]]:
    """Yield who is between two neighboring quantiles, from the lowest values to the highest; no group is empty.

    Args:
        values: Shape (studies,), at least one, any unit.
        groups: How many; equal values stay together, so that there may be fewer.
    """
    edges = np.unique(np.quantile(values, np.linspace(0, 1, groups + 1)[1:-1]))
    place = np.searchsorted(edges, values, side="left")
    return (place == number for number in np.unique(place))


def calibration_groups(truth: Truth, probabilities: Scores, *, groups: int = 10) -> tuple[CalibrationGroup, ...]:
    """Part the studies at the quantiles of their probabilities.

    Args:
        truth: Shape (studies,), at least one.
        probabilities: Shape (studies,), unit 1, in [0, 1].
        groups: How many; equal probabilities stay together, so that there may be fewer.

    Returns:
        Groups from the lowest probability to the highest, none of them empty, with exact 95 % intervals.

    Source:
        Deciles: Hosmer DW, Lemeshow S, Commun Stat Theory Methods 1980;9:1043-1069.
    """
    found = []
    for members in quantile_groups(probabilities, groups=groups):
        observed = proportion(int(truth[members].sum()), int(members.sum()))
        assert observed is not None  # a group has a study
        found.append(
            CalibrationGroup(
                studies=int(members.sum()), mean_probability=float(probabilities[members].mean()), observed=observed
            )
        )
    return tuple(found)
