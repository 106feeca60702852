"""Triton and the in-process engine give the same answers, each study its own."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from client.engine import Engine, ServedModel
from client.errors import ModelNotFound, RequestRejected
from client.in_process import InProcessEngine
from client.triton import TritonEngine
from specs import SPECS

Pixels = NDArray[np.uint8]


def infer(engine: Engine, model: ServedModel, pixels: Pixels, *outputs: str) -> dict[str, NDArray[np.float32]]:
    answers = engine.infer(model, {model.contract.spec.recipe.input.name: pixels}, outputs or ("probability",))
    return {name: value.astype(np.float32) for name, value in answers.items()}


def test_both_engines_read_the_same_contract(remote: TritonEngine, in_process: InProcessEngine) -> None:
    assert remote.model_names() == in_process.model_names()
    for name in SPECS:  # the other entries only combine
        assert remote.served_model(name) == in_process.served_model(name)


@pytest.mark.parametrize("batch", [1, 2, 5, 16])
def test_both_engines_agree_bit_for_bit_at_equal_batch_size(
    remote: TritonEngine, in_process: InProcessEngine, model: ServedModel, radiographs: Pixels, batch: int
) -> None:
    ours = infer(in_process, model, radiographs[:batch], "probability", "cam")
    theirs = infer(remote, model, radiographs[:batch], "probability", "cam")
    assert np.array_equal(ours["probability"], theirs["probability"])
    assert np.array_equal(ours["cam"], theirs["cam"])


def test_a_probability_alone_is_the_one_that_comes_with_a_map(
    remote: TritonEngine, in_process: InProcessEngine, model: ServedModel, radiographs: Pixels
) -> None:
    for engine in (remote, in_process):
        alone = infer(engine, model, radiographs[:3], "probability")
        assert set(alone) == {"probability"}
        together = infer(engine, model, radiographs[:3], "probability", "cam")
        assert np.array_equal(alone["probability"], together["probability"])


@settings(max_examples=8)
@given(order=st.permutations(range(16)))
def test_any_mix_of_requests_gives_each_its_own_answer(
    remote: TritonEngine, in_process: InProcessEngine, model: ServedModel, radiographs: Pixels, order: list[int]
) -> None:
    alone = infer(in_process, model, radiographs)["probability"][:, 0]
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda i: infer(remote, model, radiographs[i : i + 1])["probability"][0, 0], order))
    np.testing.assert_allclose(answers, alone[order], rtol=0, atol=1e-6)


def test_the_answers_of_different_studies_differ(
    in_process: InProcessEngine, model: ServedModel, radiographs: Pixels
) -> None:
    """Without this, a mix-up could pass unseen."""
    assert np.unique(infer(in_process, model, radiographs)["probability"]).size == len(radiographs)


def test_an_unknown_model_is_named_with_what_is_served(remote: TritonEngine, in_process: InProcessEngine) -> None:
    for engine in (remote, in_process):
        with pytest.raises(ModelNotFound, match="mitral_regurgitation"):
            engine.served_model("crystal_ball")


def test_a_request_of_the_wrong_shape_is_rejected(
    remote: TritonEngine, in_process: InProcessEngine, model: ServedModel
) -> None:
    for engine in (remote, in_process):
        with pytest.raises(RequestRejected, match="mitral_regurgitation"):
            infer(engine, model, np.zeros((1, 1, 8, 8), dtype=np.uint8))
