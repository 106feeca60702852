"""All of an ensemble in one graph answers as its members, their mean and their map do."""

import itertools
from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime
import pytest
from google.protobuf import text_format
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tritonclient.grpc import model_config_pb2 as triton

from client.in_process import InProcessEngine
from export.config import config_text, fused_config_text
from export.entry import records
from export.fused_vote import fused_vote
from specs import member_specs
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.contract import digest_key
from specs.entry import ONNX_FILE, ONNX_IR_VERSION, ONNX_OPSET
from tests.conftest import CLONE
from tests.export.test_onnx_file import SHARED_OPERATORS, assert_declared

REPOSITORY = CLONE / "model_repository"
MEMBERS = tuple(member.model for member in AORTIC_STENOSIS.members)
STUDIES = 12
TOLERANCE = 1e-5
"""Of a probability or of a map, 0 to 1: kernels for batches of another size add in another order."""

Pixels = NDArray[np.uint8]
Answers = Mapping[str, NDArray[np.generic]]


@pytest.fixture(scope="module")
def graphs() -> dict[str, bytes]:
    """The committed files of every step."""
    return {step.model: (REPOSITORY / step.model / "1" / ONNX_FILE).read_bytes() for step in AORTIC_STENOSIS.steps}


@pytest.fixture(scope="module")
def content(graphs: dict[str, bytes]) -> bytes:
    return fused_vote(AORTIC_STENOSIS, graphs)


@pytest.fixture(scope="module")
def fused(content: bytes) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def studies() -> Pixels:
    shape = (STUDIES, *AORTIC_STENOSIS.recipe.input.shape)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.fixture(scope="module")
def expected(graphs: dict[str, bytes], studies: Pixels) -> Answers:
    """What the members say of each study alone, their mean, and the map that the ensemble makes of theirs."""
    sessions = [onnxruntime.InferenceSession(graphs[name], providers=["CPUExecutionProvider"]) for name in MEMBERS]
    each = np.array(
        [
            [session.run(["probability"], {"pixels": study[np.newaxis]})[0].item() for session in sessions]
            for study in studies
        ]
    )
    with InProcessEngine(REPOSITORY) as engine:
        maps = engine.infer(engine.served_model(AORTIC_STENOSIS.name), {"pixels": studies}, ["cam"])["cam"]
    return {"member_probabilities": each, "probability": each.mean(axis=1, keepdims=True), "cam": maps}


@settings(max_examples=10)
@given(batches=st.lists(st.integers(1, 5), min_size=1, max_size=4))
def test_any_mix_of_batches_is_answered_as_members_and_their_mean_are(
    fused: onnxruntime.InferenceSession, studies: Pixels, expected: Answers, batches: list[int]
) -> None:
    places = np.cumsum([0, *batches])
    names = [tensor.name for tensor in AORTIC_STENOSIS.outputs]
    for start, end in itertools.pairwise(places):
        batch = np.arange(start, end) % STUDIES
        for name, found in zip(names, fused.run(names, {"pixels": studies[batch]}), strict=True):
            np.testing.assert_allclose(found, expected[name][batch], rtol=0, atol=TOLERANCE, err_msg=name)


def test_the_studies_are_told_apart(expected: Answers) -> None:
    assert len(np.unique(expected["probability"])) == STUDIES


def test_the_file_has_the_tensors_of_the_ensemble_and_what_every_engine_reads(content: bytes) -> None:
    model = onnx.load_from_string(content)
    for value, tensor in zip(model.graph.input, AORTIC_STENOSIS.inputs, strict=True):
        assert_declared(value, tensor)
    for value, tensor in zip(model.graph.output, AORTIC_STENOSIS.outputs, strict=True):
        assert_declared(value, tensor)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", ONNX_OPSET)]
    assert model.ir_version == ONNX_IR_VERSION
    assert {node.op_type for node in model.graph.node} <= SHARED_OPERATORS | {"Clip"}
    assert str(CLONE).encode() not in content


def test_the_same_files_give_the_same_bytes(graphs: dict[str, bytes], content: bytes) -> None:
    assert fused_vote(AORTIC_STENOSIS, graphs) == content


def test_an_ensemble_without_a_map_gives_none(graphs: dict[str, bytes]) -> None:
    head = AORTIC_STENOSIS.head.model_copy(update={"activation_map": None})
    spec = AORTIC_STENOSIS.model_copy(update={"head": head})
    model = onnx.load_from_string(fused_vote(spec, graphs))
    assert [value.name for value in model.graph.output] == ["probability", "member_probabilities"]


def test_files_of_different_opsets_are_not_merged(graphs: dict[str, bytes]) -> None:
    other = onnx.load_from_string(graphs[MEMBERS[1]])
    other.opset_import[0].version += 1
    with pytest.raises(ValueError, match="operator set"):
        fused_vote(AORTIC_STENOSIS, {**graphs, MEMBERS[1]: other.SerializeToString()})


def test_it_is_served_as_every_member_is() -> None:
    text = fused_config_text("fused", AORTIC_STENOSIS, member_specs(AORTIC_STENOSIS)[0], {3: "d" * 64})
    config = text_format.Parse(text, triton.ModelConfig())
    assert config.name == "fused"
    assert config.parameters[digest_key(3)].string_value == "d" * 64
    assert [output.name for output in config.output] == [tensor.name for tensor in AORTIC_STENOSIS.outputs]
    for member in member_specs(AORTIC_STENOSIS):
        other = text_format.Parse(config_text(member, records(REPOSITORY / member.name)), triton.ModelConfig())
        for each in (config, other):
            for field in ("name", "output", "parameters"):
                each.ClearField(field)
        assert config == other
