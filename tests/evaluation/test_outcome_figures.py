"""What the classifiers of an outcome model are worth, counted by hand."""

import numpy as np
import pytest

from evaluation.discrimination import area_under_roc
from evaluation.outcome_report import OutcomeReport, outcome_report
from evaluation.quantity_report import ReportedModel
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME

HEAD = HEART_FAILURE_OUTCOME.head
TRUTH = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 2])
REGRESSION = np.array(
    [
        [0.80, 0.10, 0.10],
        [0.16, 0.04, 0.80],
        [0.15, 0.05, 0.80],  # at the cut-off: low risk
        [0.10, 0.30, 0.60],
        [0.20, 0.11, 0.69],
        [0.30, 0.20, 0.50],
        [0.05, 0.05, 0.90],
        [0.01, 0.01, 0.98],
        [0.10, 0.05, 0.85],
        [0.14, 0.06, 0.80],
    ]
)
MODEL = ReportedModel(model="heart_failure_outcome", version=1, contract_sha256="0" * 64)


@pytest.fixture
def report() -> OutcomeReport:
    return outcome_report(TRUTH, {"regression": REGRESSION, "forest": REGRESSION[:, ::-1]}, HEAD, MODEL, data_set="ten")


def test_each_outcome_is_measured_against_all_others(report: OutcomeReport) -> None:
    regression = report.performance.classifiers[0]
    assert [figures.events for figures in regression.outcomes] == [3, 2, 5]
    for place, figures in enumerate(regression.outcomes):
        expected = area_under_roc(np.equal(TRUTH, place), REGRESSION[:, place])
        assert figures.discrimination.auc == expected.estimate
        assert figures.discrimination.auc_lower == expected.lower


def test_a_patient_at_the_cut_off_is_of_the_low_risk_group(report: OutcomeReport) -> None:
    death, arrhythmia, survival = report.performance.classifiers[0].outcomes
    assert death.high_risk is not None
    assert death.low_risk is not None
    assert (death.high_risk.patients, death.high_risk.events) == (4, 2)
    assert (death.low_risk.patients, death.low_risk.events) == (6, 1)
    assert arrhythmia.high_risk is not None
    assert (arrhythmia.high_risk.patients, arrhythmia.high_risk.events) == (2, 1)
    assert survival.high_risk is survival.low_risk is None


def test_the_report_is_read_back_and_names_its_figures(report: OutcomeReport) -> None:
    assert OutcomeReport.from_json(report.canonical_json()) == report
    assert report.studies == 10
    text = str(report)
    assert "heart_failure_outcome version 1 on ten: 10 patients" in text
    assert "2/4 = 0.500 (95 % CI 0.068–0.932)" in text
    assert max(map(len, text.splitlines())) <= 79
