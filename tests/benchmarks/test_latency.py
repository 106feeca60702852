"""Percentiles are samples, and their intervals hold what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.latency import PERCENTS, Latency, largest_ratio, percentiles

latencies = st.lists(st.floats(min_value=1e-6, max_value=1e3), min_size=1, max_size=300).map(np.array)


@given(latencies)
def test_a_percentile_is_the_smallest_sample_that_its_share_does_not_exceed(latency_s: np.ndarray) -> None:
    for found in percentiles(latency_s, PERCENTS):
        within = np.mean(latency_s * 1e3 <= found.ms)
        below = np.mean(latency_s * 1e3 < found.ms)
        assert below * 100 < found.percent <= within * 100 + 1e-9


@given(latencies)
def test_an_interval_holds_its_percentile_and_grows_with_the_percentage(latency_s: np.ndarray) -> None:
    found = percentiles(latency_s, PERCENTS)
    for each in found:
        assert (each.lower_ms or 0.0) <= each.ms <= (np.inf if each.upper_ms is None else each.upper_ms)
    assert [each.ms for each in found] == sorted(each.ms for each in found)


@given(latencies)
def test_the_order_of_requests_does_not_matter(latency_s: np.ndarray) -> None:
    order = np.random.default_rng(0).permutation(latency_s.size)
    assert percentiles(latency_s[order], PERCENTS) == percentiles(latency_s, PERCENTS)


@pytest.mark.parametrize("percent", PERCENTS)
def test_intervals_hold_the_true_percentile_at_least_as_often_as_they_say(percent: float) -> None:
    generator, true_ms = np.random.default_rng(0), -1e3 * np.log1p(-percent / 100)
    held = 0
    for _ in range(400):
        (found,) = percentiles(generator.exponential(size=5000), [percent])
        assert found.lower_ms is not None
        held += found.lower_ms <= true_ms and (found.upper_ms is None or true_ms <= found.upper_ms)
    assert held / 400 >= 0.93


def test_too_few_requests_leave_a_tail_without_an_upper_bound() -> None:
    few = Latency.of(np.linspace(0.001, 0.1, 100))
    assert few.at(99.9).upper_ms is None
    assert few.at(50).upper_ms is not None
    assert few.largest_ms == pytest.approx(100.0)


def test_a_ratio_that_is_not_bounded_is_not_stated() -> None:
    many, few = Latency.of(np.linspace(0.001, 0.1, 10_000)), Latency.of(np.linspace(0.001, 0.1, 100))
    bounded = largest_ratio(many.at(99), many.at(99))
    assert bounded is not None
    assert bounded >= 1
    assert largest_ratio(few.at(99.9), many.at(99)) is None
