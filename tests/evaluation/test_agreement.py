"""Agreement of quantities against published tables, SciPy, and simulations whose answer is known."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from evaluation.agreement import (
    Agreement,
    Quantities,
    agreement,
    intraclass_correlation,
    limits_of_agreement,
    mean_interval,
    pearson_correlation,
    regression_slope,
)
from evaluation.interval import Interval
from tests.evaluation.measured import MINI_METER, SHROUT_FLEISS, WRIGHT_METER, Pair, ages, pairs


def bounds(interval: Interval | None) -> tuple[float, float, float]:
    """Return estimate, lower and upper bound."""
    assert interval is not None
    return interval.estimate, interval.lower, interval.upper


def test_bias_and_its_interval_are_those_of_bland_and_altman() -> None:
    bias = agreement(MINI_METER, WRIGHT_METER).bias  # they take Wright minus mini
    assert tuple(round(bound, 1) for bound in bounds(bias)) == (-2.1, -22.0, 17.8)


def test_limits_of_agreement_are_those_of_bland_and_altman_but_for_their_rounded_factor() -> None:
    lower, upper = limits_of_agreement(WRIGHT_METER - MINI_METER)
    deviation = (upper.estimate - lower.estimate) / (2 * stats.norm.ppf(0.975))
    assert round(deviation, 1) == 38.8
    # Printed with 2 SD: -79.7 (-114.3 to -45.1) and 75.5 (40.9 to 110.1).
    shift = (2 - stats.norm.ppf(0.975)) * deviation
    assert lower.estimate - shift == pytest.approx(-79.7, abs=0.1)
    assert upper.estimate + shift == pytest.approx(75.5, abs=0.1)
    # Printed with the variance 3 SD² / n, which the paper of 1999 makes exact: half a liter apart.
    assert upper.upper - upper.estimate == pytest.approx((110.1 - 40.9) / 2, abs=0.5)
    assert lower.estimate - lower.lower == pytest.approx((114.3 - 45.1) / 2, abs=0.5)


def test_the_intraclass_correlation_is_that_of_shrout_and_fleiss() -> None:
    # Their Table 4 prints .17. The interval is that of psych::ICC and pingouin 0.7.0, which print two digits.
    assert tuple(round(bound, 2) for bound in bounds(intraclass_correlation(SHROUT_FLEISS))) == (0.17, -0.13, 0.72)


def test_the_intraclass_correlation_of_the_flow_meters_is_that_of_pingouin() -> None:
    found = intraclass_correlation(np.column_stack([WRIGHT_METER, MINI_METER]))
    estimate, lower, upper = bounds(found)
    assert estimate == pytest.approx(0.9460147250880451, abs=1e-12)  # pingouin 0.7.0, which rounds its interval
    assert (round(lower, 2), round(upper, 2)) == (0.86, 0.98)


@given(pairs())
def test_the_intraclass_correlation_is_that_of_an_analysis_of_variance(pair: Pair) -> None:
    ratings = np.column_stack(pair)
    ratio = float(stats.f_oneway(*ratings).statistic) if np.ptp(ratings, axis=1).any() else math.inf
    assume(math.isfinite(ratio))
    found = intraclass_correlation(ratings)
    assert found is not None
    assert found.estimate == pytest.approx((ratio - 1) / (ratio + 1), abs=1e-9)
    assert -1 <= found.lower <= found.estimate <= found.upper <= 1


@given(pairs(), st.integers(-50, 50), st.integers(1, 9))
def test_a_change_of_unit_scales_errors_and_leaves_correlations(pair: Pair, shift: int, factor: int) -> None:
    plain, changed = agreement(*pair), agreement(*(shift + factor * values for values in pair))
    for name in ("mean_absolute_error", "bias", "lower_limit", "upper_limit"):
        scaled = tuple(factor * bound for bound in bounds(getattr(plain, name)))
        assert bounds(getattr(changed, name)) == pytest.approx(scaled, abs=1e-8)
    assert changed.root_mean_square_error == pytest.approx(factor * plain.root_mean_square_error)
    for name in ("pearson_r", "intraclass_correlation", "calibration_slope", "slope_on_truth"):
        assert bounds(getattr(changed, name)) == pytest.approx(bounds(getattr(plain, name)), abs=1e-6)


@given(pairs())
def test_truth_and_prediction_trade_places(pair: Pair) -> None:
    there, back = agreement(*pair), agreement(*pair[::-1])
    assert back.bias.estimate == pytest.approx(-there.bias.estimate)
    assert back.lower_limit.lower == pytest.approx(-there.upper_limit.upper)
    assert back.mean_absolute_error == there.mean_absolute_error
    assert back.calibration_slope == there.slope_on_truth


@given(pairs())
def test_errors_are_in_order(pair: Pair) -> None:
    found = agreement(*pair)
    assert abs(found.bias.estimate) <= found.mean_absolute_error.estimate + 1e-9
    assert found.mean_absolute_error.estimate <= found.root_mean_square_error + 1e-9
    assert found.lower_limit.estimate <= found.bias.estimate <= found.upper_limit.estimate


@given(pairs())
def test_correlation_and_slope_are_those_of_least_squares(pair: Pair) -> None:
    truth, values = pair
    correlation = float(np.corrcoef(truth, values)[0, 1])
    found = agreement(truth, values)
    assert found.pearson_r is not None
    assert found.pearson_r.estimate == pytest.approx(correlation, abs=1e-9)
    assert found.slope_on_truth is not None
    assert found.slope_on_truth.estimate == pytest.approx(np.polyfit(truth, values, 1)[0], abs=1e-8)


def test_the_interval_of_a_correlation_is_fishers() -> None:
    truth, values = ages(60)
    found = agreement(truth, values).pearson_r
    assert found is not None
    reach = stats.norm.ppf(0.975) / math.sqrt(57)
    assert found.lower == pytest.approx(math.tanh(math.atanh(found.estimate) - reach))
    assert found.upper == pytest.approx(math.tanh(math.atanh(found.estimate) + reach))


def test_predictions_that_shrink_to_the_mean_have_a_small_slope_on_truth_and_a_large_calibration_slope() -> None:
    found = agreement(*ages(20_000))
    assert found.slope_on_truth is not None
    assert found.calibration_slope is not None
    assert found.slope_on_truth.estimate == pytest.approx(0.8, abs=0.01)
    # variance of the truth 77²/12, of the prediction 0.8² of that and 6² of noise
    variance = 77**2 / 12
    assert found.calibration_slope.estimate == pytest.approx(0.8 * variance / (0.64 * variance + 36), abs=0.01)


def coverage(
    draw: Callable[[np.random.Generator], Quantities], estimate: Callable[..., Interval | None]
) -> Callable[[float], float]:
    """Return the share of 4,000 simulated samples whose interval covers a value."""
    generator = np.random.default_rng(11)
    found = [bounds(estimate(draw(generator))) for _ in range(4_000)]
    return lambda value: float(np.mean([lower <= value <= upper for _, lower, upper in found]))


FOUR_ERRORS = 4 * math.sqrt(0.95 * 0.05 / 4_000)


def test_the_interval_of_the_mean_absolute_error_covers_it() -> None:
    covered = coverage(lambda generator: np.abs(generator.normal(0, 5, 100)), mean_interval)
    assert covered(5 * math.sqrt(2 / math.pi)) == pytest.approx(0.95, abs=FOUR_ERRORS)


@pytest.mark.parametrize("side", [0, 1])
def test_the_intervals_of_the_limits_cover_them(side: int) -> None:
    covered = coverage(lambda generator: generator.normal(2, 5, 40), lambda sample: limits_of_agreement(sample)[side])
    assert covered(2 + (2 * side - 1) * stats.norm.ppf(0.975) * 5) == pytest.approx(0.95, abs=FOUR_ERRORS)


def test_the_interval_of_the_intraclass_correlation_covers_it() -> None:
    def ratings(generator: np.random.Generator) -> Quantities:
        return generator.normal(0, 3, (25, 1)) + generator.normal(0, 1, (25, 2))

    assert coverage(ratings, intraclass_correlation)(0.9) == pytest.approx(0.95, abs=FOUR_ERRORS)


def test_the_interval_of_a_slope_covers_it() -> None:
    independent = np.linspace(0, 1, 12)
    covered = coverage(
        lambda generator: 3 * independent + generator.normal(0, 1, 12),
        lambda dependent: regression_slope(independent, dependent),
    )
    assert covered(3) == pytest.approx(0.95, abs=FOUR_ERRORS)


def test_perfect_predictions_agree_perfectly() -> None:
    truth = np.array([20.0, 40.0, 60.0, 80.0])
    found = agreement(truth, truth)
    assert bounds(found.mean_absolute_error) == bounds(found.bias) == bounds(found.upper_limit) == (0, 0, 0)
    assert bounds(found.pearson_r) == pytest.approx((1, 1, 1))
    assert bounds(found.intraclass_correlation) == (1, 1, 1)
    assert bounds(found.calibration_slope) == pytest.approx((1, 1, 1))


def test_one_value_for_everyone_has_no_correlation() -> None:
    truth = np.array([20.0, 40.0, 60.0, 80.0])
    found = agreement(truth, np.full(4, 50.0))
    assert found.pearson_r is None
    assert found.calibration_slope is None
    assert bounds(found.slope_on_truth) == (0, 0, 0)
    assert found.mean_absolute_error.estimate == 20
    assert agreement(np.full(4, 50.0), truth).slope_on_truth is None
    assert agreement(np.full(4, 50.0), np.full(4, 50.0)).intraclass_correlation is None


def test_three_studies_are_enough_and_leave_the_correlation_open() -> None:
    found = pearson_correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]))
    assert bounds(found) == pytest.approx((0.5, -1, 1))


@pytest.mark.parametrize(
    ("truth", "values", "complaint"),
    [
        ([1, 2], [1, 2], "at least three studies; got 2"),
        ([1, 2, 3], [1, 2], "one true and one predicted value a study"),
        ([1, 2, math.nan], [1, 2, 3], "not a finite number"),
        ([1, 2, 3], [1, 2, math.inf], "not a finite number"),
    ],
)
def test_unusable_values_are_refused(truth: list[float], values: list[float], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        agreement(np.array(truth, np.float64), np.array(values, np.float64))


def test_the_figures_come_back_from_json() -> None:
    found = agreement(*ages(50))
    assert Agreement.from_json(found.canonical_json()) == found
