"""Sensitivity, specificity, accuracy and predictive values with exact intervals."""

from functools import cache

from evaluation.interval import CONFIDENCE, Interval
from specs.declared import Declared
from specs.weights import ConfusionCounts


class CallFigures(Declared):
    """What calls at one operating point are worth; a figure without any study behind it is None. Unit 1."""

    sensitivity: Interval | None
    specificity: Interval | None
    accuracy: Interval | None
    positive_predictive_value: Interval | None
    negative_predictive_value: Interval | None


def proportion(successes: int, trials: int) -> Interval | None:
    """Estimate a proportion with its exact 95 % interval; None without trials.

    Source:
        Clopper CJ, Pearson ES, Biometrika 1934;26:404-413, as SciPy computes it.
    """
    if trials == 0:
        return None
    from scipy import stats  # slow to import, and not wanted by results without counts

    bounds = stats.binomtest(successes, trials).proportion_ci(confidence_level=CONFIDENCE, method="exact")
    return Interval(estimate=successes / trials, lower=float(bounds.low), upper=float(bounds.high))


@cache  # asked for with every result of a model
def call_figures(counts: ConfusionCounts) -> CallFigures:
    """Turn counts of calls against truth into the five figures that the source papers report."""
    return CallFigures(
        sensitivity=proportion(counts.true_positive, counts.true_positive + counts.false_negative),
        specificity=proportion(counts.true_negative, counts.true_negative + counts.false_positive),
        accuracy=proportion(counts.true_positive + counts.true_negative, counts.total),
        positive_predictive_value=proportion(counts.true_positive, counts.true_positive + counts.false_positive),
        negative_predictive_value=proportion(counts.true_negative, counts.true_negative + counts.false_negative),
    )
