"""A table of patients through the whole client: in this process, and through Triton."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from client.call_settings import CallSettings
from client.engine import Engine, ServedModel
from client.errors import OutputError
from client.explanation import OutcomeExplainer
from client.in_process import InProcessEngine
from client.interpretation import interpret
from client.outcomes import OutcomeRisk, RiskGroup
from client.result import Status
from client.scoring import ScoredInput, ScoringSettings, score_sources
from client.sources import find_sources
from client.triton import TritonEngine
from phantoms import Part, radiograph_phantom
from serving import EmbeddedTriton, TritonSettings
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME as SPEC
from tests.client.patients import MODEL, repository_with, table
from tests.conftest import CLONE
from tests.training.fitted_outcomes import fitted, patients
from training.tabular_run import patients_on_splits

SETTINGS = ScoringSettings(workers=3)
AGREEMENT = 1e-6

Outputs = dict[str, NDArray[np.float32]]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository_with(tmp_path_factory.mktemp("repository"), MODEL)


@pytest.fixture(scope="module")
def engine(repository: Path) -> Iterator[InProcessEngine]:
    with InProcessEngine(repository) as opened:
        yield opened


@pytest.fixture(scope="module")
def model(engine: InProcessEngine) -> ServedModel:
    return engine.served_model(MODEL)


@pytest.fixture(scope="module")
def server(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonEngine]:
    settings = TritonSettings(
        repository=repository, run_folder=tmp_path_factory.mktemp("serving"), environment=CLONE / ".venv-server"
    )
    with EmbeddedTriton(settings) as triton, TritonEngine(CallSettings(address=triton.grpc_address)) as opened:
        yield opened


def scored(path: Path, engine: Engine, model: ServedModel) -> list[ScoredInput]:
    return list(score_sources(find_sources([path]), engine, [model], SETTINGS))


def raw(engine: Engine, model: ServedModel, features: NDArray[np.float32]) -> NDArray[np.float64]:
    names = [tensor.name for tensor in SPEC.outputs]
    step = SPEC.deployment.largest_batch
    parts = []
    for start in range(0, len(features), step):
        found = engine.infer(model, {SPEC.recipe.input.name: features[start : start + step]}, names)
        parts.append(np.concatenate([found[name].astype(np.float64) for name in names], axis=1))
    return np.concatenate(parts)


def test_each_patient_of_a_table_has_probabilities_and_risk_groups(
    tmp_path: Path, engine: InProcessEngine, model: ServedModel
) -> None:
    rows = [each.row for each in scored(table(tmp_path, count=12), engine, model)]
    assert [row.source for row in rows] == [f"patients.csv row {number}" for number in range(2, 14)]
    for row in rows:
        assert row.status is Status.SCORED
        assert (row.value, row.call, row.sop_instance_uid) == (None, None, None)
        assert [risks.classifier for risks in row.outcomes] == ["regression", "forest"]
        for risks in row.outcomes:
            assert sum(outcome.probability for outcome in risks.outcomes) == pytest.approx(1.0, abs=1e-5)
            for outcome in risks.outcomes:
                above = outcome.high_risk_above
                expected = None if above is None else RiskGroup.HIGH if outcome.probability > above else RiskGroup.LOW
                assert outcome.risk is expected
        assert "heart-failure death" in row.shown_outcome
        assert row.demonstration


def test_a_patient_who_lacks_something_is_not_eligible_and_costs_nobody_else(
    tmp_path: Path, engine: InProcessEngine, model: ServedModel
) -> None:
    path = table(tmp_path, count=3)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1].replace(",", ",,", 1), "," * 14, *lines[2:]]), encoding="utf-8")
    rows = [each.row for each in scored(path, engine, model)]
    assert [row.status for row in rows] == [Status.FAILED, Status.NOT_ELIGIBLE, Status.SCORED, Status.SCORED]
    assert rows[1].reason is not None
    assert rows[1].reason.startswith("missing: age, sex, nyha_class")
    assert rows[1].outcomes == ()


def test_a_model_of_variables_takes_no_image_and_an_image_model_no_table(
    tmp_path: Path, engine: InProcessEngine, model: ServedModel
) -> None:
    path = tmp_path / "phantom.dcm"
    radiograph_phantom(seed=1, index=0).write(path)
    assert scored(path, engine, model) == []
    assert [each.row.source for each in scored(table(tmp_path, count=1), engine, model)] == ["patients.csv row 2"]
    sources = list(find_sources([tmp_path]))
    assert all(source.record is None for source in sources), "in a folder a table is a file like others"


def test_triton_answers_like_scikit_learn_on_every_split(server: TritonEngine) -> None:
    """The committed weights are those that the seeds give."""
    classifiers = fitted()
    rows = patients_on_splits(classifiers.split_points(), patients(Part.PARITY).features)
    expected = classifiers.probabilities(rows)
    found = raw(server, server.served_model(MODEL), rows)
    wanted = np.concatenate([expected[classifier.name] for classifier in SPEC.head.classifiers], axis=1)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=AGREEMENT)


def test_triton_and_this_process_give_the_same_rows(
    tmp_path: Path, server: TritonEngine, engine: InProcessEngine, model: ServedModel
) -> None:
    path = table(tmp_path, count=40)
    here, there = scored(path, engine, model), scored(path, server, server.served_model(MODEL))
    for mine, theirs in zip(here, there, strict=True):
        assert mine.row.model_copy(update={"outcomes": ()}) == theirs.row.model_copy(update={"outcomes": ()})
        for one, other in zip(mine.row.outcomes, theirs.row.outcomes, strict=True):
            assert [risk.probability for risk in one.outcomes] == pytest.approx(
                [risk.probability for risk in other.outcomes], abs=AGREEMENT
            )


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ([0.5, 0.4, 0.2], "1.1 in sum"),
        ([1.2, -0.2, 0.0], "1.2"),
        ([np.nan, 0.5, 0.5], "not a finite number"),
    ],
)
def test_an_answer_that_is_none_is_withheld(model: ServedModel, values: list[float], what: str) -> None:
    outputs: Outputs = {tensor.name: np.array([[0.2, 0.3, 0.5]], dtype=np.float32) for tensor in SPEC.outputs}
    assert interpret(model, outputs).outcomes[0].outcomes[1].probability == pytest.approx(0.3)
    with pytest.raises(OutputError, match=what):
        interpret(model, outputs | {"forest": np.array([values], dtype=np.float32)})


def test_the_curve_passes_through_the_patient_and_adds_up(engine: InProcessEngine, model: ServedModel) -> None:
    row = np.array(SPEC.background[0], dtype=np.float32)
    curve = OutcomeExplainer(engine, model).curve(row)
    assert curve.variable == "late_hm_ratio"
    assert curve.patient_value == pytest.approx(1.5)
    here = int(np.argmin(np.abs(np.array(curve.values) - curve.patient_value)))
    direct = raw(engine, model, row[np.newaxis])[0]
    lines = [line for classifier in curve.classifiers for line in classifier.outcomes]
    assert [line.probabilities[here] for line in lines] == pytest.approx(direct.tolist(), abs=1e-6)
    for classifier in curve.classifiers:
        np.testing.assert_allclose(np.sum([line.probabilities for line in classifier.outcomes], axis=0), 1, atol=1e-5)


def test_contributions_add_up_to_the_answer(engine: InProcessEngine, model: ServedModel) -> None:
    explanation = OutcomeExplainer(engine, model).explain("somebody", np.array(SPEC.background[1], dtype=np.float32))
    assert len(explanation.shares) == 6
    for shares in explanation.shares:
        total = shares.background_mean + sum(share.contribution for share in shares.variables)
        assert total == pytest.approx(shares.probability, abs=1e-6)
        assert [share.variable for share in shares.variables] == list(SPEC.recipe.names)
    assert json.loads(explanation.canonical_json())["contract_sha256"] == model.contract_sha256


@pytest.mark.parametrize(
    ("probability", "shown"), [(0.0004, "<0.1 %"), (0.9996, ">99.9 %"), (0.15, "15.0 %"), (0.1104, "11.0 %")]
)
def test_a_probability_near_certainty_is_shown_as_a_bound(probability: float, shown: str) -> None:
    risk = OutcomeRisk(outcome="x", title="x", probability=probability, high_risk_above=None, risk=None)
    assert str(risk) == f"x {shown}"
