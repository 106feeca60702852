"""Survival curves and hazard ratios, against R and the remission times of the trial that Cox's paper analyzes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluation.interval import Interval
from evaluation.survival import (
    FollowUp,
    HazardRatio,
    cox_regression,
    log_rank_p_value,
    proportional_hazards_p_values,
    survival_curve,
)
from tests.evaluation.r_reference import assert_as_printed, columns, printed

# Weeks of remission in acute leukemia, 6-mercaptopurine and placebo, 21 patients each; censored ones as negative
# numbers. Freireich EJ et al., Blood 1963;21:699-716, as in Cox DR, J R Stat Soc B 1972;34:187-220, table 1.
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23, -6, -9, -10, -11, -17, -19, -20, -25, -32, -32, -34, -35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
PUBLISHED_SURVIVAL = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}


def weeks(values: list[int]) -> FollowUp:
    """Return follow-up whose years are weeks: the unit does not matter to either method."""
    signed = np.array(values, np.float64)
    return FollowUp(years=np.abs(signed), event=signed > 0)


def cohort() -> tuple[FollowUp, dict[str, NDArray[np.float64]]]:
    data = columns("survival.csv")
    follow_up = FollowUp(years=data.pop("years"), event=data.pop("event") > 0)
    return follow_up, data


@pytest.mark.parametrize("week", PUBLISHED_SURVIVAL)
def test_the_curve_of_the_treated_patients_is_the_published_one(week: int) -> None:
    curve = survival_curve(weeks(TREATED))
    assert round(curve.at(week).estimate, 3) == PUBLISHED_SURVIVAL[week]
    assert (curve.patients, curve.events) == (21, 9)


@pytest.mark.parametrize("years", ["0.5", "1", "2", "3.5"])
def test_survival_and_its_interval_are_those_of_r(years: str) -> None:
    follow_up, _ = cohort()
    assert_as_printed(survival_curve(follow_up).at(float(years)), f"survival {years}", tolerance=1e-8)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=30))
def test_without_censoring_survival_is_the_share_still_without_the_event(times: list[int]) -> None:
    curve = survival_curve(weeks(times))
    for step in curve.steps:
        assert step.survival.estimate == pytest.approx(np.mean(np.array(times) > step.years), abs=1e-12)
        assert 0 <= step.survival.lower <= step.survival.estimate + 1e-12
        assert step.survival.estimate <= step.survival.upper + 1e-12 <= 1 + 2e-12


@settings(max_examples=30)
@given(st.lists(st.integers(-20, 20).filter(bool), min_size=1, max_size=30))
def test_every_patient_leaves_the_curve_once(values: list[int]) -> None:
    curve = survival_curve(weeks(values))
    remaining = len(values)
    for step in curve.steps:
        assert step.at_risk == remaining
        remaining -= step.events + step.censored
    assert remaining == 0
    assert [step.years for step in curve.steps] == sorted({abs(value) for value in values})
    assert sum(step.events for step in curve.steps) == curve.events == sum(value > 0 for value in values)


def test_survival_is_whole_until_the_first_event_and_unknown_after_the_last_patient() -> None:
    curve = survival_curve(weeks(TREATED))
    assert curve.at(0) == curve.at(5.9)
    assert curve.at(5.9).lower == 1
    with pytest.raises(ValueError, match="nobody was followed to 36"):
        curve.at(36)
    with pytest.raises(ValueError, match="nobody was followed to -1"):
        curve.at(-1)


def test_the_log_rank_test_is_that_of_r() -> None:
    follow_up, data = cohort()
    bands = np.digitize(data["age_years"], [65, 75], right=True).astype(np.str_)
    assert log_rank_p_value(follow_up, bands) == pytest.approx(printed("log rank p"), rel=1e-8)


def test_a_log_rank_test_needs_two_groups_and_an_event() -> None:
    with pytest.raises(ValueError, match="two groups"):
        log_rank_p_value(weeks(TREATED), np.full(21, "treated"))
    with pytest.raises(ValueError, match="an event"):
        log_rank_p_value(weeks([-3, -4, -5]), np.array(["a", "b", "b"]))


def test_hazard_ratios_are_those_of_r() -> None:
    follow_up, data = cohort()
    fit = cox_regression(follow_up, data)
    assert [ratio.covariate for ratio in fit.hazard_ratios] == ["gap_years", "age_years", "male"]
    for ratio in fit.hazard_ratios:
        assert_as_printed(ratio.ratio, f"hazard ratio {ratio.covariate}", tolerance=1e-6)
        assert ratio.p_value == pytest.approx(printed(f"hazard ratio {ratio.covariate} p"), rel=1e-5)
    assert fit.concordance == pytest.approx(printed("concordance"), abs=1e-9)
    assert (fit.patients, fit.events) == (240, int(follow_up.event.sum()))


def test_placebo_has_the_published_hazard_ratio() -> None:
    # 1.57 on the logarithm with Efron's handling of ties; Cox printed 1.65, with his own.
    fit = cox_regression(weeks(TREATED + PLACEBO), {"placebo": np.repeat([0.0, 1.0], 21)})
    assert np.log(fit.of("placebo").ratio.estimate) == pytest.approx(1.572, abs=5e-4)


def test_the_ratio_is_for_one_unit_more() -> None:
    follow_up, data = cohort()
    by_year = cox_regression(follow_up, data).of("gap_years")
    by_month = cox_regression(follow_up, {**data, "gap_years": data["gap_years"] * 12}).of("gap_years")
    assert by_month.ratio.estimate**12 == pytest.approx(by_year.ratio.estimate, rel=1e-6)
    assert by_month.ratio.upper**12 == pytest.approx(by_year.ratio.upper, rel=1e-6)
    assert by_month.p_value == pytest.approx(by_year.p_value, rel=1e-4)


def test_the_order_of_covariates_and_patients_does_not_matter() -> None:
    follow_up, data = cohort()
    order = np.random.default_rng(2).permutation(follow_up.years.size)
    shuffled = FollowUp(years=follow_up.years[order], event=follow_up.event[order])
    fit = cox_regression(shuffled, {name: data[name][order] for name in reversed(data)})
    expected = cox_regression(follow_up, data).of("gap_years")
    assert fit.of("gap_years").ratio.estimate == pytest.approx(expected.ratio.estimate, rel=1e-8)


def test_a_ratio_that_changes_with_time_is_told_from_one_that_stays() -> None:
    generator = np.random.default_rng(8)
    exposed, steady = generator.integers(0, 2, (2, 800)).astype(np.float64)
    # Weibull shapes of 0.7 and 1.6: the exposed die early, so that the ratio falls.
    years = generator.weibull(np.where(exposed > 0, 0.7, 1.6)) * np.exp(-0.5 * steady) * 3
    follow_up = FollowUp(years=np.minimum(years, 8), event=years < 8)
    p_values = proportional_hazards_p_values(follow_up, {"exposed": exposed, "steady": steady})
    assert p_values["exposed"] < 1e-6
    assert p_values["steady"] > 0.01


def test_hazards_that_are_not_determined_are_refused() -> None:
    follow_up, data = cohort()
    with pytest.raises(ValueError, match="not determined"):
        cox_regression(follow_up, {**data, "birth_year": 2020 - 2 * data["age_years"]})
    with pytest.raises(ValueError, match="not determined"):
        cox_regression(follow_up, {"dead": follow_up.event.astype(np.float64)})


def test_covariates_that_cannot_be_used_are_refused() -> None:
    follow_up, data = cohort()
    unknown = np.where(data["male"] > 0, np.nan, data["age_years"])
    for name, values in (("age_years", unknown), ("age_years", data["age_years"][1:]), ("", data["age_years"])):
        with pytest.raises(ValueError, match="one finite number a patient"):
            cox_regression(follow_up, {name: values})
    with pytest.raises(ValueError, match="same for all patients"):
        cox_regression(follow_up, {"site": np.ones(240)})


@pytest.mark.parametrize("name", ["follow-up", "event", "years", "Intercept", "a + b", "C(site)"])
def test_the_name_of_a_covariate_changes_nothing(name: str) -> None:
    follow_up, data = cohort()
    covariates = {name: data["gap_years"]}
    found = cox_regression(follow_up, covariates).of(name)
    expected = cox_regression(follow_up, {"gap_years": data["gap_years"]}).of("gap_years")
    assert (found.ratio, found.p_value) == (expected.ratio, expected.p_value)
    assert list(proportional_hazards_p_values(follow_up, covariates)) == [name]


@pytest.mark.parametrize(
    ("estimate", "lower", "upper", "shown"),
    [
        (1.0190001, 1.005, 1.032, "1.019 (1.005 to 1.032)"),
        (0.953, 0.876, 1.037, "0.953 (0.876 to 1.04)"),
        (1.5, 1.1, 2.0, "1.50 (1.10 to 2.00)"),
        (1.000123, 1.000051, 1.000194, "1.00012 (1.00005 to 1.00019)"),
        (1 + 3.9e-10, 1 + 1.8e-11, 1 + 7.6e-10, "1.00000000 (1.00000000 to 1.00000000)"),
        (251.2, 0.0123, 5123456.0, "251 (0.0123 to 5.12e+06)"),
        (1e-200, 0.0, 1e200, "1.00e-200 (0.00 to 1.00e+200)"),
    ],
)
def test_a_ratio_is_shown_with_the_digits_that_tell_its_bounds_apart(
    estimate: float, lower: float, upper: float, shown: str
) -> None:
    ratio = Interval(estimate=estimate, lower=lower, upper=upper)
    assert HazardRatio(covariate="bnp", ratio=ratio, p_value=0.01).shown_ratio == shown


@given(st.floats(-5, 5), st.floats(1e-7, 10), st.floats(0, 1))
def test_however_small_an_effect_is_its_shown_ratio_errs_by_little_of_its_interval(
    log_lower: float, log_width: float, share: float
) -> None:
    estimate, lower, upper = (float(np.exp(log_lower + part * log_width)) for part in (share, 0, 1))
    ratio = Interval(estimate=estimate, lower=lower, upper=upper)
    shown = HazardRatio(covariate="bnp", ratio=ratio, p_value=0.01).shown_ratio
    read = [float(number) for number in shown.rstrip(")").replace(" (", " to ").split(" to ")]
    assert read == pytest.approx([estimate, lower, upper], rel=0, abs=0.06 * (upper - lower))


def test_hazard_ratios_need_more_events_than_covariates() -> None:
    with pytest.raises(ValueError, match="more events than that; got 0"):
        cox_regression(weeks([-3, -4, -5]), {"age": np.array([1.0, 2.0, 4.0])})
    with pytest.raises(ValueError, match="more events"):
        cox_regression(weeks([3, 4]), {})


@pytest.mark.parametrize(
    ("years", "event"),
    [([], []), ([1.0, 2.0], [True]), ([0.0, 2.0], [True, False]), ([np.nan], [True]), ([np.inf], [False])],
)
def test_follow_up_that_cannot_be_used_is_refused(years: list[float], event: list[bool]) -> None:
    with pytest.raises(ValueError, match="follow-up"):
        FollowUp(years=np.array(years), event=np.array(event, np.bool_))


def test_an_unknown_covariate_is_no_hazard_ratio() -> None:
    fit = cox_regression(weeks(TREATED + PLACEBO), {"placebo": np.repeat([0.0, 1.0], 21)})
    with pytest.raises(KeyError):
        fit.of("age")
