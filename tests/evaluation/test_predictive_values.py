"""Predictive values at any prevalence, against Bayes' theorem, SciPy's relative risk and the binomial distribution."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import binom
from scipy.stats.contingency import relative_risk

from evaluation.interval import Interval
from evaluation.predictive_values import PredictiveValues, predictive_values
from specs.weights import ConfusionCounts


def counts_of(hits: int, missed: int, cleared: int, alarms: int) -> ConfusionCounts:
    return ConfusionCounts(true_positive=hits, false_negative=missed, true_negative=cleared, false_positive=alarms)


any_count = st.integers(0, 200)
ordinary_counts = st.builds(counts_of, *[st.integers(1, 200)] * 4)
any_counts = st.builds(counts_of, *[any_count] * 4).filter(
    lambda counts: counts.true_positive + counts.false_negative > 0 and counts.true_negative + counts.false_positive > 0
)
prevalences = st.floats(0.001, 0.999)


def intervals(values: PredictiveValues) -> list[Interval]:
    return [value for value in (values.positive, values.negative) if value is not None]


@pytest.mark.parametrize(("prevalence", "said"), [(0.0005, "0.05 %"), (0.02, "2 %"), (0.125, "12.5 %")])
def test_a_prevalence_is_written_with_all_its_digits(prevalence: float, said: str) -> None:
    values = predictive_values(counts_of(8, 2, 90, 10), prevalence=prevalence)
    assert str(values).startswith(f"at a prevalence of {said}: PPV ")


@given(any_counts, prevalences)
def test_the_estimates_are_those_of_bayes_theorem(counts: ConfusionCounts, prevalence: float) -> None:
    sensitivity = counts.true_positive / (counts.true_positive + counts.false_negative)
    specificity = counts.true_negative / (counts.true_negative + counts.false_positive)
    called = sensitivity * prevalence + (1 - specificity) * (1 - prevalence)
    values = predictive_values(counts, prevalence=prevalence)
    if values.positive is None:
        assert called == pytest.approx(0, abs=1e-12)
    else:
        assert values.positive.estimate == pytest.approx(sensitivity * prevalence / called, abs=1e-9)
    if values.negative is None:
        assert called == pytest.approx(1, abs=1e-12)
    else:
        assert values.negative.estimate == pytest.approx(specificity * (1 - prevalence) / (1 - called), abs=1e-9)


@given(any_counts)
def test_at_the_samples_own_prevalence_they_are_the_plain_proportions(counts: ConfusionCounts) -> None:
    with_finding = counts.true_positive + counts.false_negative
    values = predictive_values(counts, prevalence=with_finding / counts.total)
    called = counts.true_positive + counts.false_positive
    if values.positive is not None:
        assert values.positive.estimate == pytest.approx(counts.true_positive / called, abs=1e-12)
    if values.negative is not None:
        assert values.negative.estimate == pytest.approx(counts.true_negative / (counts.total - called), abs=1e-12)


@given(any_counts, st.lists(prevalences, min_size=2, max_size=2, unique=True).map(sorted))
def test_with_prevalence_the_positive_value_rises_and_the_negative_falls(
    counts: ConfusionCounts, pair: list[float]
) -> None:
    rarer, commoner = (predictive_values(counts, prevalence=prevalence) for prevalence in pair)
    for lower, higher in ((rarer.positive, commoner.positive), (commoner.negative, rarer.negative)):
        if lower is None or higher is None:
            assert lower is higher
        else:
            for bound in ("estimate", "lower", "upper"):
                assert getattr(lower, bound) <= getattr(higher, bound) + 1e-12


@given(ordinary_counts, prevalences)
def test_the_intervals_are_those_of_scipys_relative_risk_on_the_odds(
    counts: ConfusionCounts, prevalence: float
) -> None:
    with_finding = counts.true_positive + counts.false_negative
    without = counts.true_negative + counts.false_positive
    values = predictive_values(counts, prevalence=prevalence)
    positive = relative_risk(counts.true_positive, with_finding, counts.false_positive, without)
    negative = relative_risk(counts.true_negative, without, counts.false_negative, with_finding)
    for value, risk, prior in ((values.positive, positive, prevalence), (values.negative, negative, 1 - prevalence)):
        assert value is not None
        bounds = expit(logit(prior) + np.log(list(risk.confidence_interval(0.95))))
        assert (value.lower, value.upper) == pytest.approx(tuple(bounds), abs=1e-9)


@given(any_counts, prevalences)
def test_the_interval_holds_the_estimate_and_stays_within_bounds(counts: ConfusionCounts, prevalence: float) -> None:
    for value in intervals(predictive_values(counts, prevalence=prevalence)):
        assert 0 <= value.lower <= value.estimate <= value.upper <= 1
        assert value.lower < value.upper


@given(any_counts, prevalences)
def test_the_negative_value_is_the_positive_one_of_the_opposite_finding(
    counts: ConfusionCounts, prevalence: float
) -> None:
    opposite = counts_of(counts.true_negative, counts.false_positive, counts.true_positive, counts.false_negative)
    there = predictive_values(opposite, prevalence=1 - prevalence).positive
    here = predictive_values(counts, prevalence=prevalence).negative
    if here is None or there is None:
        assert here is there
    else:
        assert list(here.model_dump().values()) == pytest.approx(list(there.model_dump().values()), abs=1e-9)


@dataclass(frozen=True, kw_only=True)
class TrueTest:
    """What the calls are like in truth, and how many studies are counted of either kind."""

    sensitivity: float
    specificity: float
    with_finding: int
    without: int


@pytest.mark.parametrize(
    "true_test",
    [
        TrueTest(sensitivity=0.9, specificity=0.95, with_finding=30, without=100),
        TrueTest(sensitivity=0.95, specificity=0.99, with_finding=20, without=50),
        TrueTest(sensitivity=0.9, specificity=0.995, with_finding=20, without=100),
    ],
    ids=str,
)
def test_the_intervals_cover_the_truth_where_counts_are_often_zero(true_test: TrueTest) -> None:
    prevalence = 0.05
    called = true_test.sensitivity * prevalence + (1 - true_test.specificity) * (1 - prevalence)
    positive = true_test.sensitivity * prevalence / called
    negative = true_test.specificity * (1 - prevalence) / (1 - called)
    known = np.zeros(2)
    covered = np.zeros(2)
    for hits in range(true_test.with_finding + 1):
        of_hits = binom.pmf(hits, true_test.with_finding, true_test.sensitivity)
        for cleared in range(true_test.without + 1):
            weight = of_hits * binom.pmf(cleared, true_test.without, true_test.specificity)
            if weight > 1e-6:
                counts = counts_of(hits, true_test.with_finding - hits, cleared, true_test.without - cleared)
                values = predictive_values(counts, prevalence=prevalence)
                for place, (value, truth) in enumerate(((values.positive, positive), (values.negative, negative))):
                    if value is not None:
                        known[place] += weight
                        covered[place] += weight * (value.lower <= truth <= value.upper)
    assert (covered / known > 0.92).all()
    assert (covered / known < 0.98).all()


def test_a_call_that_is_never_made_has_no_value() -> None:
    never_positive = predictive_values(counts_of(0, 5, 9, 0), prevalence=0.1)
    assert never_positive.positive is None
    assert never_positive.negative is not None
    assert str(never_positive) == "at a prevalence of 10 %: PPV –, NPV 0.900 (95 % CI 0.866–0.937)"
    assert predictive_values(counts_of(5, 0, 0, 9), prevalence=0.1).negative is None


@pytest.mark.parametrize("prevalence", [0, 1, -0.1, 1.5, float("nan")])
def test_a_prevalence_outside_is_refused(prevalence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        predictive_values(counts_of(5, 1, 9, 2), prevalence=prevalence)


@pytest.mark.parametrize("counts", [counts_of(5, 1, 0, 0), counts_of(0, 0, 9, 2)])
def test_counts_of_one_kind_of_study_are_refused(counts: ConfusionCounts) -> None:
    with pytest.raises(ValueError, match="with the finding and of studies without"):
        predictive_values(counts, prevalence=0.1)
