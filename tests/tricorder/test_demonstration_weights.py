"""What the committed weights are worth on held-out phantoms."""

import numpy as np
import pytest

from client.in_process import InProcessEngine
from evaluation.finding_report import FindingReport
from specs.model import ModelSpec
from tests.conftest import CLONE
from tests.generated import evaluation_record
from tests.tricorder.conftest import Tricorder

HELD_OUT_PHANTOMS = 1000
LEAST_LOWER_BOUND = 0.85


def test_the_record_is_of_the_committed_weights(spec: ModelSpec) -> None:
    report = evaluation_record(spec.name)
    with InProcessEngine(CLONE / "model_repository") as engine:
        assert report.contract_sha256 == engine.served_model(spec.name).contract_sha256


def test_the_recorded_auc_is_good_and_the_task_not_trivial(spec: ModelSpec) -> None:
    report = evaluation_record(spec.name)
    assert report.studies == HELD_OUT_PHANTOMS
    assert report.auc.lower >= LEAST_LOWER_BOUND
    assert report.auc.estimate < 1.0


@pytest.mark.slow
def test_evaluating_again_gives_the_record(tricorder: Tricorder, spec: ModelSpec) -> None:
    done = tricorder("evaluate", spec.name, "--data", f"phantoms:{HELD_OUT_PHANTOMS}", "--in-process", "--json")
    assert done.returncode == 0, done.stderr
    again, record = FindingReport.from_json(done.stdout), evaluation_record(spec.name)
    assert again.counts.total == record.counts.total
    np.testing.assert_allclose(again.auc.estimate, record.auc.estimate, atol=1e-3)  # other processors round otherwise
