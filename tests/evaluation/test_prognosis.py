"""Groups of the age gap, their curves and their numbers at risk; and the ratio in a cohort like the published one."""

import numpy as np
import pytest

from evaluation.errors import HazardsUndetermined
from evaluation.pictures import encoded
from evaluation.prognosis import GAP, FollowedPatients, GapGrouping, PrognosisReport, prognosis_report
from evaluation.prognosis_pictures import survival_picture
from evaluation.quantity_report import ReportedModel
from evaluation.survival import FollowUp, survival_curve
from tests.evaluation import age_gap_cohort as published

MODEL = ReportedModel(model="xray_age", version=1, contract_sha256="a" * 64)
GROUPINGS = pytest.mark.parametrize("grouping", GapGrouping)


def cohort(*, seed: int = 4) -> FollowedPatients:
    """Return a simulated cohort like the published one."""
    simulated = published.age_gap_cohort(seed=seed)
    others = {name: values for name, values in simulated.covariates.items() if name != published.GAP}
    return FollowedPatients(
        follow_up=simulated.follow_up,
        gap_years=simulated.covariates[published.GAP],
        adjusted_for=others,
        left_out={"results that no outcome joins": 3},
    )


def report(patients: FollowedPatients, grouping: GapGrouping) -> PrognosisReport:
    return prognosis_report(patients, MODEL, grouping=grouping)


def test_of_a_cohort_like_the_published_one_the_interval_holds_the_published_ratio() -> None:
    found = report(cohort(), GapGrouping.SIGN)
    gap = found.cox.of(GAP).ratio
    assert gap.lower < published.HAZARD_RATIO < gap.upper
    assert gap.upper / gap.lower < 1.04
    text = str(found)
    assert f"{published.PATIENTS} patients" in text
    assert found.cox.of(GAP).shown_ratio in text
    assert "Left out: results that no outcome joins (3)" in text


@GROUPINGS
def test_each_patient_is_of_one_group_whose_curve_is_that_of_its_patients(grouping: GapGrouping) -> None:
    patients = cohort()
    found = report(patients, grouping)
    cuts = [0.0] if grouping is GapGrouping.SIGN else list(np.quantile(patients.gap_years, [1 / 3, 2 / 3]))
    bounds = [-np.inf, *cuts, np.inf]
    for group, low, high in zip(found.groups, bounds, bounds[1:], strict=False):
        own = (patients.gap_years > low) & (patients.gap_years <= high)
        follow_up = FollowUp(years=patients.follow_up.years[own], event=patients.follow_up.event[own])
        assert group.curve == survival_curve(follow_up)
        assert group.at_risk == tuple(int(np.sum(follow_up.years >= years)) for years in found.at_risk_years)
    assert len(found.groups) == len(cuts) + 1
    assert sum(group.at_risk[0] for group in found.groups) == published.PATIENTS


def test_where_all_are_older_than_they_look_there_is_one_group_and_no_test() -> None:
    patients = cohort()
    younger = FollowedPatients(
        follow_up=patients.follow_up,
        gap_years=-np.abs(patients.gap_years) - 1,
        adjusted_for=patients.adjusted_for,
        left_out={},
    )
    found = report(younger, GapGrouping.SIGN)
    assert [group.name for group in found.groups] == ["X-ray age not above age"]
    assert found.log_rank_p_value is None
    assert "one group only" in str(found)
    assert encoded(survival_picture(found, demonstration=False), kind="png")


def test_hazards_that_the_patients_do_not_determine_are_an_error_of_the_family() -> None:
    patients = cohort()
    same = {"age_years": np.full(published.PATIENTS, 60.0)}
    with pytest.raises(HazardsUndetermined, match="'age_years' is the same for all patients"):
        report(
            FollowedPatients(
                follow_up=patients.follow_up, gap_years=patients.gap_years, adjusted_for=same, left_out={}
            ),
            GapGrouping.SIGN,
        )
