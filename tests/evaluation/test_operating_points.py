"""Choosing an operating point, and what a call is."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evaluation.discrimination import Scores, Truth
from evaluation.operating_points import (
    choose_threshold,
    count_calls,
    is_positive,
    threshold_for_sensitivity,
    threshold_for_specificity,
)
from specs.head import LargestYouden, LeastSensitivity, LeastSpecificity
from tests.evaluation.cohorts import LabeledScores, labeled_scores


def youden(truth: Truth, scores: Scores, threshold: float) -> float:
    """Return sensitivity + specificity - 1 of calls at a threshold."""
    called = scores >= threshold
    return float(called[truth].mean() + (~called)[~truth].mean() - 1)


@given(labeled_scores())
def test_no_other_threshold_has_a_larger_youden_index(sample: LabeledScores) -> None:
    truth, scores = sample
    assume(np.ptp(scores) > 0)
    best = max(youden(truth, scores, candidate) for candidate in np.unique(scores)[1:])
    assert youden(truth, scores, choose_threshold(truth, scores, LargestYouden())) == pytest.approx(best, abs=1e-12)


@given(labeled_scores(), st.integers(0, 100))
def test_rounding_in_another_engine_flips_no_call_of_the_set(sample: LabeledScores, seed: int) -> None:
    truth, scores = sample
    assume(np.ptp(scores) > 0)
    threshold = choose_threshold(truth, scores, LargestYouden())
    noise = np.random.default_rng(seed).uniform(-4e-4, 4e-4, scores.size)  # levels are at least 1e-3 apart
    assert count_calls(truth, scores + noise, threshold) == count_calls(truth, scores, threshold)


@given(labeled_scores())
def test_the_threshold_separates_studies_of_the_set(sample: LabeledScores) -> None:
    truth, scores = sample
    assume(np.ptp(scores) > 0)
    assert scores.min() < choose_threshold(truth, scores, LargestYouden()) <= scores.max()


@given(st.floats(0, 1, exclude_min=True, exclude_max=True))
def test_a_call_is_positive_exactly_from_its_threshold_up(threshold: float) -> None:
    assert is_positive(threshold, threshold)
    assert is_positive(float(np.nextafter(threshold, 1)), threshold)
    assert not is_positive(float(np.nextafter(threshold, 0)), threshold)


@given(labeled_scores(), st.floats(0, 1))
def test_the_counts_are_those_of_every_study_once(sample: LabeledScores, threshold: float) -> None:
    truth, scores = sample
    counts = count_calls(truth, scores, threshold)
    assert counts.true_positive + counts.false_negative == truth.sum()
    assert counts.true_negative + counts.false_positive == (~truth).sum()
    assert counts.true_positive + counts.false_positive == sum(score >= threshold for score in scores)
    assert counts.total == truth.size


def test_the_counts_of_a_known_set() -> None:
    truth = np.array([True, True, True, False, False])
    counts = count_calls(truth, np.array([0.9, 0.5, 0.4, 0.5, 0.1]), 0.5)
    assert (counts.true_positive, counts.false_negative) == (2, 1)
    assert (counts.false_positive, counts.true_negative) == (1, 1)


@pytest.mark.parametrize(
    ("truth", "scores"),
    [([True, True], [0.1, 0.9]), ([False, False], [0.1, 0.9]), ([True, False, True], [0.5, 0.5, 0.5])],
)
def test_a_set_that_cannot_be_separated_has_no_operating_point(truth: list[bool], scores: list[float]) -> None:
    with pytest.raises(ValueError, match="studies of both kinds with different probabilities"):
        choose_threshold(np.array(truth), np.array(scores), LargestYouden())


wanted_shares = st.floats(0.05, 1)


@given(labeled_scores(), wanted_shares)
def test_a_wanted_sensitivity_is_reached_with_the_best_specificity(sample: LabeledScores, wanted: float) -> None:
    truth, scores = sample
    assume(np.ptp(scores) > 0)
    possible = [specificity_of(*sample, t) for t in thresholds_of(scores) if sensitivity_of(*sample, t) >= wanted]
    if not possible:
        with pytest.raises(ValueError, match="no threshold has a sensitivity"):
            threshold_for_sensitivity(truth, scores, wanted=wanted)
    else:
        threshold = threshold_for_sensitivity(truth, scores, wanted=wanted)
        assert sensitivity_of(*sample, threshold) >= wanted
        assert specificity_of(*sample, threshold) == max(possible)


@given(labeled_scores(), wanted_shares)
def test_a_wanted_specificity_is_reached_with_the_best_sensitivity(sample: LabeledScores, wanted: float) -> None:
    truth, scores = sample
    assume(np.ptp(scores) > 0)
    possible = [sensitivity_of(*sample, t) for t in thresholds_of(scores) if specificity_of(*sample, t) >= wanted]
    if not possible:
        with pytest.raises(ValueError, match="no threshold has a specificity"):
            threshold_for_specificity(truth, scores, wanted=wanted)
    else:
        threshold = threshold_for_specificity(truth, scores, wanted=wanted)
        assert specificity_of(*sample, threshold) >= wanted
        assert sensitivity_of(*sample, threshold) == max(possible)


@given(labeled_scores(), st.sampled_from([0.5, 0.8, 0.9]))
def test_a_policy_asks_for_the_sensitivity_or_specificity_that_it_declares(
    sample: LabeledScores, wanted: float
) -> None:
    truth, scores = sample
    assume(np.ptp(scores) > 0)
    for policy, of in (
        (LeastSensitivity(sensitivity=wanted), sensitivity_of),
        (LeastSpecificity(specificity=wanted), specificity_of),
    ):
        if any(of(*sample, threshold) >= wanted for threshold in thresholds_of(scores)):
            assert of(*sample, choose_threshold(truth, scores, policy)) >= wanted
        else:
            with pytest.raises(ValueError, match="no threshold has a"):
                choose_threshold(truth, scores, policy)


@pytest.mark.parametrize("positives", [3, 5, 7, 10, 11, 30])
def test_a_sensitivity_that_the_set_has_exactly_is_reached(positives: int) -> None:
    truth = np.arange(positives + 1) > 0
    scores = np.arange(positives + 1) / (positives + 1)
    for called in range(1, positives + 1):
        threshold = threshold_for_sensitivity(truth, scores, wanted=called / positives)
        assert count_calls(truth, scores, threshold).true_positive == called


def thresholds_of(scores: Scores) -> Scores:
    return np.unique(scores)[1:]


def sensitivity_of(truth: Truth, scores: Scores, threshold: float) -> float:
    return float(np.sum(scores[truth] >= threshold) / truth.sum())


def specificity_of(truth: Truth, scores: Scores, threshold: float) -> float:
    return float(np.sum(scores[~truth] < threshold) / (~truth).sum())
