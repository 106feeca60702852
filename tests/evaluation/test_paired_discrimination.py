"""Two correlated AUCs against DeLong's own formula, a bootstrap, and simulations whose answer is known."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from numpy.typing import NDArray
from scipy.stats import bootstrap, norm

from evaluation.discrimination import Scores, Truth, area_under_roc
from evaluation.paired_discrimination import AreaComparison, compare_areas
from tests.evaluation.cohorts import LabeledScores, kernel, labeled_scores


def two_scores(
    generator: np.random.Generator, *, first: float, second: float, kind: int = 60
) -> tuple[Truth, Scores, Scores]:
    """Simulate two correlated scores of as many studies of either kind, so many deviations apart."""
    truth = np.arange(2 * kind) < kind
    noise = generator.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 2 * kind)
    return truth, noise[:, 0] + first * truth, noise[:, 1] + second * truth


def delong_covariance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the covariance of two AUCs from comparisons of every pair, as equations 4 to 6 of the paper have it."""
    positives, negatives = one.shape
    v10 = np.cov(one.mean(axis=1), other.mean(axis=1))[0, 1] / positives
    v01 = np.cov(one.mean(axis=0), other.mean(axis=0))[0, 1] / negatives
    return float(v10 + v01)


@given(labeled_scores(), labeled_scores())
def test_the_variance_of_the_difference_is_delongs(sample: LabeledScores, other: LabeledScores) -> None:
    truth, first = sample
    second = np.resize(other[1], truth.size)
    one, two = (kernel(scores[truth], scores[~truth]) for scores in (first, second))
    variance = delong_covariance(one, one) + delong_covariance(two, two) - 2 * delong_covariance(one, two)
    assume(variance > 1e-9)
    found = compare_areas(truth, first, second)
    difference, deviation = one.mean() - two.mean(), math.sqrt(variance)
    assert found.difference.estimate == pytest.approx(difference, abs=1e-9)
    assert found.difference.lower == pytest.approx(max(-1, difference - norm.ppf(0.975) * deviation), abs=1e-6)
    assert found.difference.upper == pytest.approx(min(1, difference + norm.ppf(0.975) * deviation), abs=1e-6)
    assert found.p_value == pytest.approx(2 * norm.sf(abs(difference) / deviation), abs=1e-6)


@given(labeled_scores(), labeled_scores())
def test_the_areas_are_their_own_and_trade_places(sample: LabeledScores, other: LabeledScores) -> None:
    truth, first = sample
    second = np.resize(other[1], truth.size)
    there, back = compare_areas(truth, first, second), compare_areas(truth, second, first)
    assert (there.first, there.second) == (area_under_roc(truth, first), area_under_roc(truth, second))
    assert back.difference.lower == pytest.approx(-there.difference.upper)
    assert back.p_value == pytest.approx(there.p_value)


@given(labeled_scores())
def test_scores_that_order_the_studies_alike_do_not_differ(sample: LabeledScores) -> None:
    truth, scores = sample
    found = compare_areas(truth, scores, np.exp(2 * scores))
    assert (found.difference.estimate, found.difference.lower, found.difference.upper) == (0, 0, 0)
    assert found.p_value is None


def test_the_interval_is_about_that_of_a_paired_bootstrap() -> None:
    truth, first, second = two_scores(np.random.default_rng(4), first=1.4, second=0.9, kind=150)

    def difference(positive: NDArray[np.int64], negative: NDArray[np.int64]) -> float:
        one, two = (kernel(scores[positive], scores[negative]).mean() for scores in (first, second))
        return float(one - two)

    resampled = bootstrap(
        (np.flatnonzero(truth), np.flatnonzero(~truth)),
        difference,
        vectorized=False,
        n_resamples=2_000,
        method="percentile",
        rng=np.random.default_rng(5),
    ).confidence_interval
    found = compare_areas(truth, first, second).difference
    assert found.lower == pytest.approx(resampled.low, abs=0.006)
    assert found.upper == pytest.approx(resampled.high, abs=0.006)


def test_the_p_value_of_equal_scores_is_below_five_percent_in_five_percent() -> None:
    generator = np.random.default_rng(8)
    found = [compare_areas(*two_scores(generator, first=1.2, second=1.2)).p_value for _ in range(2_000)]
    share = np.mean([value is not None and value < 0.05 for value in found])
    assert share == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / 2_000))


def test_the_interval_covers_the_true_difference() -> None:
    generator = np.random.default_rng(9)
    true = norm.cdf(1.5 / math.sqrt(2)) - norm.cdf(0.8 / math.sqrt(2))
    found = [compare_areas(*two_scores(generator, first=1.5, second=0.8)).difference for _ in range(2_000)]
    share = np.mean([interval.lower <= true <= interval.upper for interval in found])
    assert share == pytest.approx(0.95, abs=4 * math.sqrt(0.05 * 0.95 / 2_000))


def test_a_pair_is_told_apart_better_than_two_cohorts_would_be() -> None:
    found = compare_areas(*two_scores(np.random.default_rng(4), first=1.4, second=0.9))
    width = found.difference.upper - found.difference.lower
    assert width < math.hypot(found.first.upper - found.first.lower, found.second.upper - found.second.lower)


def test_the_text_has_both_areas_and_the_difference() -> None:
    truth, first, second = two_scores(np.random.default_rng(4), first=1.4, second=0.9)
    found = compare_areas(truth, first, second)
    text = str(found)
    assert text.startswith(f"AUC {found.first}, {found.second}; difference +0.")
    assert text.endswith(f"p = {found.p_value:.3f}")
    assert str(compare_areas(truth, first, first)).endswith("difference +0.000 (95 % CI +0.000 to +0.000), p = –")
    assert AreaComparison.from_json(found.canonical_json()) == found


def test_too_few_studies_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two studies"):
        compare_areas(np.array([True, False, False]), np.zeros(3), np.zeros(3))
