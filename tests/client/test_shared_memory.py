"""Inputs in shared memory, on the real Triton: found out, given back, never left, never another's."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as tritongrpc
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from client.call_settings import SMALLEST_SHARED_BYTES, CallSettings
from client.engine import ServedModel, TensorValue
from client.errors import DeadlineExceeded, RequestRejected
from client.shared_region import Owner
from client.triton import TritonEngine
from serving import EmbeddedTriton, TritonSettings
from tests.client.conftest import registered, shared_files
from tests.client.other_clients import answer_with_other_memory, client_to_kill, maker_to_kill
from tests.conftest import CLONE, IMAGE_SPECS

NAME = re.compile(r"tricorder-wire-[0-9a-f]{12}-[0-9a-f]{16}-[0-9]+")
MIXED = ("mitral_regurgitation", "ejection_fraction", "sarcoidosis_lymphoma", "dat_direct", "aortic_stenosis")
"""Inputs of several sizes, below and above the least that is shared; the last is an ensemble, which hands them on."""

ROWS = 8


@pytest.fixture
def sharing(triton: EmbeddedTriton) -> Iterator[TritonEngine]:
    with TritonEngine(CallSettings(address=triton.grpc_address)) as engine:
        yield engine


def probability(engine: TritonEngine, model: ServedModel, pixels: TensorValue) -> TensorValue:
    return engine.infer(model, {"pixels": pixels}, ["probability"])["probability"]


def test_a_large_request_is_shared_and_its_answer_that_of_the_wire(
    sharing: TritonEngine,
    wired: TritonEngine,
    channel: tritongrpc.InferenceServerClient,
    model: ServedModel,
    radiographs: TensorValue,
) -> None:
    before = registered(channel)
    assert np.array_equal(probability(sharing, model, radiographs), probability(wired, model, radiographs))
    (name,) = registered(channel) - before
    assert NAME.fullmatch(name)  # digits only: nothing of a patient, a path or a host
    assert name not in shared_files()  # hidden as soon as the server has it: a kill cannot leave it
    assert np.array_equal(probability(sharing, model, radiographs), probability(wired, model, radiographs))
    assert registered(channel) - before == {name}
    assert sharing.uses_shared_memory


def test_a_small_request_and_one_that_may_not_share_go_over_the_wire(
    sharing: TritonEngine,
    wired: TritonEngine,
    channel: tritongrpc.InferenceServerClient,
    model: ServedModel,
    radiographs: TensorValue,
) -> None:
    before = registered(channel)
    small = sharing.served_model("dat_direct")
    pixels = np.zeros((1, *small.contract.spec.recipe.input.shape), dtype=np.uint8)
    assert pixels.nbytes < SMALLEST_SHARED_BYTES
    sharing.infer(small, {"pixels": pixels}, ["probability"])
    probability(wired, model, radiographs)
    assert registered(channel) == before
    assert sharing.uses_shared_memory
    assert not wired.uses_shared_memory


def test_leaving_the_engine_leaves_no_region(
    triton: EmbeddedTriton, channel: tritongrpc.InferenceServerClient, model: ServedModel, radiographs: TensorValue
) -> None:
    before = registered(channel)
    with TritonEngine(CallSettings(address=triton.grpc_address)) as engine, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda batch: probability(engine, model, radiographs[:batch]), [16, 2, 8, 4, 16, 1]))
        assert registered(channel) > before
    assert registered(channel) == before


def test_a_client_that_is_killed_leaves_no_file_and_the_next_one_no_region(
    triton: EmbeddedTriton, channel: tritongrpc.InferenceServerClient, model: ServedModel, radiographs: TensorValue
) -> None:
    with (
        TritonEngine(CallSettings(address=triton.grpc_address)) as living,
        client_to_kill(triton.grpc_address) as process,
    ):
        others = registered(channel)
        probability(living, model, radiographs)
        held_by_living = registered(channel) - others
        assert process.stdout is not None
        assert process.stdout.readline().startswith("True ")
        held_by_dead = registered(channel) - others - held_by_living
        assert held_by_dead
        with TritonEngine(CallSettings(address=triton.grpc_address)) as next_one:
            probability(next_one, model, radiographs[:1])
        assert held_by_dead <= registered(channel)  # it lives
        process.kill()
        process.wait()
        assert not shared_files() & held_by_dead
        with TritonEngine(CallSettings(address=triton.grpc_address)) as next_one:
            probability(next_one, model, radiographs[:1])
            assert not held_by_dead & registered(channel)
            assert held_by_living <= registered(channel)
        probability(living, model, radiographs)
        assert held_by_living <= registered(channel)


def test_a_client_that_is_killed_with_a_file_has_it_removed_by_the_next_one(
    triton: EmbeddedTriton, model: ServedModel, radiographs: TensorValue
) -> None:
    with maker_to_kill() as (process, name), closing(Owner()) as living:
        region = living.region(at_least_bytes=1)
        with TritonEngine(CallSettings(address=triton.grpc_address)) as next_one:
            probability(next_one, model, radiographs[:1])
        assert {name, region.name} <= shared_files()
        process.kill()
        process.wait()
        with TritonEngine(CallSettings(address=triton.grpc_address)) as next_one:
            probability(next_one, model, radiographs[:1])
        assert name not in shared_files()
        assert region.name in shared_files()
        region.hide()
        region.close()


@pytest.mark.parametrize("size", ["64m", "64k"], ids=["of a container", "too small"])
def test_where_memory_cannot_be_shared_the_wire_is_used_and_no_request_lost(
    triton: EmbeddedTriton, wired: TritonEngine, model: ServedModel, radiographs: TensorValue, size: str
) -> None:
    answered = answer_with_other_memory(triton.grpc_address, size=size)
    if answered is None:
        pytest.skip("this system lets no process have a /dev/shm of its own")
    shares, probabilities = answered
    assert not shares
    np.testing.assert_allclose(probabilities, as_floats(probability(wired, model, radiographs))[:, 0], rtol=1e-6)


def test_a_server_that_comes_back_gets_new_regions_and_no_request_is_lost(
    tmp_path: Path, model: ServedModel, radiographs: TensorValue
) -> None:
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / model.name).symlink_to(CLONE / "model_repository" / model.name)
    start = TritonSettings(
        repository=tmp_path / "repository", run_folder=tmp_path / "run", environment=CLONE / ".venv-server"
    )
    with EmbeddedTriton(start) as server:
        address = server.grpc_address
        engine = TritonEngine(CallSettings(address=address, patience_s=60))
        first = probability(engine, model, radiographs)
    again = TritonSettings(
        repository=start.repository, run_folder=start.run_folder, environment=start.environment, ports=server.ports
    )
    with EmbeddedTriton(again) as server, engine, tritongrpc.InferenceServerClient(address) as channel:
        assert server.grpc_address == address
        assert np.array_equal(probability(engine, model, radiographs), first)
        assert np.array_equal(probability(engine, model, radiographs), first)
        assert engine.uses_shared_memory
        assert len(registered(channel)) == 1


def test_a_request_that_is_wrong_is_refused_and_says_nothing_of_shared_memory(
    sharing: TritonEngine, model: ServedModel, radiographs: TensorValue
) -> None:
    with pytest.raises(RequestRejected):
        probability(sharing, model, np.zeros((1, 1, 800, 800), dtype=np.uint8))
    assert sharing.uses_shared_memory
    probability(sharing, model, radiographs)


def test_after_deadlines_no_answer_is_anothers_and_no_region_is_left(
    triton: EmbeddedTriton, wired: TritonEngine, channel: tritongrpc.InferenceServerClient, model: ServedModel
) -> None:
    before = registered(channel)
    pictures = distinct((12, 8, 1, 320, 320))
    expected = [probability(wired, model, batch) for batch in pictures]
    outcomes: list[bool] = []
    for deadline_s in (0.005, 0.05, 0.2):
        with TritonEngine(CallSettings(address=triton.grpc_address, deadline_s=deadline_s, patience_s=0)) as hasty:

            def ask(number: int, engine: TritonEngine = hasty) -> bool:
                try:
                    answer = probability(engine, model, pictures[number])
                except DeadlineExceeded:
                    return False
                np.testing.assert_allclose(as_floats(answer), as_floats(expected[number]), rtol=0, atol=1e-6)
                return True

            with ThreadPoolExecutor(4) as pool:
                outcomes += pool.map(ask, range(len(pictures)))
    assert not all(outcomes)
    until_s = time.monotonic() + 60  # what the server still read when an engine was left goes with a later one
    while registered(channel) != before and time.monotonic() < until_s:
        with TritonEngine(CallSettings(address=triton.grpc_address)) as next_one:
            probability(next_one, model, pictures[0])
    assert registered(channel) == before
    assert np.array_equal(probability(wired, model, pictures[0]), expected[0])


@settings(max_examples=6)
@given(
    asked=st.lists(
        st.tuples(st.sampled_from(MIXED), st.integers(0, ROWS - 1), st.integers(1, ROWS)), min_size=1, max_size=10
    ),
    threads=st.integers(1, 6),
)
def test_any_mix_of_models_sizes_and_threads_gets_the_answers_of_the_wire(
    remote: TritonEngine, wired: TritonEngine, asked: list[tuple[str, int, int]], threads: int
) -> None:
    def answers(engine: TritonEngine, name: str, first: int, count: int) -> dict[str, TensorValue]:
        model = engine.served_model(name)
        largest = 2 if name == "aortic_stenosis" else ROWS  # three networks: slow
        shape = model.contract.spec.recipe.input.shape
        rows = distinct((ROWS, *shape))[np.arange(first, first + min(count, largest)) % ROWS]
        return engine.infer(model, {"pixels": rows}, [output.name for output in model.contract.spec.outputs])

    expected = [answers(wired, *request) for request in asked]
    with ThreadPoolExecutor(threads) as pool:
        got = list(pool.map(lambda request: answers(remote, *request), asked))
    for ours, theirs in zip(got, expected, strict=True):
        assert ours.keys() == theirs.keys()
        for name, value in theirs.items():
            np.testing.assert_allclose(as_floats(ours[name]), as_floats(value), rtol=1e-5, atol=1e-5)
    assert remote.uses_shared_memory


def test_the_answers_that_are_compared_differ(wired: TritonEngine) -> None:
    """Without this, a mix-up could pass unseen."""
    for name in MIXED:
        model = wired.served_model(name)
        rows = distinct((ROWS, *IMAGE_SPECS[name].recipe.input.shape))[:2]
        answers = wired.infer(model, {"pixels": rows}, [output.name for output in model.contract.spec.outputs])
        assert max(np.abs(np.diff(as_floats(answer), axis=0)).max() for answer in answers.values()) > 1e-3


def as_floats(values: TensorValue) -> NDArray[np.float64]:
    return values.astype(np.float64)


def distinct(shape: tuple[int, ...]) -> TensorValue:
    """Pixels that are coarse blocks, different in each row, so that no two answers are alike."""
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 128, (*shape[:-2], -(-shape[-2] // 32), -(-shape[-1] // 32)), dtype=np.uint8)
    pixels: TensorValue = blocks.repeat(32, axis=-2).repeat(32, axis=-1)[..., : shape[-2], : shape[-1]]
    return pixels
