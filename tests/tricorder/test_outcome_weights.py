"""What the committed weights of heart_failure_outcome are worth on held-out synthetic patients."""

import pytest

from client.in_process import InProcessEngine
from evaluation.outcome_report import OutcomeReport
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME as SPEC
from tests.conftest import CLONE
from tests.generated import evaluation_record
from tests.tricorder.conftest import Tricorder

PATIENTS = 1000
AUC_RANGES = {"heart_failure_death": (0.87, 0.95), "arrhythmic_event": (0.65, 0.80), "survival": (0.85, 0.95)}
"""Around the published 0.92 and 0.90 of heart-failure death and 0.73 of arrhythmic events; survival is our choice."""


def record() -> OutcomeReport:
    report = evaluation_record(SPEC)
    assert isinstance(report, OutcomeReport)
    return report


def test_the_record_is_of_the_committed_weights() -> None:
    with InProcessEngine(CLONE / "model_repository") as engine:
        assert record().contract_sha256 == engine.served_model(SPEC.name).contract_sha256
    assert record().studies == PATIENTS


@pytest.mark.parametrize("outcome", AUC_RANGES)
def test_both_classifiers_are_as_good_as_the_published_ones(outcome: str) -> None:
    lowest, highest = AUC_RANGES[outcome]
    for classifier in record().performance.classifiers:
        (figures,) = (found for found in classifier.outcomes if found.outcome == outcome)
        assert lowest <= figures.discrimination.auc <= highest


def test_the_risk_groups_part_the_patients() -> None:
    for classifier in record().performance.classifiers:
        for figures in classifier.outcomes[:2]:
            assert figures.high_risk is not None
            assert figures.low_risk is not None
            assert figures.high_risk.patients + figures.low_risk.patients == PATIENTS
            high, low = (group.events / group.patients for group in (figures.high_risk, figures.low_risk))
            assert high > 2.5 * low


@pytest.mark.slow
def test_evaluating_again_gives_the_record(tricorder: Tricorder) -> None:
    done = tricorder("evaluate", SPEC.name, "--data", f"phantoms:{PATIENTS}", "--in-process", "--json")
    assert done.returncode == 0, done.stderr
    again = OutcomeReport.from_json(done.stdout).performance
    for ours, theirs in zip(again.classifiers, record().performance.classifiers, strict=True):
        for one, other in zip(ours.outcomes, theirs.outcomes, strict=True):
            assert one.discrimination.auc == pytest.approx(other.discrimination.auc, abs=1e-3)
