"""The Python-based backend, asked through a real Triton."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import pytest
import tritonclient.grpc as triton
from hypothesis import given, settings
from hypothesis import strategies as st
from tritonclient.utils import InferenceServerException

from serving import EmbeddedTriton

Ask = Callable[..., dict[str, np.ndarray]]


class Count(NamedTuple):
    """What Triton has done with a model."""

    inferences: int
    executions: int


def count(channel: triton.InferenceServerClient, model: str) -> Count:
    statistics = channel.get_inference_statistics(model).model_stats[0]
    return Count(inferences=statistics.inference_count, executions=statistics.execution_count)


def test_a_model_answers(ask: Ask) -> None:
    image = np.arange(4, dtype=np.float32)[None]
    assert np.array_equal(ask("double", {"x": image}, ["y"])["y"], 2 * image)


def test_triton_knows_the_backend_by_nvidias_name(channel: triton.InferenceServerClient) -> None:
    config = channel.get_model_config("double").config
    assert (config.backend, config.platform) == ("onnxruntime", "onnxruntime_onnx")


def test_only_the_outputs_asked_for_are_computed(ask: Ask) -> None:
    image = np.ones((1, 4), dtype=np.float32)
    assert ask("double", {"x": image}, ["y"])["y"].shape == (1, 4)
    with pytest.raises(InferenceServerException, match="Gather node 'reader'"):
        ask("double", {"x": image}, ["y", "z"])


def test_an_output_that_fails_does_not_touch_requests_for_another(ask: Ask) -> None:
    image = np.ones((1, 4), dtype=np.float32)

    def ask_for(outputs: list[str]) -> str:
        try:
            return str(ask("double", {"x": image}, outputs)["y"][0, 0])
        except InferenceServerException:
            return "failed"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask_for, [["y"], ["y", "z"]] * 20))
    assert answers == ["2.0", "failed"] * 20


@settings(deadline=None, derandomize=True, max_examples=15)
@given(row_counts=st.lists(st.integers(1, 4), min_size=2, max_size=12), seed=st.integers(0, 2**32 - 1))
def test_every_request_of_a_mix_gets_its_own_answer(ask: Ask, row_counts: list[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    images = [generator.standard_normal((rows, 4), dtype=np.float32) for rows in row_counts]
    with ThreadPoolExecutor(len(images)) as pool:
        answers = list(pool.map(lambda image: ask("double", {"x": image}, ["y"])["y"], images))
    assert all(np.array_equal(answer, 2 * image) for answer, image in zip(answers, images, strict=True))


def test_requests_that_wait_together_run_as_one_batch(
    ask: Ask, channel: triton.InferenceServerClient, table: tuple[float, ...]
) -> None:
    indices = [index % len(table) for index in range(8)]
    before = count(channel, "pick")
    with ThreadPoolExecutor(len(indices)) as pool:
        answers = list(pool.map(lambda index: ask("pick", {"index": np.array([[index]])}, ["picked"]), indices))
    assert [float(answer["picked"][0, 0]) for answer in answers] == [table[index] for index in indices]
    deadline_s = time.monotonic() + 5
    # Triton counts after it has answered.
    while count(channel, "pick").inferences - before.inferences < len(indices):
        assert time.monotonic() < deadline_s
    assert count(channel, "pick").executions - before.executions < len(indices)


def test_an_error_in_one_request_leaves_the_others_of_its_batch_alone(ask: Ask, table: tuple[float, ...]) -> None:
    def pick(index: int) -> float | None:
        try:
            return float(ask("pick", {"index": np.array([[index]])}, ["picked"])["picked"][0, 0])
        except InferenceServerException:
            return None

    with ThreadPoolExecutor(8) as pool:
        picked = list(pool.map(pick, [0, 1, 77, 2, 3, 99, 0, 1]))
    assert picked == [table[0], table[1], None, table[2], table[3], None, table[0], table[1]]


def test_an_error_holds_no_value_of_the_request_and_neither_does_the_log(ask: Ask, server: EmbeddedTriton) -> None:
    sentinel = 918273645
    with pytest.raises(InferenceServerException) as caught:
        ask("pick", {"index": np.array([[sentinel]])}, ["picked"])
    assert caught.value.status() == "StatusCode.INVALID_ARGUMENT"
    assert "Gather node 'picker'" in str(caught.value)
    assert str(sentinel) not in str(caught.value)
    assert server.log_file is not None
    assert str(sentinel) not in server.log_file.read_text()


def test_a_model_without_batching_answers(ask: Ask) -> None:
    images = np.ones((20, 4), dtype=np.float32)
    assert np.array_equal(ask("single", {"x": images}, ["y"])["y"], 2 * images)


def test_an_ensemble_runs_both_members(ask: Ask) -> None:
    image = np.ones((3, 4), dtype=np.float32)
    assert np.array_equal(ask("chain", {"x": image}, ["quadruple"])["quadruple"], 4 * image)
