"""Recalibration to a new site: the fit is R's, and does what it says there."""

import numpy as np
import pytest
from scipy.special import expit, logit

from evaluation.discrimination import Scores, Truth, area_under_roc
from evaluation.operating_points import choose_threshold, count_calls
from evaluation.recalibration import Recalibration, RecalibrationMethod, recalibration, recalibration_effect
from specs.head import LargestYouden
from tests.evaluation.cohorts import simulated
from tests.evaluation.r_reference import assert_as_printed, columns, printed

INTERCEPT, SLOPE = RecalibrationMethod.INTERCEPT, RecalibrationMethod.INTERCEPT_AND_SLOPE
METHODS = pytest.mark.parametrize("method", RecalibrationMethod)


def fitted(truth: Truth, probabilities: Scores, method: RecalibrationMethod) -> Recalibration:
    return recalibration(truth, probabilities, method=method, data_set="site B")


def test_intercept_and_slope_are_those_of_r() -> None:
    data = columns("roc.csv")
    fit = fitted(data["truth"] > 0, data["fair"], SLOPE)
    assert fit.slope is not None
    assert_as_printed(fit.intercept, "recalibration intercept", tolerance=1e-6)
    assert_as_printed(fit.slope, "recalibration slope", tolerance=1e-6)
    assert fit.p_value == pytest.approx(printed("recalibration p"), rel=1e-5)
    assert (fit.data_set, fit.studies, fit.positives) == ("site B", 160, 45)


def test_the_intercept_alone_is_that_of_r() -> None:
    data = columns("roc.csv")
    fit = fitted(data["truth"] > 0, data["fair"], INTERCEPT)
    assert fit.slope is None
    assert_as_printed(fit.intercept, "recalibration intercept alone", tolerance=1e-6)
    assert fit.p_value == pytest.approx(printed("recalibration intercept alone p"), rel=1e-5)


@pytest.mark.parametrize(("shift", "factor"), [(1.0, 1.0), (-0.7, 2.0), (0.3, 0.5)])
def test_a_known_distortion_is_undone(shift: float, factor: float) -> None:
    truth, log_odds = simulated(20_000)
    fit = fitted(truth, expit(shift + factor * log_odds), SLOPE)
    assert fit.slope is not None
    assert fit.slope.lower < 1 / factor < fit.slope.upper
    assert fit.intercept.lower < -shift / factor < fit.intercept.upper
    assert fit.applied(expit(shift + factor * log_odds)) == pytest.approx(expit(log_odds), abs=0.02)


def test_on_another_set_of_the_site_the_calibration_is_mended() -> None:
    truth, log_odds = simulated(40_000)
    distorted = expit(1 + 2 * log_odds)
    first, second = slice(0, 20_000), slice(20_000, None)
    fit = fitted(truth[first], distorted[first], SLOPE)
    effect = recalibration_effect(fit, truth[second], distorted[second], data_set="site B, second half")
    assert effect.before.slope == pytest.approx(0.5, abs=0.05)
    assert effect.after.slope == pytest.approx(1, abs=0.05)
    assert effect.after.intercept == pytest.approx(0, abs=0.06)
    assert effect.after.brier_score < effect.before.brier_score - 0.01
    assert effect.after.data_set == "site B, second half"


@METHODS
def test_on_the_set_of_the_fit_predicted_and_observed_agree(method: RecalibrationMethod) -> None:
    truth, log_odds = simulated(500)
    distorted = expit(0.8 + 1.7 * log_odds)
    applied = fitted(truth, distorted, method).applied(distorted)
    assert applied.mean() == pytest.approx(truth.mean(), abs=1e-6)


@METHODS
def test_neither_the_area_nor_the_calls_change_where_the_threshold_goes_along(method: RecalibrationMethod) -> None:
    truth, log_odds = simulated(500)
    distorted = expit(0.8 + 1.7 * log_odds)
    fit = fitted(truth, distorted, method)
    threshold = choose_threshold(truth, distorted, LargestYouden())
    moved = float(fit.applied(np.array([threshold]))[0])
    assert area_under_roc(truth, fit.applied(distorted)) == area_under_roc(truth, distorted)
    assert count_calls(truth, fit.applied(distorted), moved) == count_calls(truth, distorted, threshold)


def test_the_intercept_alone_moves_every_log_odds_by_as_much() -> None:
    truth, log_odds = simulated(500)
    fit = fitted(truth, expit(log_odds + 1), INTERCEPT)
    moved = logit(fit.applied(expit(log_odds + 1))) - log_odds - 1
    assert moved == pytest.approx(fit.intercept.estimate, abs=1e-9)


@METHODS
def test_right_probabilities_are_rejected_as_seldom_as_the_p_value_says(method: RecalibrationMethod) -> None:
    cohorts = (simulated(300, seed=seed) for seed in range(100))
    p_values = np.array([fitted(truth, expit(log_odds), method).p_value for truth, log_odds in cohorts])
    assert 0 < (p_values < 0.05).mean() < 0.12  # three standard errors about 0.05


def test_certain_probabilities_are_recalibrated_too() -> None:
    truth, log_odds = simulated(200)
    certain = np.where(log_odds > 0, 1.0, 0.0)
    applied = fitted(truth, certain, SLOPE).applied(certain)
    assert applied[certain == 1] == pytest.approx(truth[certain == 1].mean(), abs=1e-5)


@pytest.mark.parametrize("truth", [np.ones(4, np.bool_), np.zeros(4, np.bool_)])
@METHODS
def test_studies_of_one_kind_are_refused(truth: Truth, method: RecalibrationMethod) -> None:
    with pytest.raises(ValueError, match="with the finding and studies without"):
        fitted(truth, np.array([0.1, 0.2, 0.3, 0.4]), method)


@pytest.mark.parametrize(
    "probabilities", [[0.1, 0.2, 0.6, 0.7], [0.7, 0.6, 0.2, 0.1], [0.1, 0.5, 0.5, 0.9], [0.5, 0.5, 0.5, 0.5]]
)
def test_a_slope_without_overlap_is_refused(probabilities: list[float]) -> None:
    with pytest.raises(ValueError, match="do not overlap"):
        fitted(np.array([False, False, True, True]), np.array(probabilities), SLOPE)


def test_a_falling_slope_is_refused() -> None:
    truth, log_odds = simulated(300)
    with pytest.raises(ValueError, match="higher probabilities go with fewer findings"):
        fitted(truth, expit(-log_odds), SLOPE)
