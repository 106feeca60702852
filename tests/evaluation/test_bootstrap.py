"""The bootstrap by patient, against SciPy's of rows, DeLong's interval, and what repeated studies must not change."""

import math

import numpy as np
import pytest
from scipy import stats

from evaluation.bootstrap import StudyIndices, bootstrap_by_patient
from evaluation.discrimination import area_under_roc
from tests.evaluation.cohorts import simulated

VALUES = np.random.default_rng(3).gamma(2.0, 10.0, 80)
EACH_ONCE = np.arange(VALUES.size)


def mean_of(studies: StudyIndices) -> float:
    return float(VALUES[studies].mean())


def test_with_one_study_a_patient_it_is_scipys_bootstrap_of_rows() -> None:
    found = bootstrap_by_patient(EACH_ONCE, mean_of, resamples=500, seed=11)
    expected = stats.bootstrap(
        (VALUES,), np.mean, n_resamples=500, batch=100, method="BCa", rng=np.random.default_rng(11)
    ).confidence_interval
    assert found.estimate == pytest.approx(VALUES.mean())
    assert (found.lower, found.upper) == pytest.approx((expected.low, expected.high), rel=1e-9)


@pytest.mark.parametrize("times", [2, 5])
def test_reading_every_study_several_times_narrows_nothing(times: int) -> None:
    once = bootstrap_by_patient(EACH_ONCE, mean_of, resamples=300)
    patients = np.tile(EACH_ONCE, times)
    again = bootstrap_by_patient(patients, lambda studies: mean_of(patients[studies]), resamples=300)
    assert (again.lower, again.upper) == pytest.approx((once.lower, once.upper), rel=1e-9)


def test_a_patient_label_may_be_text_and_in_any_order() -> None:
    names = np.array([f"patient {number:02d}" for number in EACH_ONCE])
    order = np.random.default_rng(1).permutation(VALUES.size)
    numbered = bootstrap_by_patient(EACH_ONCE, mean_of, resamples=200)
    named = bootstrap_by_patient(names[order], lambda studies: mean_of(order[studies]), resamples=200)
    assert (named.lower, named.upper) == pytest.approx((numbered.lower, numbered.upper), rel=1e-9)


def test_studies_of_one_patient_that_are_alike_widen_the_interval() -> None:
    generator = np.random.default_rng(5)
    patients = np.repeat(np.arange(60), 5)
    values = np.repeat(generator.normal(0, 1, 60), 5) + generator.normal(0, 0.1, 300)
    by_patient = bootstrap_by_patient(patients, lambda studies: float(values[studies].mean()), resamples=1000)
    by_study = bootstrap_by_patient(np.arange(300), lambda studies: float(values[studies].mean()), resamples=1000)
    ratio = (by_patient.upper - by_patient.lower) / (by_study.upper - by_study.lower)
    assert ratio == pytest.approx(math.sqrt(5), rel=0.15)


def test_delongs_interval_is_that_of_the_bootstrap_in_strata() -> None:
    truth, log_odds = simulated(300)
    scores = log_odds + np.random.default_rng(1).normal(0, 1, 300)
    delong = area_under_roc(truth, scores)

    def area(studies: StudyIndices) -> float:
        ranks = stats.rankdata(scores[studies])[truth[studies]]
        return float((ranks.mean() - (ranks.size + 1) / 2) / (studies.size - ranks.size))

    drawn = bootstrap_by_patient(np.arange(300), area, strata=truth.astype(np.int64), resamples=1000)
    assert drawn.estimate == pytest.approx(delong.estimate, abs=1e-12)
    assert (drawn.lower, drawn.upper) == pytest.approx((delong.lower, delong.upper), abs=0.008)


def test_strata_keep_their_number_of_patients() -> None:
    strata = np.repeat([0, 1], [6, 74])
    share = bootstrap_by_patient(EACH_ONCE, lambda studies: float(strata[studies].mean()), strata=strata, resamples=200)
    assert (share.lower, share.estimate, share.upper) == pytest.approx((74 / 80,) * 3)
    loose = bootstrap_by_patient(EACH_ONCE, lambda studies: float(strata[studies].mean()), resamples=200)
    assert loose.lower < 74 / 80 < loose.upper


def test_the_same_seed_gives_the_same_interval_and_another_one_does_not() -> None:
    first, again, other = (bootstrap_by_patient(EACH_ONCE, mean_of, resamples=200, seed=seed) for seed in (4, 4, 5))
    assert first == again
    assert first != other


def test_a_statistic_that_never_varies_has_an_interval_without_width() -> None:
    constant = bootstrap_by_patient(EACH_ONCE, lambda _: 0.5, resamples=100)
    assert (constant.lower, constant.estimate, constant.upper) == (0.5, 0.5, 0.5)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two patients in every stratum"):
        bootstrap_by_patient(np.zeros(9, np.int64), mean_of)
    with pytest.raises(ValueError, match="at least two patients in every stratum"):
        bootstrap_by_patient(EACH_ONCE, mean_of, strata=(EACH_ONCE == 0).astype(np.int64))
    with pytest.raises(ValueError, match="two strata"):
        bootstrap_by_patient(EACH_ONCE // 2, mean_of, strata=EACH_ONCE % 2)
    with pytest.raises(ValueError, match="at least two patients"):
        bootstrap_by_patient(np.array([], np.int64), mean_of)


def test_a_statistic_that_some_resample_leaves_undefined_is_refused() -> None:
    rare = EACH_ONCE == 7

    def mean_of_rare(studies: StudyIndices) -> float:
        kept = VALUES[studies][rare[studies]]
        return float(kept.mean()) if kept.size else math.nan

    with pytest.raises(ValueError, match="not a finite number for some resample"):
        bootstrap_by_patient(EACH_ONCE, mean_of_rare, resamples=100)


def test_a_statistic_that_no_resample_exceeds_is_refused() -> None:
    with pytest.raises(ValueError, match="no BCa interval"):
        bootstrap_by_patient(EACH_ONCE, lambda studies: float(np.unique(studies).size), resamples=100)
