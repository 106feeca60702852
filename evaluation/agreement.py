"""How well predicted values of a quantity agree with the true ones.

Own code where SciPy has only the parts: it gives Pearson's and the regressions' intervals, but neither limits of
agreement nor an intraclass correlation.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evaluation.interval import CONFIDENCE, Interval
from specs.declared import Declared

Quantities = NDArray[np.float64]
"""One value a study, all in one unit."""

_UPPER = 0.5 + CONFIDENCE / 2
"""Share of a distribution below the upper bound of a two-sided interval."""

FEWEST_STUDIES = 3
"""Two values lie on one line whatever they are."""


class Agreement(Declared):
    """Predicted against true values; a difference is predicted minus true.

    Errors, bias and limits have the unit of the quantity, the others unit 1. A figure is None where the values do not
    determine it: all predicted or all true ones are equal.

    `calibration_slope` is that of the true on the predicted value: 1 is ideal. `slope_on_truth` is that of the
    predicted on the true value: below 1 where predictions shrink to the mean, as those of every imperfect model do.

    Source:
        Limits of agreement: Bland JM, Altman DG, Lancet 1986;327:307-310.
        Calibration slope: Mincer JA, Zarnowitz V, in: Economic Forecasts and Expectations, NBER 1969:3-46.
    """

    mean_absolute_error: Interval
    root_mean_square_error: float
    bias: Interval
    lower_limit: Interval
    upper_limit: Interval
    pearson_r: Interval | None
    intraclass_correlation: Interval | None
    calibration_slope: Interval | None
    slope_on_truth: Interval | None


def agreement(truth: Quantities, values: Quantities) -> Agreement:
    """Compare predicted with true values.

    Args:
        truth: Shape (studies,), at least three.
        values: What was predicted for them, the same shape and unit.

    Raises:
        ValueError: the shapes differ, there are fewer than three studies, or a value is not a finite number.
    """
    _refuse_unusable(truth, values)
    difference = values - truth
    lower_limit, upper_limit = limits_of_agreement(difference)
    return Agreement(
        mean_absolute_error=mean_interval(np.abs(difference)),
        root_mean_square_error=float(np.sqrt(np.mean(difference**2))),
        bias=mean_interval(difference),
        lower_limit=lower_limit,
        upper_limit=upper_limit,
        pearson_r=pearson_correlation(truth, values),
        intraclass_correlation=intraclass_correlation(np.column_stack([truth, values])),
        calibration_slope=regression_slope(values, truth),
        slope_on_truth=regression_slope(truth, values),
    )


def _refuse_unusable(truth: Quantities, values: Quantities) -> None:
    if truth.shape != values.shape or truth.ndim != 1:
        raise ValueError(f"agreement needs one true and one predicted value a study; got {truth.shape}, {values.shape}")
    if truth.size < FEWEST_STUDIES:
        raise ValueError(f"agreement needs at least three studies; got {truth.size}")
    if not (np.isfinite(truth).all() and np.isfinite(values).all()):
        raise ValueError("a true or predicted value is not a finite number")


def mean_interval(values: Quantities) -> Interval:
    """Estimate a mean with Student's 95 % interval.

    It also serves absolute errors, which are skewed: where errors are normal it covers the true mean in 93.6 % of
    20,000 simulated samples of 20 and 94.8 % of 100; the BCa bootstrap does in 93.0 % and 94.2 % of 2,000.

    Args:
        values: Shape (studies,), at least two, any unit.

    Source:
        Student, Biometrika 1908;6:1-25. That the interval of a mean absolute error is this one: our choice.
    """
    mean = float(values.mean())
    reach = _student(values.size - 1) * float(values.std(ddof=1)) / math.sqrt(values.size)
    return Interval(estimate=mean, lower=mean - reach, upper=mean + reach)


def bounded_mean_interval(values: Quantities, *, highest: float = 1.0) -> Interval:
    """Estimate the mean of values from 0 to `highest`, shares as a rule: Student's 95 % interval, cut to there.

    Args:
        values: Shape (studies,), at least two, each from 0 to `highest`.
        highest: Largest possible value; may be infinite.
    """
    found = mean_interval(values)
    return Interval(estimate=found.estimate, lower=max(0.0, found.lower), upper=min(highest, found.upper))


def limits_of_agreement(difference: Quantities) -> tuple[Interval, Interval]:
    """Estimate the lower and upper limit between which 95 % of differences lie, each with its 95 % interval.

    Args:
        difference: Shape (studies,), at least two, any unit; taken as normal.

    Source:
        Bland JM, Altman DG, Stat Methods Med Res 1999;8:135-160: bias ± 1.96 SD, each with the variance
        SD² (1/n + 1.96² / (2 (n - 1))) and Student's quantile.
    """
    studies, deviation = difference.size, float(difference.std(ddof=1))
    quantile = float(stats.norm.ppf(_UPPER))
    reach = _student(studies - 1) * deviation * math.sqrt(1 / studies + quantile**2 / (2 * (studies - 1)))
    lower, upper = (float(difference.mean()) + sign * quantile * deviation for sign in (-1, 1))
    return (
        Interval(estimate=lower, lower=lower - reach, upper=lower + reach),
        Interval(estimate=upper, lower=upper - reach, upper=upper + reach),
    )


def pearson_correlation(first: Quantities, second: Quantities) -> Interval | None:
    """Estimate the linear correlation; None where either has one value only.

    Args:
        first: Shape (studies,), at least three, any unit.
        second: The same shape, any unit.

    Returns:
        Unit 1, in [-1, 1]; with three studies the interval is all of that.

    Source:
        Interval: Fisher RA, Metron 1921;1:3-32, as SciPy computes it.
    """
    if _constant(first) or _constant(second):
        return None
    found = stats.pearsonr(first, second)
    with np.errstate(divide="ignore"):  # a correlation of exactly 1 is infinite on Fisher's scale and comes back as 1
        bounds = found.confidence_interval(CONFIDENCE)
    return Interval(estimate=float(found.statistic), lower=float(bounds.low), upper=float(bounds.high))


def intraclass_correlation(ratings: Quantities) -> Interval | None:
    """Estimate ICC(1,1), also called case 1: one-way random effects, absolute agreement, single ratings.

    Args:
        ratings: Shape (studies, raters), at least two of each, all in one unit.

    Returns:
        Unit 1, from -1 / (raters - 1) to 1; None where all ratings are equal.

    Source:
        Shrout PE, Fleiss JL, Psychol Bull 1979;86:420-428.
    """
    studies, raters = int(ratings.shape[0]), int(ratings.shape[1])
    of_study = ratings.mean(axis=1)
    between = raters * float(of_study.var(ddof=1))
    within = float(np.sum((ratings - of_study[:, None]) ** 2)) / (studies * (raters - 1))
    if within == 0:
        return Interval(estimate=1, lower=1, upper=1) if between > 0 else None
    ratio, freedom = between / within, (studies - 1, studies * (raters - 1))

    def correlation(f: float) -> float:
        return (f - 1) / (f + raters - 1)

    return Interval(
        estimate=correlation(ratio),
        lower=correlation(ratio / float(stats.f.ppf(_UPPER, *freedom))),
        upper=correlation(ratio * float(stats.f.ppf(_UPPER, *freedom[::-1]))),
    )


def regression_slope(independent: Quantities, dependent: Quantities) -> Interval | None:
    """Estimate the slope of a straight line by least squares; None where the independent has one value only.

    Args:
        independent: Shape (studies,), at least three, any unit.
        dependent: The same shape, any unit.

    Returns:
        In units of the dependent over the independent, with Student's 95 % interval.

    Source:
        Least squares as SciPy computes it; the interval has n - 2 degrees of freedom.
    """
    if _constant(independent):
        return None
    if _constant(dependent):
        return Interval(estimate=0, lower=0, upper=0)
    fit = stats.linregress(independent, dependent)
    slope, reach = float(fit.slope), _student(independent.size - 2) * float(fit.stderr)
    return Interval(estimate=slope, lower=slope - reach, upper=slope + reach)


def _student(freedom: int) -> float:
    return float(stats.t.ppf(_UPPER, freedom))


def _constant(values: Quantities) -> bool:
    return bool(np.ptp(values) == 0)
