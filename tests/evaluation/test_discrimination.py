"""The area under the ROC curve against brute force, scikit-learn and DeLong's own formula."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from evaluation.discrimination import area_under_roc
from tests.evaluation.cohorts import LabeledScores, kernel, labeled_scores


def delong_deviation(comparisons: NDArray[np.float64]) -> float:
    """Return the standard deviation of the AUC from the structural components V10 and V01 of the paper."""
    area = comparisons.mean()
    positives, negatives = comparisons.shape
    s10 = sum((comparisons[i].mean() - area) ** 2 for i in range(positives)) / (positives - 1)
    s01 = sum((comparisons[:, j].mean() - area) ** 2 for j in range(negatives)) / (negatives - 1)
    return math.sqrt(s10 / positives + s01 / negatives)


@given(labeled_scores())
def test_the_area_is_the_share_of_pairs_in_order_with_ties_as_halves(sample: LabeledScores) -> None:
    truth, scores = sample
    expected = kernel(scores[truth], scores[~truth]).mean()
    assert area_under_roc(truth, scores).estimate == pytest.approx(expected, abs=1e-12)


@given(labeled_scores())
def test_the_area_is_that_of_scikit_learn(sample: LabeledScores) -> None:
    truth, scores = sample
    assert area_under_roc(truth, scores).estimate == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)


@given(labeled_scores())
def test_the_interval_has_the_reach_of_delongs_variance(sample: LabeledScores) -> None:
    truth, scores = sample
    comparisons = kernel(scores[truth], scores[~truth])
    reach = norm.ppf(0.975) * delong_deviation(comparisons)
    area = area_under_roc(truth, scores)
    assert area.lower == pytest.approx(max(0.0, comparisons.mean() - reach), abs=1e-9)
    assert area.upper == pytest.approx(min(1.0, comparisons.mean() + reach), abs=1e-9)


@given(labeled_scores())
def test_a_monotone_transform_changes_nothing(sample: LabeledScores) -> None:
    truth, scores = sample
    assert area_under_roc(truth, np.exp(3 * scores) - 7) == area_under_roc(truth, scores)


@given(labeled_scores())
def test_the_opposite_scores_have_the_opposite_area(sample: LabeledScores) -> None:
    truth, scores = sample
    area, opposite = area_under_roc(truth, scores), area_under_roc(truth, -scores)
    assert opposite.estimate == pytest.approx(1 - area.estimate, abs=1e-12)
    assert opposite.lower == pytest.approx(1 - area.upper, abs=1e-9)


@given(labeled_scores(), st.randoms(use_true_random=False))
def test_the_order_of_the_studies_does_not_matter(sample: LabeledScores, random: np.random.Generator) -> None:
    truth, scores = sample
    order = list(range(truth.size))
    random.shuffle(order)
    shuffled, area = area_under_roc(truth[order], scores[order]), area_under_roc(truth, scores)
    assert shuffled.estimate == pytest.approx(area.estimate, abs=1e-12)
    assert shuffled.lower == pytest.approx(area.lower, abs=1e-9)


def test_a_perfect_separation_has_the_area_one() -> None:
    area = area_under_roc(np.array([True, True, False, False]), np.array([0.9, 0.8, 0.2, 0.1]))
    assert (area.estimate, area.lower, area.upper) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("truth", [[True] * 4, [False] * 4, [True, False, False, False], [True, True, True, False]])
def test_fewer_than_two_studies_of_a_kind_are_refused(truth: list[bool]) -> None:
    with pytest.raises(ValueError, match="at least two studies"):
        area_under_roc(np.array(truth), np.array([0.1, 0.2, 0.3, 0.4]))


def test_a_score_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        area_under_roc(np.array([True, True, False, False]), np.array([0.9, math.nan, 0.2, 0.1]))
