"""Groups of the age gap, their curves and their numbers at risk; and the ratio in a cohort like the published one."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.errors import HazardsUndetermined
from evaluation.pictures import encoded
from evaluation.prognosis import GAP, FollowedPatients, Grouping, PrognosisReport, prognosis_report
from evaluation.prognosis_pictures import hazard_picture, survival_picture
from evaluation.quantity_report import ReportedModel
from evaluation.survival import FollowUp, survival_curve
from tests.evaluation import age_gap_cohort as published

MODEL = ReportedModel(model="xray_age", version=1, contract_sha256="a" * 64)
GROUPINGS = pytest.mark.parametrize("grouping", Grouping)


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


def report(patients: FollowedPatients, grouping: Grouping) -> PrognosisReport:
    return prognosis_report(patients, MODEL, grouping=grouping)


def test_of_a_cohort_like_the_published_one_the_interval_holds_the_published_ratio() -> None:
    found = report(cohort(), Grouping.SIGN)
    gap = found.cox.of(GAP).ratio
    assert gap.lower < published.HAZARD_RATIO < gap.upper
    assert gap.upper / gap.lower < 1.04
    text = str(found)
    assert f"{published.PATIENTS} patients" in text
    assert str(gap) in text
    assert "Left out: results that no outcome joins (3)" in text


@GROUPINGS
def test_each_patient_is_of_one_group_whose_curve_is_that_of_its_patients(grouping: Grouping) -> None:
    patients = cohort()
    found = report(patients, grouping)
    cuts = [0.0] if grouping is Grouping.SIGN else list(np.quantile(patients.gap_years, [1 / 3, 2 / 3]))
    bounds = [-np.inf, *cuts, np.inf]
    for group, low, high in zip(found.groups, bounds, bounds[1:], strict=False):
        own = (patients.gap_years > low) & (patients.gap_years <= high)
        follow_up = FollowUp(years=patients.follow_up.years[own], event=patients.follow_up.event[own])
        assert group.curve == survival_curve(follow_up)
        assert group.at_risk == tuple(int(np.sum(follow_up.years >= years)) for years in found.at_risk_years)
    assert len(found.groups) == len(cuts) + 1
    assert sum(group.at_risk[0] for group in found.groups) == published.PATIENTS


@settings(max_examples=8)
@given(longest=st.floats(0.2, 60))
def test_the_numbers_at_risk_are_of_a_few_round_times_within_the_follow_up(longest: float) -> None:
    patients = cohort()
    years = patients.follow_up.years * longest / patients.follow_up.years.max()
    found = report(
        FollowedPatients(
            follow_up=FollowUp(years=years, event=patients.follow_up.event),
            gap_years=patients.gap_years,
            adjusted_for={},
            left_out={},
        ),
        Grouping.SIGN,
    )
    assert found.at_risk_years[0] == 0
    assert found.at_risk_years[-1] <= longest * (1 + 1e-9)
    assert 2 <= len(found.at_risk_years) <= 6


def test_where_all_are_older_than_they_look_there_is_one_group_and_no_test() -> None:
    patients = cohort()
    younger = FollowedPatients(
        follow_up=patients.follow_up,
        gap_years=-np.abs(patients.gap_years) - 1,
        adjusted_for=patients.adjusted_for,
        left_out={},
    )
    found = report(younger, Grouping.SIGN)
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
            Grouping.SIGN,
        )


@GROUPINGS
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_pictures_are_the_same_each_time_and_say_what_the_weights_are(
    grouping: Grouping, kind: Literal["svg", "png"]
) -> None:
    found = report(cohort(), grouping)
    for draw in (survival_picture, hazard_picture):
        plain, noted = (draw(found, demonstration=demonstration) for demonstration in (False, True))
        assert encoded(plain, kind=kind) == encoded(draw(found, demonstration=False), kind=kind)
        assert "demonstration weights" in str(noted.get_supxlabel())
        assert "not a medical device" in str(plain.get_supxlabel())
