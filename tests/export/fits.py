"""Recalibrations of known coefficients."""

from evaluation.interval import Interval
from evaluation.recalibration import Recalibration, RecalibrationMethod


def fit(intercept: float, slope: float | None) -> Recalibration:
    """Make a fit of known coefficients; its intervals do not matter here."""
    return Recalibration(
        method=RecalibrationMethod.INTERCEPT if slope is None else RecalibrationMethod.INTERCEPT_AND_SLOPE,
        data_set="made up",
        studies=100,
        positives=50,
        intercept=Interval(estimate=intercept, lower=intercept, upper=intercept),
        slope=None if slope is None else Interval(estimate=slope, lower=slope, upper=slope),
        p_value=0.5,
    )
