"""Calibration of simulated outcomes whose true probabilities are known."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from evaluation.calibration import calibration, calibration_groups
from evaluation.proportions import proportion
from tests.evaluation.cohorts import simulated


def test_probabilities_that_are_right_have_intercept_zero_and_slope_one() -> None:
    truth, log_odds = simulated(40_000)
    fit = calibration(truth, expit(log_odds), data_set="simulated")
    assert fit.intercept == pytest.approx(0, abs=0.05)  # four standard errors
    assert fit.slope == pytest.approx(1, abs=0.05)
    assert fit.data_set == "simulated"


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_exaggerated_log_odds_have_the_inverse_slope(factor: float) -> None:
    truth, log_odds = simulated(5_000)
    plain = calibration(truth, expit(log_odds), data_set="simulated")
    exaggerated = calibration(truth, expit(log_odds * factor), data_set="simulated")
    assert exaggerated.slope == pytest.approx(plain.slope / factor, rel=1e-3)
    assert exaggerated.intercept == pytest.approx(plain.intercept, abs=1e-3)


@pytest.mark.parametrize("shift", [-1.0, 0.7])
def test_shifted_log_odds_have_the_opposite_intercept(shift: float) -> None:
    truth, log_odds = simulated(5_000)
    plain = calibration(truth, expit(log_odds), data_set="simulated")
    shifted = calibration(truth, expit(log_odds + shift), data_set="simulated")
    assert shifted.slope == pytest.approx(plain.slope, abs=1e-3)
    assert shifted.intercept == pytest.approx(plain.intercept - shift * plain.slope, abs=1e-3)


def test_the_fit_is_that_of_scikit_learn() -> None:
    truth, log_odds = simulated(2_000, seed=3)
    fit = calibration(truth, expit(0.3 + 1.4 * log_odds), data_set="simulated")
    reference = LogisticRegression(C=np.inf, tol=1e-8).fit((0.3 + 1.4 * log_odds)[:, None], truth)
    assert fit.slope == pytest.approx(reference.coef_[0, 0], abs=1e-3)
    assert fit.intercept == pytest.approx(reference.intercept_[0], abs=1e-3)
    assert fit.brier_score == pytest.approx(brier_score_loss(truth, expit(0.3 + 1.4 * log_odds)), abs=1e-12)


@pytest.mark.parametrize("studies", [4, 40, 400])
def test_certain_probabilities_that_are_right_give_finite_figures(studies: int) -> None:
    truth = np.arange(studies) % 2 == 0
    fit = calibration(truth, truth.astype(np.float64), data_set="certain")
    assert fit.slope > 0
    assert fit.brier_score == 0


@pytest.mark.parametrize(("studies", "groups"), [(1_000, 10), (997, 10), (12, 4)])
def test_groups_are_equally_large_and_in_order(studies: int, groups: int) -> None:
    truth, log_odds = simulated(studies)
    found = calibration_groups(truth, expit(log_odds), groups=groups)
    assert len(found) == groups
    assert sum(group.studies for group in found) == studies
    assert {group.studies for group in found} <= {studies // groups, studies // groups + 1}
    assert sorted(found, key=lambda group: group.mean_probability) == list(found)


def test_groups_are_those_of_scikit_learn() -> None:
    truth, log_odds = simulated(1_000)
    probabilities = expit(log_odds)
    observed, predicted = calibration_curve(truth, probabilities, n_bins=10, strategy="quantile")
    found = calibration_groups(truth, probabilities)
    assert [group.observed.estimate for group in found] == pytest.approx(observed)
    assert [group.mean_probability for group in found] == pytest.approx(predicted)


def test_equal_probabilities_stay_in_one_group() -> None:
    truth = np.arange(100) % 2 == 0
    assert [group.studies for group in calibration_groups(truth, np.full(100, 0.4))] == [100]
    halves = np.repeat([0.2, 0.7], 50)
    low, high = calibration_groups(truth, halves)
    assert (low.studies, low.mean_probability) == pytest.approx((50, 0.2))
    assert (high.studies, high.mean_probability) == pytest.approx((50, 0.7))


def test_the_interval_of_a_group_is_the_exact_one() -> None:
    truth, log_odds = simulated(200)
    group = calibration_groups(truth, expit(log_odds))[0]
    positives = round(group.observed.estimate * group.studies)
    assert group.observed == proportion(positives, group.studies)
