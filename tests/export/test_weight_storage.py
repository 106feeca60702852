"""Weights in half precision in an ONNX file: the same answers to the last bit, and plain again for a quantizer."""

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from export.lower_precision import in_fp16, in_int8
from export.onnx_file import onnx_bytes
from export.weight_storage import stored_in_half, with_plain_weights
from specs.network import Preset
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from tests.training.tiny import random_pixels, tiny, with_opinions
from training.half_weights import keep_half
from training.radiograph_network import RadiographNetwork

SPEC = tiny(SARCOIDOSIS_LYMPHOMA, half_weights=True)


@pytest.fixture(scope="module")
def content() -> bytes:
    """A tiny network, rounded to half precision, as the exporter leaves it."""
    network = with_opinions(RadiographNetwork(SPEC, Preset.DEMONSTRATION))
    for backbone in network.backbones:
        keep_half(backbone)
    return onnx_bytes(network, inputs=SPEC.inputs, outputs=SPEC.outputs)


def answers(content: bytes) -> list[NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    found: list[NDArray[np.float32]] = session.run(
        None, {SPEC.recipe.input.name: random_pixels(SPEC, studies=3).numpy()}
    )
    return found


def test_answers_stay_in_a_file_of_half_the_size(content: bytes) -> None:
    stored = stored_in_half(content)
    weights = sum(numpy_helper.to_array(each).nbytes for each in onnx.load_from_string(content).graph.initializer)
    assert len(content) - len(stored) > 0.4 * weights
    for own, expected in zip(answers(stored), answers(content), strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-6)
    kinds = [(value.name, str(value.type)) for value in onnx.load_from_string(stored).graph.output]
    assert kinds == [(value.name, str(value.type)) for value in onnx.load_from_string(content).graph.output]


def test_weights_come_back_plain(content: bytes) -> None:
    model = onnx.load_from_string(stored_in_half(content))
    plain = with_plain_weights(model)
    assert not any(each.data_type == TensorProto.FLOAT16 for each in plain.graph.initializer)
    original = onnx.load_from_string(content).graph
    assert [node.op_type for node in plain.graph.node] == [node.op_type for node in original.node]
    for own, expected in zip(answers(plain.SerializeToString()), answers(content), strict=True):
        np.testing.assert_allclose(own, expected, atol=1e-6)


def test_lower_precisions_are_made_of_either(content: bytes) -> None:
    stored = stored_in_half(content)
    feed = {SPEC.recipe.input.name: random_pixels(SPEC, studies=4).numpy()}
    answer = SPEC.head.answer.name
    for own, expected in (
        (in_fp16(stored), in_fp16(content)),
        (in_int8(stored, iter([feed]), answer=answer), in_int8(content, iter([feed]), answer=answer)),
    ):
        np.testing.assert_allclose(answers(own)[0], answers(expected)[0], atol=2e-3)
        operators = [[node.op_type for node in onnx.load_from_string(each).graph.node] for each in (own, expected)]
        assert sorted(operators[0]) == sorted(operators[1])


@given(values=arrays(np.float32, 300, elements=st.floats(-1e5, 1e5, width=32)), scale=st.sampled_from((1.0, 1e-3)))
def test_what_half_precision_does_not_hold_stays(values: NDArray[np.float32], scale: float) -> None:
    values *= np.float32(scale)
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "w"], ["y"])],
        "sum",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [300])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [300])],
        initializer=[numpy_helper.from_array(values, "w")],
    )
    content = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]).SerializeToString()
    stored = stored_in_half(content)
    (kept,) = (
        numpy_helper.to_array(each)
        for each in with_plain_weights(onnx.load_from_string(stored)).graph.initializer
        if each.name == "w"
    )
    np.testing.assert_allclose(kept, values, rtol=1e-6, atol=0.0)
