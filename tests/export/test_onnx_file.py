"""The ONNX file: the spec's tensors, operators that every engine has, the network's own answers."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto

from export.onnx_file import onnx_bytes
from export.parity import engine_answers
from specs.entry import ONNX_IR_VERSION, ONNX_OPSET
from specs.head import FindingProbability
from specs.model import NetworkSpec
from specs.network import Preset
from specs.tensors import ElementType, Tensor
from tests.conftest import CLONE
from tests.export.shifts import tolerated_shift
from tests.training.tiny import opinionated_network, random_pixels

ONNX_TYPES = {
    ElementType.UINT8: TensorProto.UINT8,
    ElementType.UINT16: TensorProto.UINT16,
    ElementType.FLOAT32: TensorProto.FLOAT,
}

SHARED_OPERATORS = frozenset(
    {
        "Add",
        "AveragePool",
        "BatchNormalization",
        "Cast",
        "Concat",
        "Conv",
        "Div",
        "Expand",
        "Flatten",
        "Gather",
        "Gemm",
        "GlobalAveragePool",
        "MatMul",
        "MaxPool",
        "Mul",
        "ReduceMax",
        "ReduceMean",
        "Relu",
        "Reshape",
        "Resize",
        "Shape",
        "Sigmoid",
        "Squeeze",
        "Sub",
        "Unsqueeze",
    }
)
"""Operators that ONNX Runtime, OpenVINO and TensorRT all run; look a new one up in their lists before adding it."""


@pytest.fixture
def model(content: bytes) -> onnx.ModelProto:
    """The parsed file."""
    return onnx.load_from_string(content)


def assert_declared(value: onnx.ValueInfoProto, tensor: Tensor) -> None:
    """Compare a tensor of the file with the spec's; the batch axis comes first and is free."""
    kind = value.type.tensor_type
    assert value.name == tensor.name
    assert kind.elem_type == ONNX_TYPES[tensor.element_type]
    batch, *rest = kind.shape.dim
    assert batch.dim_param
    assert not batch.HasField("dim_value")
    assert tuple(axis.dim_value for axis in rest) == tensor.shape


def test_inputs_and_outputs_are_the_declared_ones_with_a_free_batch_axis(
    spec: NetworkSpec, model: onnx.ModelProto
) -> None:
    for value, tensor in zip(model.graph.input, spec.inputs, strict=True):
        assert_declared(value, tensor)
    for value, tensor in zip(model.graph.output, spec.outputs, strict=True):
        assert_declared(value, tensor)


def test_opset_and_file_version_are_the_pinned_ones(model: onnx.ModelProto) -> None:
    assert {(entry.domain, entry.version) for entry in model.opset_import} == {("", ONNX_OPSET)}
    assert model.ir_version == ONNX_IR_VERSION
    assert ONNX_OPSET <= 21  # what ONNX Runtime 1.19 of NVIDIA's container 24.10 reads
    assert ONNX_IR_VERSION <= 10


def test_only_operators_that_every_engine_has_are_used(model: onnx.ModelProto) -> None:
    assert {node.domain for node in model.graph.node} == {""}
    assert {node.op_type for node in model.graph.node} <= SHARED_OPERATORS
    assert not model.functions


def test_the_file_holds_all_its_weights_and_no_path_of_this_machine(content: bytes, model: onnx.ModelProto) -> None:
    assert {tensor.data_location for tensor in model.graph.initializer} == {TensorProto.DEFAULT}
    assert not any(tensor.external_data for tensor in model.graph.initializer)
    for path in (CLONE, Path.home(), Path(sys.prefix), Path(torch.__file__).parent, tempfile.gettempdir()):
        assert str(path).encode() + b"/" not in content
    assert b".py" not in content


@pytest.mark.parametrize("studies", [1, 5])
def test_the_engine_gives_the_answers_of_the_network(spec: NetworkSpec, content: bytes, studies: int) -> None:
    pixels = random_pixels(spec, studies=studies)
    with torch.inference_mode():
        expected = opinionated_network(spec.name, Preset.DEMONSTRATION)(pixels)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {spec.inputs[0].name: pixels.numpy()})
    for tensor, output, original in zip(spec.outputs, outputs, expected, strict=True):
        assert output.shape == (studies, *tensor.shape)
        assert output.dtype == tensor.element_type.value
        scale = max(1.0, float(original.abs().max())) if isinstance(spec.head, FindingProbability) else 1.0
        assert np.abs(output - original.numpy()).max() <= tolerated_shift(spec) * scale


def test_the_answer_can_be_asked_for_alone(spec: NetworkSpec, content: bytes) -> None:
    pixels = random_pixels(spec, studies=3).numpy()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (alone,) = session.run([spec.outputs[0].name], {spec.inputs[0].name: pixels})
    assert np.array_equal(alone, session.run(None, {spec.inputs[0].name: pixels})[0])
    assert engine_answers(content, spec, pixels) == pytest.approx(alone[:, 0], abs=1e-7)


def test_more_studies_than_the_largest_batch_are_all_scored_in_order(spec: NetworkSpec, content: bytes) -> None:
    pixels = random_pixels(spec, studies=spec.deployment.largest_batch + 3).numpy()
    scores = engine_answers(content, spec, pixels)
    assert scores.shape == (len(pixels),)
    assert scores[-1] == pytest.approx(engine_answers(content, spec, pixels[-1:])[0], abs=1e-6)


@pytest.mark.slow
def test_the_same_network_gives_the_same_bytes(spec: NetworkSpec, content: bytes) -> None:
    assert (
        onnx_bytes(opinionated_network(spec.name, Preset.DEMONSTRATION), inputs=spec.inputs, outputs=spec.outputs)
        == content
    )
