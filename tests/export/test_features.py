"""Models of features enter the repository through the parity gate, all of them or none."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from client.in_process import InProcessEngine
from export.entry import records
from export.errors import NotTrained, ParityFailed
from export.features import export_classifier, export_stack
from export.run import EntryVersion
from specs import SPECS, stacked_classifiers
from specs.classifier import ClassifierSpec, GradientBoosting
from specs.dat_parkinsonism import DAT_PARKINSONISM as STACK
from specs.entry import ONNX_IR_VERSION, ONNX_ML_OPSET, ONNX_OPSET
from specs.network import Preset
from specs.weights import FindingParity, WeightsRecord
from tests.training.drawn_features import drawn_data, drawn_part
from training.feature_run import FeatureRun, FittedFindings
from training.tabular_run import GRAPH_FILE

CLASSIFIERS = [spec for spec in SPECS.values() if isinstance(spec, ClassifierSpec)]
MEMBERS = stacked_classifiers(STACK)
TOLERATED = 1e-6


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    places = {name: tmp_path / "runs" / name for name in (*MEMBERS, STACK.name)}
    a_run().train_stack(STACK, MEMBERS, places)
    return places


def a_run() -> FeatureRun:
    parity = drawn_part("drawn, parity", count=100, seed=3)
    return FeatureRun(data=drawn_data(), parity=parity, preset=Preset.DEMONSTRATION, seed=0)


def export(folders: dict[str, Path], repository: Path) -> WeightsRecord:
    return export_stack(STACK, Preset.DEMONSTRATION, weights=folders, target=EntryVersion(repository=repository))


def moved(file: Path, constant: str, by: float) -> None:
    model = onnx.load(file)
    (found,) = (each for each in model.graph.initializer if each.name == constant)
    found.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(found) + by, constant))
    file.write_bytes(model.SerializeToString())


@pytest.mark.parametrize("spec", CLASSIFIERS, ids=lambda spec: spec.name)
def test_a_classifier_is_an_entry_with_contract_record_and_parity(spec: ClassifierSpec, tmp_path: Path) -> None:
    a_run().train_classifier(spec, tmp_path / "run")
    repository = tmp_path / "repository"
    target = EntryVersion(repository=repository)
    record = export_classifier(spec, Preset.DEMONSTRATION, weights=tmp_path / "run", target=target)
    assert records(repository / spec.name) == [record]
    content = (repository / spec.name / "1" / "model.onnx").read_bytes()
    assert record.model_sha256 == hashlib.sha256(content).hexdigest()
    (figures,) = record.parity
    assert isinstance(figures, FindingParity)
    assert figures.probability_shift <= TOLERATED
    assert ("at a split" in figures.data_set) == isinstance(spec.classifier, GradientBoosting)
    model = onnx.load_from_string(content)
    opsets = {opset.domain: opset.version for opset in model.opset_import}
    assert (opsets, model.ir_version) == ({"": ONNX_OPSET, "ai.onnx.ml": ONNX_ML_OPSET}, ONNX_IR_VERSION)


def test_a_stack_is_its_members_its_second_stage_and_an_ensemble_that_answers_as_it_was_fitted(
    tmp_path: Path, folders: dict[str, Path]
) -> None:
    repository = tmp_path / "repository"
    record = export(folders, repository)
    assert {entry.name for entry in repository.iterdir()} == {*MEMBERS, STACK.stage, STACK.name}
    assert [step.model for step in record.steps] == [*MEMBERS, STACK.stage]
    findings = FittedFindings.read(folders[STACK.name])
    with InProcessEngine(repository) as engine:
        served = engine.served_model(STACK.name)
        names = (STACK.head.answer.name, STACK.member_probabilities.name)
        found = engine.infer(served, {STACK.recipe.input.name: findings.features}, names)
        probabilities = found[names[0]][:, 0].astype(np.float64)
        for place, name in enumerate(MEMBERS):
            member = engine.served_model(name)
            alone = engine.infer(member, {STACK.recipe.input.name: findings.features}, ("probability",))
            assert np.array_equal(found[names[1]][:, place], alone["probability"][:, 0])
    assert np.abs(probabilities - findings.probabilities).max() <= TOLERATED


@pytest.mark.parametrize(("entry", "constant"), [("dat_shape", "intercept"), ("dat_symmetry", "mean")])
def test_a_member_that_drifts_keeps_the_whole_stack_out(
    entry: str, constant: str, tmp_path: Path, folders: dict[str, Path]
) -> None:
    moved(folders[entry] / GRAPH_FILE, constant, 0.05)
    with pytest.raises(ParityFailed, match=entry):
        export(folders, tmp_path / "repository")
    assert not (tmp_path / "repository").exists()


def test_a_second_stage_that_drifts_keeps_the_whole_stack_out(tmp_path: Path, folders: dict[str, Path]) -> None:
    moved(folders[STACK.name] / GRAPH_FILE, "intercept", 1e-4)
    with pytest.raises(ParityFailed, match=STACK.name):
        export(folders, tmp_path / "repository")
    assert not (tmp_path / "repository").exists()


def test_a_split_that_moves_to_the_next_number_is_not_written(tmp_path: Path, folders: dict[str, Path]) -> None:
    """No study would notice: only those on the splits do."""
    file = folders["dat_uptake"] / GRAPH_FILE
    model = onnx.load(file)
    (trees,) = (node for node in model.graph.node if node.op_type.startswith("TreeEnsemble"))
    (values,) = (attribute for attribute in trees.attribute if attribute.name == "nodes_values")
    for place, value in enumerate(values.floats):
        values.floats[place] = float(np.nextafter(np.float32(value), np.float32(np.inf)))
    file.write_bytes(model.SerializeToString())
    with pytest.raises(ParityFailed, match="dat_uptake"):
        export(folders, tmp_path / "repository")


def test_a_run_of_another_model_or_none_is_refused(tmp_path: Path, folders: dict[str, Path]) -> None:
    with pytest.raises(NotTrained):
        export({**folders, "dat_shape": tmp_path / "nowhere"}, tmp_path / "repository")
    with pytest.raises(NotTrained):
        export({**folders, "dat_shape": folders["dat_uptake"]}, tmp_path / "repository")
    weights, target = folders["dat_shape"], EntryVersion(repository=tmp_path / "repository")
    with pytest.raises(NotTrained):
        export_classifier(CLASSIFIERS[0], Preset.PAPER, weights=weights, target=target)
    assert not (tmp_path / "repository").exists()
