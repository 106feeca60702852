"""The synthetic cohort has what is published of the source's patients, before any model is fitted to it."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from phantoms import HeartFailureOutcome, HeartFailurePatient, Part, Sex, heart_failure_patient, patient_cohort
from phantoms.heart_failure import STATED_UNITS
from preprocessing import ClinicalRecord, Given, PreparedRecord, prepare_record
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME
from specs.heart_failure_variables import HEART_FAILURE_VARIABLES

PUBLISHED_PATIENTS = 526
DEATH_SHARE, ARRHYTHMIA_SHARE = 104 / 526, 37 / 526


@pytest.fixture(scope="module")
def many() -> list[HeartFailurePatient]:
    """Patients of a seed that no part has."""
    return [heart_failure_patient(seed=7, index=index) for index in range(8000)]


def happened(patients: list[HeartFailurePatient], outcome: HeartFailureOutcome) -> NDArray[np.bool_]:
    return np.array([patient.outcome is outcome for patient in patients])


def test_the_shares_of_the_outcomes_are_the_published_ones(many: list[HeartFailurePatient]) -> None:
    assert happened(many, HeartFailureOutcome.HEART_FAILURE_DEATH).mean() == pytest.approx(DEATH_SHARE, abs=0.015)
    assert happened(many, HeartFailureOutcome.ARRHYTHMIC_EVENT).mean() == pytest.approx(ARRHYTHMIA_SHARE, abs=0.01)


def test_age_is_the_published_one(many: list[HeartFailurePatient]) -> None:
    ages = [patient.age_years for patient in many]
    assert np.mean(ages) == pytest.approx(66, abs=1)
    assert np.std(ages) == pytest.approx(14, abs=0.7)


def test_the_training_part_is_a_likely_draw_of_the_published_cohort() -> None:
    counts = Counter(patient.outcome for patient in patient_cohort(Part.TRAINING, count=PUBLISHED_PATIENTS))
    for outcome, share in (
        (HeartFailureOutcome.HEART_FAILURE_DEATH, DEATH_SHARE),
        (HeartFailureOutcome.ARRHYTHMIC_EVENT, ARRHYTHMIA_SHARE),
    ):
        assert stats.binomtest(counts[outcome], PUBLISHED_PATIENTS, share).pvalue > 0.01


@pytest.mark.parametrize(
    ("outcome", "cut_off", "high", "high_events", "low_events"),
    [
        (HeartFailureOutcome.HEART_FAILURE_DEATH, 0.15, 198, 98, 6),
        (HeartFailureOutcome.ARRHYTHMIC_EVENT, 0.11, 147, 27, 10),
    ],
)
def test_the_risk_groups_are_near_the_published_ones(
    many: list[HeartFailurePatient],
    outcome: HeartFailureOutcome,
    cut_off: float,
    high: int,
    high_events: int,
    low_events: int,
) -> None:
    """Counts as of 526 patients; the published groups are those of fitted models, these of the law itself."""
    scale = PUBLISHED_PATIENTS / len(many)
    is_high = np.array([patient.probabilities[outcome] for patient in many]) > cut_off
    events = happened(many, outcome)
    assert is_high.sum() * scale == pytest.approx(high, abs=30)
    assert events[is_high].sum() * scale == pytest.approx(high_events, abs=5)
    assert events[~is_high].sum() * scale == pytest.approx(low_events, abs=5)


def test_the_outcomes_happen_as_often_as_the_law_says(many: list[HeartFailurePatient]) -> None:
    for outcome in HeartFailureOutcome:
        expected = np.array([patient.probabilities[outcome] for patient in many])
        deviation = np.sqrt((expected * (1 - expected)).sum())
        assert abs(happened(many, outcome).sum() - expected.sum()) < 3 * deviation


def test_heart_failure_deaths_fall_as_the_ratio_rises(many: list[HeartFailurePatient]) -> None:
    risks = risks_over_ratio(many, HeartFailureOutcome.HEART_FAILURE_DEATH, edges=(1.0, 1.5, 1.75, 2.0, 2.5, 4.0))
    assert risks == sorted(risks, reverse=True)
    assert risks[0] > 0.4
    assert risks[-1] < 0.02


def test_arrhythmic_events_peak_between_in_class_three(many: list[HeartFailurePatient]) -> None:
    third = [patient for patient in many if patient.nyha_class == 3]
    edges = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 4.0)
    risks = risks_over_ratio(third, HeartFailureOutcome.ARRHYTHMIC_EVENT, edges=edges)
    assert np.argmax(risks) in (2, 3)
    assert max(risks) > 1.2 * max(risks[0], risks[-1])


def risks_over_ratio(
    patients: list[HeartFailurePatient], outcome: HeartFailureOutcome, *, edges: tuple[float, ...]
) -> list[float]:
    """Return the mean probability of an outcome in each range of the late H/M ratio."""
    ratios = np.array([patient.late_hm_ratio for patient in patients])
    risks = np.array([patient.probabilities[outcome] for patient in patients])
    return [float(risks[(lower <= ratios) & (ratios < upper)].mean()) for lower, upper in pairwise(edges)]


def test_parts_share_no_patient_and_a_patient_is_the_same_again() -> None:
    cohorts = [patient_cohort(part, count=20) for part in Part]
    everyone = [patient for cohort in cohorts for patient in cohort]
    assert len(set(everyone)) == len(everyone)
    assert cohorts[0][7] == heart_failure_patient(seed=Part.TRAINING.seed, index=7)


def test_every_patient_is_eligible_and_has_one_peptide(many: list[HeartFailurePatient]) -> None:
    for patient in many[:2000]:
        assert (patient.bnp_pg_ml is None) != (patient.nt_probnp_pg_ml is None)
        found = prepare_record(
            ClinicalRecord(
                values={name: Given(text=text, unit=STATED_UNITS.get(name)) for name, text in patient.row().items()}
            ),
            HEART_FAILURE_VARIABLES,
        )
        assert isinstance(found, PreparedRecord), found
        values = dict(zip(HEART_FAILURE_VARIABLES.names, found.tensor.tolist(), strict=True))
        assert values["nyha_class"] == patient.nyha_class
        assert values["sex"] == (patient.sex is Sex.MALE)
        assert values["late_hm_ratio"] == pytest.approx(patient.late_hm_ratio)


def test_the_background_of_the_contract_is_the_demonstration_part() -> None:
    drawn = [
        prepare_record(
            ClinicalRecord(
                values={name: Given(text=text, unit=STATED_UNITS.get(name)) for name, text in patient.row().items()}
            ),
            HEART_FAILURE_VARIABLES,
        )
        for patient in patient_cohort(Part.DEMONSTRATION, count=len(HEART_FAILURE_OUTCOME.background))
    ]
    rows = [found.tensor for found in drawn if isinstance(found, PreparedRecord)]
    np.testing.assert_array_equal(np.array(rows), np.array(HEART_FAILURE_OUTCOME.background, dtype=np.float32))
