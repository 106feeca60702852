"""Studies of several threads go in one request, and each thread gets the answer about its own."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from client.batching import REQUESTS_UNDER_WAY, BatchingEngine
from client.engine import ServedModel, TensorValue
from client.errors import RequestRejected, ServerUnavailable, TricorderError
from client.in_process import InProcessEngine
from client.triton import TritonEngine
from tests.conftest import CLONE

Pixels = NDArray[np.uint8]
LONGEST_WAIT_S = 60.0


class WatchedEngine(InProcessEngine):
    """The engine in this process, that keeps the first requests until told, and can refuse or be away."""

    def __init__(self) -> None:
        super().__init__(CLONE / "model_repository")
        self.go_on = threading.Event()
        self.batches: list[int] = []
        self.refused: Pixels | None = None
        self.is_away = False

    def infer(
        self, model: ServedModel, inputs: Mapping[str, TensorValue], outputs: Sequence[str]
    ) -> dict[str, TensorValue]:
        pixels = inputs["pixels"]
        self.batches.append(len(pixels))
        assert self.go_on.wait(LONGEST_WAIT_S)
        if self.is_away:
            raise ServerUnavailable(address="127.0.0.1:1", code="UNAVAILABLE")
        if self.refused is not None and any(np.array_equal(study, self.refused) for study in pixels):
            raise RequestRejected(model=model.name, code="INVALID_ARGUMENT")
        return super().infer(model, inputs, outputs)


@pytest.fixture
def watched() -> Iterator[WatchedEngine]:
    with WatchedEngine() as engine:
        yield engine


def alone(engine: InProcessEngine, model: ServedModel, pixels: Pixels) -> NDArray[np.float32]:
    """Ask about each study by itself."""
    asked = (engine.infer(model, {"pixels": study[np.newaxis]}, ["probability"]) for study in pixels)
    return np.array([answers["probability"][0, 0] for answers in asked], np.float32)


def ask(engine: BatchingEngine, model: ServedModel, pixels: Pixels, *outputs: str) -> NDArray[np.float32]:
    wanted = outputs or ("probability",)
    return engine.infer(model, {"pixels": pixels}, wanted)["probability"].astype(np.float32)[:, 0]


def ask_at_once(
    watched: WatchedEngine, model: ServedModel, batches: Sequence[Pixels]
) -> list[NDArray[np.float32] | TricorderError]:
    """Ask about each batch in a thread of its own, and let the engine go on only once all have asked."""
    engine = BatchingEngine(watched, threads=16, gathering_s=0)

    def asked(batch: Pixels) -> NDArray[np.float32] | TricorderError:
        try:
            return ask(engine, model, batch)
        except TricorderError as error:
            return error

    with ThreadPoolExecutor(max_workers=len(batches)) as pool:
        answers = []
        for number, batch in enumerate(batches):
            answers.append(pool.submit(asked, batch))
            wait_until_asked(engine, watched, number + 1)
        watched.go_on.set()
        return [answer.result(LONGEST_WAIT_S) for answer in answers]


def wait_until_asked(engine: BatchingEngine, watched: WatchedEngine, questions: int) -> None:
    """Wait until so many questions are in a line or have reached the engine."""
    until_s = time.monotonic() + LONGEST_WAIT_S
    while sum(len(line.waiting) for line in list(engine._lines.values())) + len(watched.batches) != questions:
        assert time.monotonic() < until_s
        time.sleep(0.01)


def probabilities(answers: Sequence[NDArray[np.float32] | TricorderError]) -> NDArray[np.float32]:
    """Require that nothing was refused."""
    found = [answer for answer in answers if not isinstance(answer, TricorderError)]
    assert len(found) == len(answers)
    return np.concatenate(found)


def test_what_waits_goes_together_in_the_order_it_came(
    watched: WatchedEngine, in_process: InProcessEngine, model: ServedModel, radiographs: Pixels
) -> None:
    answers = ask_at_once(watched, model, [radiographs[[i]] for i in range(7)])
    assert watched.batches == [1] * REQUESTS_UNDER_WAY + [7 - REQUESTS_UNDER_WAY]
    np.testing.assert_allclose(probabilities(answers), alone(in_process, model, radiographs[:7]), rtol=0, atol=1e-6)


def test_a_request_holds_no_more_studies_than_the_model_takes(
    watched: WatchedEngine, model: ServedModel, radiographs: Pixels
) -> None:
    batches = [radiographs[[i % len(radiographs)]] for i in range(REQUESTS_UNDER_WAY)]
    batches += [radiographs[:5]] * 4
    answers = ask_at_once(watched, model, batches)
    assert sorted(watched.batches) == [1] * REQUESTS_UNDER_WAY + [5, 15]
    assert [len(answer) for answer in answers if isinstance(answer, np.ndarray)] == [1] * REQUESTS_UNDER_WAY + [5] * 4


def test_a_request_holds_no_more_bytes_than_are_worth_it(
    watched: WatchedEngine, model: ServedModel, radiographs: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.batching.LARGEST_REQUEST_BYTES", 2 * radiographs[0].nbytes)
    ask_at_once(watched, model, [radiographs[[i]] for i in range(REQUESTS_UNDER_WAY + 5)])
    assert sorted(watched.batches) == sorted([1] * REQUESTS_UNDER_WAY + [2, 2, 1])


def test_a_study_that_is_refused_costs_only_itself(
    watched: WatchedEngine, in_process: InProcessEngine, model: ServedModel, radiographs: Pixels
) -> None:
    watched.refused = radiographs[4]
    answers = ask_at_once(watched, model, [radiographs[[i]] for i in range(7)])
    assert isinstance(answers.pop(4), RequestRejected)
    others = [i for i in range(7) if i != 4]
    expected = alone(in_process, model, radiographs[others])
    np.testing.assert_allclose(probabilities(answers), expected, rtol=0, atol=1e-6)


def test_a_server_that_is_away_is_asked_once_for_all_that_wait(
    watched: WatchedEngine, model: ServedModel, radiographs: Pixels
) -> None:
    watched.is_away = True
    answers = ask_at_once(watched, model, [radiographs[[i]] for i in range(7)])
    assert all(isinstance(answer, ServerUnavailable) for answer in answers)
    assert len(watched.batches) == REQUESTS_UNDER_WAY + 1


def test_what_is_asked_for_differently_does_not_go_together(
    watched: WatchedEngine, model: ServedModel, radiographs: Pixels
) -> None:
    engine = BatchingEngine(watched, threads=16, gathering_s=0)
    wanted = [("probability",), ("probability", "cam")] * (REQUESTS_UNDER_WAY + 1)
    with ThreadPoolExecutor(max_workers=len(wanted)) as pool:
        for number, outputs in enumerate(wanted):
            pool.submit(ask, engine, model, radiographs[[number]], *outputs)
            wait_until_asked(engine, watched, number + 1)
        watched.go_on.set()
    assert watched.batches == [1] * len(wanted)


def gathering_engine(watched: WatchedEngine, model: ServedModel, *, threads: int, gathering_s: float) -> BatchingEngine:
    """Return an engine that answers at once."""
    watched.go_on.set()
    watched.served_model(model.name)
    return BatchingEngine(watched, threads=threads, gathering_s=gathering_s)


def ask_elsewhere(engine: BatchingEngine, model: ServedModel, study: Pixels) -> None:
    """Ask from another thread, so that this one is not alone."""
    with ThreadPoolExecutor(max_workers=1) as other:
        other.submit(ask, engine, model, study).result(LONGEST_WAIT_S)


@pytest.mark.parametrize(("threads", "together"), [(32, 16), (16, 8), (8, 4)])
def test_studies_gather_until_half_of_the_threads_wait_or_a_request_is_full(
    watched: WatchedEngine,
    in_process: InProcessEngine,
    model: ServedModel,
    radiographs: Pixels,
    threads: int,
    together: int,
) -> None:
    engine = gathering_engine(watched, model, threads=threads, gathering_s=2 * LONGEST_WAIT_S)
    pixels = radiographs[np.arange(together) % len(radiographs)]
    ask(engine, model, pixels[:1])
    with ThreadPoolExecutor(max_workers=together) as pool:
        asked = [pool.submit(ask, engine, model, study[np.newaxis]) for study in pixels]
        answers = [answer.result(LONGEST_WAIT_S) for answer in asked]
    assert watched.batches == [1, together]
    np.testing.assert_allclose(np.concatenate(answers), alone(in_process, model, pixels), rtol=0, atol=1e-6)


def test_the_more_models_are_asked_the_fewer_studies_gather_for_each(
    watched: WatchedEngine, model: ServedModel, radiographs: Pixels
) -> None:
    engine = gathering_engine(watched, model, threads=8, gathering_s=2 * LONGEST_WAIT_S)
    ask(engine, model, radiographs[:1])
    engine.infer(model, {"pixels": radiographs[:1]}, ["probability", "cam"])
    with ThreadPoolExecutor(max_workers=2) as pool:
        for answer in [pool.submit(ask, engine, model, study[np.newaxis]) for study in radiographs[:2]]:
            answer.result(LONGEST_WAIT_S)
    assert watched.batches == [1, 1, 2]


def test_two_threads_never_wait_for_each_other(watched: WatchedEngine, model: ServedModel, radiographs: Pixels) -> None:
    engine = gathering_engine(watched, model, threads=2, gathering_s=2 * LONGEST_WAIT_S)
    with ThreadPoolExecutor(max_workers=2) as pool:
        asked = [pool.submit(ask, engine, model, study[np.newaxis]) for study in radiographs[:6]]
        assert all(
            np.isfinite(answer.result(LONGEST_WAIT_S)).all() for answer in asked
        )  # far sooner than studies gather
    assert sum(watched.batches) == 6


def test_a_study_gathers_as_long_as_told_and_then_goes(
    watched: WatchedEngine, model: ServedModel, radiographs: Pixels
) -> None:
    gathering_s = LONGEST_WAIT_S / 20
    engine = gathering_engine(watched, model, threads=16, gathering_s=gathering_s)
    ask_elsewhere(engine, model, radiographs[:1])
    began_s = time.monotonic()
    ask(engine, model, radiographs[:1])
    assert gathering_s <= time.monotonic() - began_s < LONGEST_WAIT_S
    assert watched.batches == [1, 1]


def test_a_thread_that_asks_alone_never_waits(watched: WatchedEngine, model: ServedModel, radiographs: Pixels) -> None:
    engine = gathering_engine(watched, model, threads=16, gathering_s=LONGEST_WAIT_S)
    began_s = time.monotonic()
    for study in radiographs[:4]:
        ask(engine, model, study[np.newaxis])
    assert time.monotonic() - began_s < LONGEST_WAIT_S
    assert watched.batches == [1] * 4


def test_who_breaks_off_waits_no_more_and_keeps_nobody(
    watched: WatchedEngine, model: ServedModel, radiographs: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = gathering_engine(watched, model, threads=16, gathering_s=LONGEST_WAIT_S / 20)
    ask_elsewhere(engine, model, radiographs[:1])
    (line,) = engine._lines.values()
    with monkeypatch.context() as interrupted:
        interrupted.setattr(line.changed, "wait", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            ask(engine, model, radiographs[:1])
    ask(engine, model, radiographs[1:2])
    assert watched.batches == [1, 1]


@settings(max_examples=8)
@given(order=st.permutations(range(16)), workers=st.integers(1, 12))
def test_any_mix_of_threads_gives_each_study_its_own_answer_through_triton(
    remote: TritonEngine,
    in_process: InProcessEngine,
    model: ServedModel,
    radiographs: Pixels,
    order: list[int],
    workers: int,
) -> None:
    expected = alone(in_process, model, radiographs)
    engine = BatchingEngine(remote, threads=workers)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        answers = list(pool.map(lambda i: ask(engine, model, radiographs[[i]])[0], order))
    np.testing.assert_allclose(answers, expected[order], rtol=0, atol=1e-6)
