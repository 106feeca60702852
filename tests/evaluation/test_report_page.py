"""The page of an evaluation stands alone, and shows what it is given as text."""

import re

import numpy as np
import pytest

from evaluation.decision_curve import decision_curve
from evaluation.details import FindingDetails, QuantityDetails
from evaluation.evaluation_records import Report
from evaluation.finding_report import FindingReport, finding_report
from evaluation.finding_subgroups import FindingSubgroup
from evaluation.outcome_report import OutcomeReport, outcome_report
from evaluation.page_table import PageTable
from evaluation.patient_bootstrap import area_by_patient, error_by_patient
from evaluation.predictive_values import predictive_values
from evaluation.proportions import proportion
from evaluation.quantity_report import QuantityReport, quantity_report
from evaluation.report_page import PagePicture, report_page
from evaluation.report_tables import DECISION_THRESHOLDS, finding_tables, outcome_tables, quantity_tables
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.notices import DEMONSTRATION_NOTE, DISCLAIMER
from tests.evaluation.cohorts import simulated
from tests.evaluation.measured import MODEL, ages
from tests.evaluation.pages import Page
from tests.evaluation.test_outcome_figures import MODEL as OUTCOME_MODEL
from tests.evaluation.test_outcome_figures import REGRESSION, TRUTH
from tests.specs.records import contract

HOSTILE = "<script>alert('&')</script>"


def hostile_finding() -> tuple[FindingReport, list[PageTable]]:
    truth, log_odds = simulated(300)
    probabilities = 1 / (1 + np.exp(-log_odds))
    group = FindingSubgroup(
        characteristic="site", group=HOSTILE, studies=9, positives=0, auc=None, sensitivity=None, specificity=None
    )
    details = FindingDetails(
        left_out={HOSTILE: 3},
        subgroups=(group,),
        by_patient=area_by_patient(truth, probabilities, np.array([f"{number // 2}" for number in range(300)])),
    )
    own = contract(MITRAL_REGURGITATION, threshold=0.3)
    report = finding_report(truth, probabilities, own, data_set=HOSTILE, details=details)
    curve = decision_curve(truth, probabilities, thresholds=DECISION_THRESHOLDS)
    return report, list(finding_tables(report, curve, prevalences=(0.002, 0.25)))


def page_of(report: Report, tables: list[PageTable], *, demonstration: bool = False) -> tuple[str, Page]:
    html = report_page(report, tables, [PagePicture(title=HOSTILE, png=b"picture")], demonstration=demonstration)
    return html, Page.of(html)


def test_a_page_needs_nothing_but_itself() -> None:
    html, page = page_of(*hostile_finding())
    assert page.pictures == [b"picture"]
    (policy,) = page.policies
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert not {"script", "link", "iframe", "object", "form", "a"} & set(page.elements)
    assert not re.search(r"url\(|@import|https?:", html)


def test_what_looks_like_markup_is_shown_as_text() -> None:
    html, page = page_of(*hostile_finding())
    assert "<script" not in html
    assert page.row(f"site: {HOSTILE}") == [f"site: {HOSTILE}", "9", "0", "–", "–", "–"]
    assert page.row("3") == ["3", HOSTILE]
    assert f"{HOSTILE}: 300 studies" in page.text


@pytest.mark.parametrize("demonstration", [True, False])
def test_it_is_no_medical_device_and_names_demonstration_weights(demonstration: bool) -> None:
    _, page = page_of(*hostile_finding(), demonstration=demonstration)
    assert DISCLAIMER in page.text
    assert (DEMONSTRATION_NOTE in page.text) == demonstration


def test_a_finding_s_page_has_the_figures_of_its_report() -> None:
    report, tables = hostile_finding()
    _, page = page_of(report, tables)
    auc_rows = [row for row in page.cells if row[:1] == ["AUC"]]
    by_patient = report.details.by_patient
    assert by_patient is not None
    assert by_patient.interval is not None
    assert auc_rows == [["AUC", report.auc.cell()], ["AUC", by_patient.interval.cell(), by_patient.method]]
    assert "150 patients, 2000 resamples, seed 0" in by_patient.method
    for prevalence, words in ((0.002, "0.2 %"), (0.25, "25 %")):
        values = predictive_values(report.counts, prevalence=prevalence)
        assert values.positive is not None
        assert values.negative is not None
        assert page.row(words) == [words, values.positive.cell(), values.negative.cell()]


def test_a_finding_s_page_has_the_net_benefit_counted_by_hand() -> None:
    truth, log_odds = simulated(300)
    called = 1 / (1 + np.exp(-log_odds)) >= 0.3
    of_model = (np.sum(called & truth) - np.sum(called & ~truth) * 0.3 / 0.7) / 300
    of_all = (truth.sum() - np.sum(~truth) * 0.3 / 0.7) / 300
    _, page = page_of(*hostile_finding())
    assert page.row("30 %")[:3] == ["30 %", f"{of_model:+.3f}", f"{of_all:+.3f}"]


def test_a_quantity_s_page_has_error_and_bootstrap() -> None:
    truth, values = ages(60)
    found = error_by_patient(truth, values, np.array([f"{number // 3}" for number in range(60)]))
    assert found is not None
    assert found.interval is not None
    details = QuantityDetails(by_patient=found)
    report = quantity_report(truth, values, MODEL, data_set="sixty", unit="years", details=details)
    assert isinstance(report, QuantityReport)
    _, page = page_of(report, list(quantity_tables(report)))
    expected = report.agreement.mean_absolute_error
    assert page.row("mean absolute error [years]")[1] == expected.cell(2)
    assert page.row("mean absolute error")[1:] == [found.interval.cell(2), found.method]


def test_an_outcome_s_page_has_every_classifier_with_its_risk_groups() -> None:
    head = HEART_FAILURE_OUTCOME.head
    probabilities = {"regression": REGRESSION, "forest": REGRESSION[:, ::-1]}
    report: OutcomeReport = outcome_report(TRUTH, probabilities, head, OUTCOME_MODEL, data_set="ten")
    _, page = page_of(report, list(outcome_tables(report, head)))
    assert "ten: 10 patients" in page.text
    share = proportion(2, 4)
    assert share is not None
    assert ["regression", "heart failure death", "above 15 %", "2", "4", share.cell()] in page.cells
    assert sum(row[:1] == ["forest"] for row in page.cells) == 3 + 4


def test_a_row_that_does_not_fit_its_headings_is_refused() -> None:
    with pytest.raises(ValueError, match="another number of cells"):
        PageTable(title="", headings=("one", "two"), rows=(("1",),))
