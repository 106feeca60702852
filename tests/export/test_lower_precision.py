"""ONNX files in a lower precision: the same tensors, the same container, nearly the same answers."""

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from export.lower_precision import in_fp16, in_int8
from specs.entry import ONNX_IR_VERSION, ONNX_OPSET
from specs.model import NetworkSpec
from tests.training.tiny import random_pixels


@pytest.fixture
def pixels(spec: NetworkSpec) -> NDArray[np.uint8]:
    drawn: NDArray[np.uint8] = random_pixels(spec, studies=16).numpy()
    return drawn


@pytest.fixture
def int8(spec: NetworkSpec, content: bytes, pixels: NDArray[np.uint8]) -> bytes:
    feeds = ({spec.recipe.input.name: pixels[start : start + 8]} for start in (0, 8))
    return in_int8(content, feeds, answer=spec.head.answer.name)


def outputs(content: bytes, spec: NetworkSpec, pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    answers: list[NDArray[np.float32]] = session.run(
        [tensor.name for tensor in spec.outputs], {spec.recipe.input.name: pixels}
    )
    return answers


def tensors(content: bytes) -> list[tuple[str, str]]:
    graph = onnx.load_from_string(content).graph
    return [(each.name, str(each.type.tensor_type)) for each in (*graph.input, *graph.output)]


def operators(content: bytes) -> list[str]:
    return [node.op_type for node in onnx.load_from_string(content).graph.node]


def test_inputs_outputs_and_versions_stay(content: bytes, int8: bytes) -> None:
    for lower in (int8, in_fp16(content)):
        model = onnx.load_from_string(lower)
        assert tensors(lower) == tensors(content)
        assert model.ir_version == ONNX_IR_VERSION
        assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", ONNX_OPSET)]


def test_answers_are_near(spec: NetworkSpec, content: bytes, int8: bytes, pixels: NDArray[np.uint8]) -> None:
    expected = outputs(content, spec, pixels)[0]
    spread = float(np.ptp(expected))
    for lower, share in ((int8, 0.25), (in_fp16(content), 0.01)):
        answers = outputs(lower, spec, pixels)[0]
        assert np.abs(answers - expected).max() < share * spread
        assert not np.array_equal(answers, expected)


def test_int8_quantizes_by_channel_and_leaves_both_ends_alone(content: bytes, int8: bytes) -> None:
    assert "QuantizeLinear" in operators(int8)
    graph = onnx.load_from_string(int8).graph
    scales = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    first, *others = [node.input[1] for node in graph.node if node.op_type == "Conv"]
    assert first in scales
    weights = next(node for node in graph.node if others[0] in node.output)
    assert weights.op_type == "DequantizeLinear"
    assert scales[weights.input[1]].shape == (len(scales[weights.input[0]]),)
    before = operators(int8)[: operators(int8).index("QuantizeLinear")]
    assert "AveragePool" in before or "AveragePool" not in operators(content)
    gemm = next(node for node in graph.node if node.op_type == "Gemm")
    assert gemm.input[1] in scales


def test_the_same_file_comes_out_twice(spec: NetworkSpec, content: bytes, pixels: NDArray[np.uint8]) -> None:
    made = [in_int8(content, iter([{spec.recipe.input.name: pixels}]), answer=spec.head.answer.name) for _ in range(2)]
    assert made[0] == made[1]
    assert in_fp16(content) == in_fp16(content)
