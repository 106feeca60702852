"""Cutting an ONNX graph down to some of its outputs."""

import importlib.util
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

import serving

Prune = Callable[[onnx.ModelProto, Collection[str]], bool]


@pytest.fixture(scope="module")
def prune_to_outputs() -> Prune:
    """The function itself; its file is no module of a package, because it runs in Triton's stub."""
    path = Path(serving.__file__).parent / "backends" / "onnxruntime" / "pruning.py"
    spec = importlib.util.spec_from_file_location("pruning", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Prune = module.prune_to_outputs
    return function


def test_nodes_and_weights_of_other_outputs_go(prune_to_outputs: Prune, double_model: onnx.ModelProto) -> None:
    model = onnx.ModelProto.FromString(double_model.SerializeToString())
    assert prune_to_outputs(model, ["y"])
    assert [node.op_type for node in model.graph.node] == ["Add"]
    assert [output.name for output in model.graph.output] == ["y"]
    assert not model.graph.initializer
    onnx.checker.check_model(model, full_check=True)


def test_a_graph_that_is_needed_whole_stays_as_it_is(prune_to_outputs: Prune, double_model: onnx.ModelProto) -> None:
    model = onnx.ModelProto.FromString(double_model.SerializeToString())
    assert not prune_to_outputs(model, ["y", "z"])
    assert model == double_model


def test_what_only_a_branch_reads_is_kept(prune_to_outputs: Prune) -> None:
    value = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    yes = helper.make_graph([helper.make_node("Add", ["x", "outer"], ["y"])], "yes", [], [value])
    no = helper.make_graph([helper.make_node("Identity", ["hidden"], ["y"])], "no", [], [value])
    graph = helper.make_graph(
        [
            helper.make_node("Neg", ["x"], ["hidden"]),
            helper.make_node("Neg", ["x"], ["unused"]),
            helper.make_node("If", ["condition"], ["y"], then_branch=yes, else_branch=no),
        ],
        "with branches",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1]),
            helper.make_tensor_value_info("condition", TensorProto.BOOL, []),
        ],
        [value, helper.make_tensor_value_info("unused", TensorProto.FLOAT, [1])],
        [helper.make_tensor("outer", TensorProto.FLOAT, [1], [5.0])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    assert prune_to_outputs(model, ["y"])
    assert [node.op_type for node in model.graph.node] == ["Neg", "If"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = np.ones(1, dtype=np.float32)
    assert session.run(["y"], {"x": x, "condition": np.array(True)})[0] == 6
    assert session.run(["y"], {"x": x, "condition": np.array(False)})[0] == -1
