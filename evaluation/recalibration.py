"""Fitting a model's probabilities to a new site: what the fit is, and what it does there."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from evaluation.calibration import calibration, log_odds
from evaluation.discrimination import Scores, Truth
from evaluation.interval import CONFIDENCE, Interval
from specs.declared import Declared
from specs.weights import Calibration


class RecalibrationMethod(StrEnum):
    """What is fitted: the intercept alone, for a site where only the prevalence differs, or the slope too."""

    INTERCEPT = "intercept"
    INTERCEPT_AND_SLOPE = "intercept and slope"


class Recalibration(Declared):
    """Log-odds at the new site are `intercept` + `slope` times the model's; intervals are Wald's.

    `slope` is None where it was not fitted: it is 1. `p_value` is that of the likelihood-ratio test against the
    model's probabilities as they are: a large one gives no reason to change them.

    Source:
        Cox DR, Biometrika 1958;45:562-565; as an update of a model: Steyerberg EW et al., Stat Med 2004;23:2567-2586.
    """

    method: RecalibrationMethod
    data_set: str
    studies: int
    positives: int
    intercept: Interval
    slope: Interval | None
    p_value: float

    def applied(self, probabilities: Scores) -> Scores:
        """Return the probabilities of the new site.

        Their order stays as it is, and so do the calls where the threshold is recalibrated with them.

        Args:
            probabilities: The model's, any shape, unit 1, in [0, 1].
        """
        slope = 1.0 if self.slope is None else self.slope.estimate
        return np.asarray(special.expit(self.intercept.estimate + slope * log_odds(probabilities)))


def recalibration(truth: Truth, probabilities: Scores, *, method: RecalibrationMethod, data_set: str) -> Recalibration:
    """Fit a logistic regression of the truth on the model's log-odds.

    Args:
        truth: Shape (studies,), with studies of both kinds.
        probabilities: The model's, shape (studies,), unit 1, in [0, 1].
        method: What is fitted.
        data_set: Name of the new site's set, for the record.

    Raises:
        ValueError: all studies are of one kind; or for a slope: the probabilities of the kinds do not overlap, so that
            none is the best, or higher probabilities go with fewer findings.
    """
    if truth.all() or not truth.any():
        raise ValueError("a recalibration needs studies with the finding and studies without")
    predicted = log_odds(probabilities)
    constant = np.ones(truth.size)
    match method:
        case RecalibrationMethod.INTERCEPT:
            fit = _logistic_regression(truth, constant[:, None], offset=predicted)
        case RecalibrationMethod.INTERCEPT_AND_SLOPE:
            _refuse_separated(predicted[truth], predicted[~truth])
            fit = _logistic_regression(truth, np.column_stack([constant, predicted]), offset=None)
        case _:
            assert_never(method)
    intercept, *slopes = fit.coefficients
    slope = slopes[0] if slopes else None
    if slope is not None and slope.estimate <= 0:
        raise ValueError("higher probabilities go with fewer findings here, which no recalibration mends")
    unchanged = float(np.where(truth, special.log_expit(predicted), special.log_expit(-predicted)).sum())
    gain = max(0.0, 2 * (fit.log_likelihood - unchanged))
    return Recalibration(
        method=method,
        data_set=data_set,
        studies=int(truth.size),
        positives=int(truth.sum()),
        intercept=intercept,
        slope=slope,
        p_value=float(stats.chi2.sf(gain, df=len(fit.coefficients))),
    )


class RecalibrationEffect(Declared):
    """Calibration of the model's probabilities and of the recalibrated ones on one set.

    On the set of the fit, intercept and slope are perfect by construction, and of an intercept alone the mean
    probability; another set of the site tells.
    """

    before: Calibration
    after: Calibration


def recalibration_effect(
    recalibrated: Recalibration, truth: Truth, probabilities: Scores, *, data_set: str
) -> RecalibrationEffect:
    """Measure what a recalibration does.

    Args:
        recalibrated: The fit.
        truth: Shape (studies,).
        probabilities: The model's, shape (studies,), unit 1, in [0, 1].
        data_set: Name of the set, for the record.
    """
    return RecalibrationEffect(
        before=calibration(truth, probabilities, data_set=data_set),
        after=calibration(truth, recalibrated.applied(probabilities), data_set=data_set),
    )


@dataclass(frozen=True, kw_only=True)
class _Fit:
    coefficients: tuple[Interval, ...]
    log_likelihood: float


def _logistic_regression(truth: Truth, design: NDArray[np.float64], offset: Scores | None) -> _Fit:
    """Fit by maximum likelihood; `design` has axes (study, coefficient)."""
    fit = GLM(truth.astype(np.float64), design, family=Binomial(), offset=offset).fit()
    return _Fit(
        coefficients=tuple(
            Interval(estimate=float(estimate), lower=float(lower), upper=float(upper))
            for estimate, (lower, upper) in zip(fit.params, fit.conf_int(alpha=1 - CONFIDENCE), strict=True)
        ),
        log_likelihood=float(fit.llf),
    )


def _refuse_separated(positive: Scores, negative: Scores) -> None:
    if negative.max() <= positive.min() or positive.max() <= negative.min():
        raise ValueError("the probabilities of studies with and without the finding do not overlap; no slope is best")
