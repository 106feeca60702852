"""Hazard ratio per year of X-ray age gap, in simulated cohorts whose true ratio is the published one."""

import math

import numpy as np
import pytest

from evaluation.survival import cox_regression
from tests.evaluation.age_gap_cohort import GAP, HAZARD_RATIO, PATIENTS, age_gap_cohort

SEEDS = range(1000)


def test_one_cohort_is_like_the_published_one() -> None:
    cohort = age_gap_cohort(seed=SEEDS.stop)
    fit = cox_regression(cohort.follow_up, cohort.covariates)
    gap = fit.of(GAP)
    assert fit.patients == PATIENTS
    assert 0.28 < fit.events / fit.patients < 0.40
    assert gap.ratio.lower < HAZARD_RATIO < gap.ratio.upper
    # The published bounds are 1.005 and 1.032.
    assert math.log(gap.ratio.upper / gap.ratio.lower) == pytest.approx(math.log(1.032 / 1.005), rel=0.2)


def test_leaving_out_the_age_hides_what_the_gap_does() -> None:
    # An X-ray age that shrinks to the mean falls short of the age in the old, who die sooner.
    cohort = age_gap_cohort(seed=SEEDS.stop)
    alone = cox_regression(cohort.follow_up, {GAP: cohort.covariates[GAP]}).of(GAP)
    adjusted = cox_regression(cohort.follow_up, cohort.covariates).of(GAP)
    assert alone.ratio.estimate < adjusted.ratio.estimate - 0.01


@pytest.mark.slow
@pytest.mark.timeout(1800)  # 70 s of one core that nobody else uses
def test_the_interval_covers_the_true_hazard_ratio_in_95_of_100_cohorts() -> None:
    found = []
    for seed in SEEDS:
        cohort = age_gap_cohort(seed=seed)
        found.append(cox_regression(cohort.follow_up, cohort.covariates).of(GAP).ratio)
    covered = np.mean([ratio.lower <= HAZARD_RATIO <= ratio.upper for ratio in found])
    assert 0.93 <= covered <= 0.97
    mean = math.exp(np.mean([math.log(ratio.estimate) for ratio in found]))
    assert mean == pytest.approx(HAZARD_RATIO, abs=0.001)
