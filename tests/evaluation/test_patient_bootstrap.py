"""The main figure with an interval by patient."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.agreement import mean_interval
from evaluation.bootstrap import bootstrap_by_patient
from evaluation.details import FindingDetails, QuantityDetails
from evaluation.discrimination import Scores, area_under_roc
from evaluation.patient_bootstrap import area_by_patient, error_by_patient
from tests.evaluation.cohorts import simulated

TRUTH, LOG_ODDS = simulated(120)


def repeated(values: np.ndarray, times: int) -> np.ndarray:
    """Give every study again and again, as if each patient had so many images that look alike."""
    return np.repeat(values, times)


PATIENTS = np.array([f"patient {number}" for number in range(120)])


def test_an_area_is_the_usual_one_and_its_interval_heeds_that_images_of_a_patient_are_alike() -> None:
    once = area_under_roc(TRUTH, LOG_ODDS)
    truth, scores, patients = (repeated(values, 4) for values in (TRUTH, LOG_ODDS, PATIENTS))
    found, as_if_apart = area_by_patient(truth, scores, patients), area_under_roc(truth, scores)
    assert found is not None
    assert found.interval is not None
    assert (found.figure, found.patients) == ("AUC", 120)
    assert found.interval.estimate == pytest.approx(as_if_apart.estimate, abs=1e-12)
    width = found.interval.upper - found.interval.lower
    assert width == pytest.approx(once.upper - once.lower, rel=0.12)
    assert width > 1.7 * (as_if_apart.upper - as_if_apart.lower)


def test_an_error_is_the_usual_one_and_its_interval_heeds_that_images_of_a_patient_are_alike() -> None:
    truth = np.linspace(20, 80, 120)
    values = truth + np.random.default_rng(5).normal(0, 5, 120)
    found = error_by_patient(repeated(truth, 4), repeated(values, 4), repeated(PATIENTS, 4))
    assert found is not None
    assert found.interval is not None
    once = mean_interval(np.abs(values - truth))
    assert found.interval.estimate == pytest.approx(once.estimate, abs=1e-12)
    assert found.interval.upper - found.interval.lower == pytest.approx(once.upper - once.lower, rel=0.12)


@settings(max_examples=5)  # 2,000 resamples each
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=8, max_size=40))
def test_ties_count_one_half_as_in_the_usual_area(studies: list[tuple[bool, int]]) -> None:
    truth = np.array([*(found for found, _ in studies), True, True, False, False])
    scores: Scores = np.array([*(score for _, score in studies), 1, 4, 0, 3], dtype=np.float64)
    patients = np.array([*map(str, range(truth.size))])
    patients[0] = patients[-1]
    found = area_by_patient(truth, scores, patients)
    if found is not None and found.interval is not None:
        assert found.interval.estimate == pytest.approx(area_under_roc(truth, scores).estimate, abs=1e-12)


def test_what_it_says_repeats_the_draws() -> None:
    truth, scores, patients = (repeated(values, 2) for values in (TRUTH, LOG_ODDS, PATIENTS))
    found = area_by_patient(truth, scores, patients)
    assert found is not None
    assert found.interval is not None
    again = bootstrap_by_patient(
        patients,
        lambda drawn: area_under_roc(truth[drawn], scores[drawn]).estimate,
        strata=truth.astype(np.int64),
        resamples=found.resamples,
        seed=found.seed,
    )
    assert (again.lower, again.upper) == pytest.approx(
        (found.interval.lower, found.interval.upper), abs=5e-4
    )  # ties round apart
    assert str(found).endswith("(BCa bootstrap by patient: 120 patients, 2000 resamples, seed 0)")


def test_patients_who_have_the_finding_in_some_images_only_are_drawn_too() -> None:
    patients = repeated(PATIENTS, 2)[: TRUTH.size]
    assert any(0 < TRUTH[patients == patient].mean() < 1 for patient in patients)
    found = area_by_patient(TRUTH, LOG_ODDS, patients)
    assert found is not None
    assert found.patients == 60


def test_it_is_not_given_where_each_patient_has_one_image() -> None:
    assert area_by_patient(TRUTH, LOG_ODDS, PATIENTS) is None
    assert error_by_patient(LOG_ODDS, LOG_ODDS + 1, PATIENTS) is None


def test_a_report_says_where_the_patients_determine_no_interval() -> None:
    truth = np.array([True, True, False, False, False])
    found = area_by_patient(truth, np.arange(5.0), np.array(["a", "a", "b", "c", "d"]))
    assert found is not None
    assert found.interval is None
    assert "the 4 patients determine no interval" in str(found)


def test_where_it_is_absent_a_report_s_json_is_as_before() -> None:
    assert "by_patient" not in FindingDetails().model_dump(mode="json")
    found = error_by_patient(LOG_ODDS, LOG_ODDS * 2, repeated(PATIENTS, 2)[: TRUTH.size])
    details = QuantityDetails(by_patient=found)
    assert QuantityDetails.from_json(details.readable_json()) == details
    assert str(found) in str(details)
    assert str(found).startswith("mean absolute error by patient ")
