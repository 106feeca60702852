"""The parts of a report beside its main figures."""

import numpy as np
import pytest

from evaluation.baseline import finding_baseline, quantity_baseline
from evaluation.decision_curve import decision_curve
from evaluation.details import LESION_SITES, FindingDetails, MemberComparison, QuantityDetails
from evaluation.finding_report import FindingReport, finding_report
from evaluation.fisher_table import SignCounts, fisher_table
from evaluation.page_table import cell
from evaluation.paired_discrimination import compare_areas
from evaluation.quantity_report import QuantityReport, quantity_report
from evaluation.report_tables import DECISION_THRESHOLDS, finding_tables
from evaluation.subgroups import calls_by_group
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from tests.evaluation.cohorts import simulated
from tests.evaluation.measured import MODEL, ages
from tests.evaluation.published import LYMPHOMA, SARCOIDOSIS
from tests.specs.records import contract

TRUTH, LOG_ODDS = simulated(300)
GOOD, POOR = 1 / (1 + np.exp(-LOG_ODDS)), np.random.default_rng(0).random(300)
CURVE = decision_curve(TRUTH, GOOD, thresholds=DECISION_THRESHOLDS)


def member(name: str, probabilities: np.ndarray) -> MemberComparison:
    return MemberComparison(model=name, comparison=compare_areas(TRUTH, GOOD, probabilities))


def test_the_thumbnail_of_a_finding_is_compared_on_the_same_studies() -> None:
    found = finding_baseline(TRUTH, GOOD, POOR, training_studies=500)
    assert found.comparison == compare_areas(TRUTH, GOOD, POOR)
    assert str(found).startswith("Against a thumbnail regression (fitted on 500 phantoms): AUC 0.8")


def test_the_thumbnail_of_a_quantity_has_its_error_ratio_and_paired_difference() -> None:
    truth = np.array([10.0, 20.0, 30.0])
    found = quantity_baseline(truth, truth + np.array([1, -1, 4]), truth + np.array([3, -6, 9]), training_studies=9)
    assert found.mean_absolute_error.estimate == 6
    assert found.ratio == pytest.approx(2 / 6)
    assert found.difference.estimate == pytest.approx(-4)
    assert found.difference.lower < -4 < found.difference.upper
    assert "ratio 0.33, difference -4.00" in str(found)


def test_the_best_member_is_the_one_with_the_largest_area() -> None:
    details = FindingDetails(members=(member("poor", POOR), member("good", GOOD)))
    assert details.best_member is not None
    assert details.best_member.model == "good"
    assert FindingDetails().best_member is None


def test_a_finding_s_details_stand_in_its_report_and_come_back_from_json() -> None:
    groups = np.where(TRUTH, "severe", "none")
    details = FindingDetails(
        left_out={"the view is not PA or AP": 3},
        grades=calls_by_group(groups, GOOD, threshold=0.5, order=("none", "severe")),
        members=(member("poor", POOR),),
    )
    report = finding_report(TRUTH, GOOD, contract(AORTIC_STENOSIS), data_set="three hundred", details=details)
    assert FindingReport.from_json(report.canonical_json()) == report
    text = str(report)
    assert "Against its member poor: AUC 0.8" in text
    assert "Called positive at the operating point 0.500" in text
    assert text.splitlines()[-1] == "Left out: 3 images: the view is not PA or AP"


def test_the_sites_of_lesions_stand_in_the_report_and_only_where_they_are_known() -> None:
    table = fisher_table(
        (SignCounts(sign="lung", in_first=18, in_second=2), SignCounts(sign="skin", in_first=2, in_second=6)),
        groups=("sarcoidosis", "lymphoma"),
        people=(SARCOIDOSIS, LYMPHOMA),
    )
    made = contract(SARCOIDOSIS_LYMPHOMA)
    known, unknown = (
        finding_report(TRUTH, GOOD, made, data_set="three hundred", details=details)
        for details in (FindingDetails(lesion_sites=table), FindingDetails())
    )
    assert FindingReport.from_json(known.canonical_json()) == known
    assert FindingReport.from_json(unknown.canonical_json()) == unknown
    assert "lesion_sites" not in unknown.canonical_json()
    assert f"{LESION_SITES}: sarcoidosis (n = 56), lymphoma (n = 62); Fisher's exact test:" in str(known)
    assert LESION_SITES not in str(unknown)
    (page,) = [each for each in finding_tables(known, CURVE, prevalences=(0.5,)) if each.title == LESION_SITES]
    assert page.headings == ("site", "sarcoidosis (n = 56)", "lymphoma (n = 62)", "p")
    assert page.rows[0] == ("lung", cell(table.rows[0].first), cell(table.rows[0].second), "< 0.001")
    assert LESION_SITES not in {each.title for each in finding_tables(unknown, CURVE, prevalences=(0.5,))}


def test_a_quantity_s_details_stand_in_its_report_and_come_back_from_json() -> None:
    truth, values = ages(40)
    details = QuantityDetails(baseline=quantity_baseline(truth, values, truth + 9, training_studies=64))
    report = quantity_report(truth, values, MODEL, data_set="forty", unit="years", details=details)
    assert QuantityReport.from_json(report.canonical_json()) == report
    assert str(details.baseline) in str(report)


def test_a_record_that_was_written_before_there_were_details_is_still_read() -> None:
    report = finding_report(TRUTH, GOOD, contract(AORTIC_STENOSIS), data_set="three hundred")
    old = {name: value for name, value in report.model_dump(mode="json").items() if name != "details"}
    assert FindingReport.model_validate(old) == report
