"""The report of a finding model: the same figures as data and as text."""

import numpy as np
import pytest

from evaluation.discrimination import area_under_roc
from evaluation.finding_report import FindingReport, finding_report
from evaluation.proportions import call_figures
from specs import SPECS
from specs.contract import Spec
from specs.head import FindingProbability
from tests.specs.quantity import MAPPED_AGE
from tests.specs.records import contract

TRUTH = np.array([True] * 10 + [False] * 10)
FINDINGS = [spec for spec in SPECS.values() if isinstance(spec.head, FindingProbability)]
PROBABILITIES = np.concatenate([np.linspace(0.35, 0.95, 10), np.linspace(0.05, 0.65, 10)])


@pytest.fixture(params=FINDINGS, ids=lambda spec: spec.name)
def spec(request: pytest.FixtureRequest) -> Spec:
    """Every model of a finding."""
    declared: Spec = request.param
    return declared


def test_the_report_counts_calls_at_the_operating_point_of_the_served_weights(spec: Spec) -> None:
    report = finding_report(TRUTH, PROBABILITIES, contract(spec, threshold=0.5), data_set="twenty")
    assert (report.studies, report.positives, report.threshold) == (20, 10, 0.5)
    assert (report.counts.true_positive, report.counts.false_positive) == (7, 3)
    assert report.contract_sha256 == contract(spec, threshold=0.5).sha256()
    assert report.calls == call_figures(report.counts)
    assert report.calls.sensitivity is not None
    assert report.calls.sensitivity.estimate == 0.7
    assert report.auc.lower == area_under_roc(TRUTH, PROBABILITIES).lower


def test_the_report_comes_back_from_json(spec: Spec) -> None:
    report = finding_report(TRUTH, PROBABILITIES, contract(spec), data_set="twenty")
    assert FindingReport.from_json(report.canonical_json()) == report


def test_the_text_states_model_set_figures_and_methods(spec: Spec) -> None:
    text = str(finding_report(TRUTH, PROBABILITIES, contract(spec, threshold=0.5), data_set="twenty"))
    lines = text.splitlines()
    assert lines[0] == f"{spec.name} version 1 on twenty: 20 studies, 10 with the finding"
    assert lines[1].split() == ["AUC", "(DeLong)", "0.850", "(95", "%", "CI", "0.683–1.000)"]
    assert lines[2] == "At the operating point 0.500 (Clopper-Pearson):"
    assert lines[3].split(maxsplit=1) == ["sensitivity", "0.700 (95 % CI 0.348–0.933)"]
    assert "called positive           7 with the finding, 3 without" in text
    assert "called negative           3 with the finding, 7 without" in text
    assert "calibration" in lines[-1]


def test_a_figure_without_a_study_behind_it_is_a_dash(spec: Spec) -> None:
    report = finding_report(TRUTH, PROBABILITIES, contract(spec, threshold=0.99), data_set="twenty")
    assert report.calls.positive_predictive_value is None
    assert [line.split()[-1] for line in str(report).splitlines() if "positive predictive" in line] == ["–"]


def test_a_model_that_measures_has_no_report_of_a_finding() -> None:
    with pytest.raises(ValueError, match="mapped_age is no model of a finding"):
        finding_report(TRUTH, PROBABILITIES, contract(MAPPED_AGE), data_set="twenty")
