"""A tabular model enters the repository through the parity gate, or not at all."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from export.entry import records
from export.errors import NotTrained, ParityFailed
from export.run import EntryVersion
from export.tabular import export_tabular
from specs.entry import ONNX_IR_VERSION, ONNX_ML_OPSET, ONNX_OPSET
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME as SPEC
from specs.network import Preset
from specs.weights import OutcomeParity, WeightsRecord
from tests.export.shifts import measured_shift, tolerated_shift
from training.patient_data import synthetic_patients
from training.tabular_run import GRAPH_FILE, train_tabular


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    train_tabular(SPEC, Preset.DEMONSTRATION, synthetic_patients(SPEC, count=150), seed=0, folder=folder)
    return folder


def export(weights: Path, repository: Path) -> WeightsRecord:
    target = EntryVersion(repository=repository)
    return export_tabular(SPEC, Preset.DEMONSTRATION, weights=weights, target=target)


def test_an_export_is_an_entry_with_contract_record_and_parity(tmp_path: Path, weights: Path) -> None:
    record = export(weights, tmp_path / "repository")
    entry = tmp_path / "repository" / SPEC.name
    assert records(entry) == [record]
    assert record.model_sha256 == hashlib.sha256((entry / "1" / "model.onnx").read_bytes()).hexdigest()
    assert record.model_sha256 in (entry / "config.pbtxt").read_text(encoding="utf-8")
    (figures,) = record.parity
    assert isinstance(figures, OutcomeParity)
    assert figures.split_points > 100
    assert measured_shift(figures) <= tolerated_shift(SPEC)
    assert export(weights, tmp_path / "repository").version == record.version + 1


def test_the_graph_is_one_that_the_container_reads(weights: Path) -> None:
    model = onnx.load(weights / GRAPH_FILE)
    assert {opset.domain: opset.version for opset in model.opset_import} == {
        "": ONNX_OPSET,
        "ai.onnx.ml": ONNX_ML_OPSET,
    }
    assert model.ir_version == ONNX_IR_VERSION


def test_a_graph_that_drifts_is_not_written(tmp_path: Path, weights: Path) -> None:
    model = onnx.load(weights / GRAPH_FILE)
    (intercepts,) = (constant for constant in model.graph.initializer if constant.name == "intercepts")
    moved = numpy_helper.to_array(intercepts) + np.array([1e-4, 0.0, 0.0])
    intercepts.CopyFrom(numpy_helper.from_array(moved, "intercepts"))
    (weights / GRAPH_FILE).write_bytes(model.SerializeToString())
    with pytest.raises(ParityFailed, match="the largest shift of a probability"):
        export(weights, tmp_path / "repository")
    assert not (tmp_path / "repository").exists()


def test_a_threshold_that_moves_to_the_next_number_is_not_written(tmp_path: Path, weights: Path) -> None:
    """No patient would notice: only the rows on the splits do."""
    model = onnx.load(weights / GRAPH_FILE)
    (trees,) = (node for node in model.graph.node if node.op_type == "TreeEnsembleClassifier")
    (values,) = (attribute for attribute in trees.attribute if attribute.name == "nodes_values")
    for place, value in enumerate(values.floats):
        values.floats[place] = float(np.nextafter(np.float32(value), np.float32(np.inf)))
    (weights / GRAPH_FILE).write_bytes(model.SerializeToString())
    with pytest.raises(ParityFailed, match="the largest shift of a probability"):
        export(weights, tmp_path / "repository")


def test_without_a_training_run_there_is_nothing_to_export(tmp_path: Path, weights: Path) -> None:
    with pytest.raises(NotTrained):
        export(tmp_path / "nothing", tmp_path / "repository")
    with pytest.raises(NotTrained):
        export_tabular(SPEC, Preset.PAPER, weights=weights, target=EntryVersion(repository=tmp_path / "repository"))
