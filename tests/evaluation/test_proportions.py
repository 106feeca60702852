"""Proportions and their exact intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from evaluation.proportions import call_figures, proportion
from specs.weights import ConfusionCounts


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
