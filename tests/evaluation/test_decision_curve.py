"""Net benefit against the source's own formula, and where it must be zero, largest, or that of everybody."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from evaluation.decision_curve import decision_curve
from tests.evaluation.cohorts import LabeledScores, labeled_scores, simulated

GRID = tuple(np.linspace(0.05, 0.95, 19).tolist())
thresholds = st.floats(0.01, 0.99)


@given(labeled_scores(), thresholds)
def test_the_net_benefit_is_the_sources_formula(sample: LabeledScores, threshold: float) -> None:
    truth, scores = sample
    hits = sum(score >= threshold for score in scores[truth])
    alarms = sum(score >= threshold for score in scores[~truth])
    point = decision_curve(truth, scores, thresholds=[threshold]).points[0]
    weight = threshold / (1 - threshold)
    assert point.of_model == pytest.approx(hits / truth.size - alarms / truth.size * weight, abs=1e-12)
    assert point.of_all == pytest.approx(truth.mean() - (1 - truth.mean()) * weight, abs=1e-12)


@given(labeled_scores(), thresholds)
def test_calling_everybody_is_acting_on_all_and_calling_nobody_on_none(sample: LabeledScores, threshold: float) -> None:
    truth, _ = sample
    everybody = decision_curve(truth, np.ones(truth.size), thresholds=[threshold]).points[0]
    nobody = decision_curve(truth, np.zeros(truth.size), thresholds=[threshold]).points[0]
    assert everybody.of_model == pytest.approx(everybody.of_all, abs=1e-12)
    assert everybody.avoided == pytest.approx(0, abs=1e-9)
    assert nobody.of_model == 0


@given(labeled_scores())
def test_acting_on_all_is_worth_nothing_where_the_threshold_is_the_prevalence(sample: LabeledScores) -> None:
    truth, scores = sample
    share = float(truth.mean())
    assert decision_curve(truth, scores, thresholds=[share]).points[0].of_all == pytest.approx(0, abs=1e-12)


def test_a_perfect_model_gains_the_prevalence_and_spares_everybody_else() -> None:
    truth, _ = simulated(500)
    curve = decision_curve(truth, truth.astype(np.float64), thresholds=GRID)
    for point in curve.points:
        assert point.of_model == pytest.approx(truth.mean())
        assert point.avoided == pytest.approx(1 - truth.mean())
        assert point.of_model > max(point.of_all, 0)


def test_probabilities_that_are_right_do_better_than_all_or_none() -> None:
    truth, log_odds = simulated(40_000)
    curve = decision_curve(truth, expit(log_odds), thresholds=GRID)
    assert all(point.of_model > max(point.of_all, 0) for point in curve.points)


def test_probabilities_that_are_too_high_do_worse_than_right_ones() -> None:
    truth, log_odds = simulated(40_000)
    right = decision_curve(truth, expit(log_odds), thresholds=GRID)
    wrong = decision_curve(truth, expit(1.5 + log_odds), thresholds=GRID)
    assert all(better.of_model > worse.of_model for better, worse in zip(right.points, wrong.points, strict=True))


@settings(max_examples=30)
@given(labeled_scores(), st.integers(2, 9))
def test_another_prevalence_is_that_of_a_set_with_so_many_more_healthy(sample: LabeledScores, times: int) -> None:
    truth, scores = sample
    more_truth = np.concatenate([truth, np.zeros((times - 1) * (~truth).sum(), np.bool_)])
    more_scores = np.concatenate([scores, *[scores[~truth]] * (times - 1)])
    expected = decision_curve(more_truth, more_scores, thresholds=GRID)
    found = decision_curve(truth, scores, thresholds=GRID, prevalence=float(more_truth.mean()))
    for one, other in zip(found.points, expected.points, strict=True):
        assert (one.of_model, one.of_all) == pytest.approx((other.of_model, other.of_all), abs=1e-12)


@pytest.mark.parametrize("threshold", [0, 1, -0.5, float("nan")])
def test_a_threshold_outside_is_refused(threshold: float) -> None:
    truth, log_odds = simulated(50)
    with pytest.raises(ValueError, match="between 0 and 1"):
        decision_curve(truth, expit(log_odds), thresholds=[0.5, threshold])
    with pytest.raises(ValueError, match="between 0 and 1"):
        decision_curve(truth, expit(log_odds), thresholds=[0.5], prevalence=threshold)


def test_studies_of_one_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="with the finding and studies without"):
        decision_curve(np.ones(5, np.bool_), np.full(5, 0.5), thresholds=[0.5])
