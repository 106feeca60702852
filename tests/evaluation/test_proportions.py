"""Proportions and their exact intervals, against the published test figures of the aortic stenosis model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from evaluation.interval import Interval
from evaluation.proportions import call_figures, proportion
from specs.weights import ConfusionCounts

# Ueda D et al., Eur Heart J Digit Health 2021: what the abstract prints for the test set. The upper bound of the
# NPV could not be read. The counts are the only ones that give every printed figure.
PRINTED = {
    "sensitivity": (0.83, 0.74, 0.90),
    "specificity": (0.69, 0.66, 0.72),
    "accuracy": (0.71, 0.68, 0.73),
    "positive_predictive_value": (0.23, 0.19, 0.28),
    "negative_predictive_value": (0.97, 0.96, None),
}


@pytest.mark.parametrize("true_negative", [664, 665])
@pytest.mark.parametrize("name", PRINTED)
def test_the_published_figures_come_out_of_the_published_counts(true_negative: int, name: str) -> None:
    counts = ConfusionCounts(
        true_positive=88, false_negative=18, true_negative=true_negative, false_positive=959 - true_negative
    )
    interval: Interval = getattr(call_figures(counts), name)
    estimate, lower, upper = PRINTED[name]
    assert round(interval.estimate, 2) == estimate
    assert round(interval.lower, 2) == lower
    assert upper is None or round(interval.upper, 2) == upper


@given(trials=st.integers(1, 400), share=st.floats(0, 1))
def test_each_bound_leaves_exactly_half_of_five_percent_outside(trials: int, share: float) -> None:
    successes = round(trials * share)
    interval = proportion(successes, trials)
    assert interval is not None
    assert interval.estimate == successes / trials
    assert interval.lower <= interval.estimate <= interval.upper
    if successes > 0:
        assert binom.sf(successes - 1, trials, interval.lower) == pytest.approx(0.025, abs=1e-6)
    else:
        assert interval.lower == 0
    if successes < trials:
        assert binom.cdf(successes, trials, interval.upper) == pytest.approx(0.025, abs=1e-6)
    else:
        assert interval.upper == 1


def test_a_proportion_of_nothing_is_unknown() -> None:
    assert proportion(0, 0) is None


def test_figures_without_a_study_behind_them_are_unknown() -> None:
    figures = call_figures(ConfusionCounts(true_positive=0, false_positive=0, true_negative=9, false_negative=1))
    assert figures.positive_predictive_value is None
    assert figures.negative_predictive_value is not None
    assert figures.sensitivity is not None
    assert figures.sensitivity.estimate == 0
    assert figures.accuracy is not None
    assert figures.accuracy.estimate == pytest.approx(0.9)
