"""A client in a process of its own: random requests about known studies, every answer compared with its study's."""

import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import psutil
from numpy.typing import NDArray

from client.call_settings import CallSettings
from client.engine import TensorValue
from client.triton import TritonEngine
from tests.conftest import CLONE

PIXELS = "pixels"
TOLERANCE = 1e-5
"""Between a study alone in this process and in any batch on the server, absolute: a probability's or a map's value."""

LARGEST_BATCH = 6
SMALLEST_ROUND, LARGEST_ROUND = 20, 40
MOST_THREADS = 6
SMALLEST_SHARED_BYTES = 40_000
"""Fewer than the usual, so that of the small model too most requests are shared: those of three studies or more."""

PATIENCE_S = 120.0
"""How long anything is waited for; a client that starts beside others took up to 20 s on two busy processors."""

_POLL_S = 0.05
_SIGN_PREFIX = "@tricorder-wire-"
"""How the system shows the abstract socket that a client holds while it lives; its regions are named after it."""


@dataclass(frozen=True, kw_only=True)
class KnownStudies:
    """Studies of one model and their answers.

    Attributes:
        model: Name of its repository entry.
        weight: How often it is asked, relative to other models.
        pixels: Input tensor, the study first.
        answers: Of each output the value for each study alone, the study first; what is asked for first comes first.
    """

    model: str
    weight: float
    pixels: TensorValue
    answers: dict[str, NDArray[np.float64]]

    def write(self, folder: Path) -> None:
        """Leave them for other processes."""
        tensors: dict[str, TensorValue] = {PIXELS: self.pixels, **self.answers}
        np.savez(folder / f"{self.model}.npz", allow_pickle=False, weight=self.weight, **tensors)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read what was left."""
        with np.load(file) as arrays:
            tensors = dict(arrays)
        weight, pixels = float(tensors.pop("weight")), tensors.pop(PIXELS)
        return cls(model=file.stem, weight=weight, pixels=pixels, answers=tensors)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One request: some studies of one model, in any order and any of them twice, and what is asked about them."""

    known: KnownStudies
    studies: NDArray[np.intp]
    outputs: tuple[str, ...]


def draw_question(models: list[KnownStudies], rng: np.random.Generator) -> Question:
    """Draw a model, a batch and either its first output or all."""
    weights = np.array([known.weight for known in models])
    known = models[rng.choice(len(models), p=weights / weights.sum())]
    outputs = tuple(known.answers)
    return Question(
        known=known,
        studies=rng.integers(0, len(known.pixels), rng.integers(1, LARGEST_BATCH, endpoint=True)),
        outputs=outputs[: rng.choice((1, len(outputs)))],
    )


def require_own_answers(engine: TritonEngine, question: Question) -> None:
    """Ask, and compare each answer with that of its study."""
    known, studies = question.known, question.studies
    got = engine.infer(engine.served_model(known.model), {PIXELS: known.pixels[studies]}, question.outputs)
    assert set(got) == set(question.outputs)
    for name, answers in got.items():
        np.testing.assert_allclose(answers.astype(np.float64), known.answers[name][studies], rtol=0, atol=TOLERANCE)


def ask_until_stopped(address: str, folder: Path, *, seed: int) -> None:
    """Ask in rounds, each from another number of threads, until SIGTERM; print after each how many were answered."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    rng = np.random.default_rng(seed)
    models = [KnownStudies.read(file) for file in sorted(folder.glob("*.npz"))]
    settings = CallSettings(
        address=address, deadline_s=PATIENCE_S, patience_s=PATIENCE_S, smallest_shared_bytes=SMALLEST_SHARED_BYTES
    )
    answered = 0
    with TritonEngine(settings) as engine:
        while not stopped.is_set():
            questions = [draw_question(models, rng) for _ in range(rng.integers(SMALLEST_ROUND, LARGEST_ROUND))]
            with ThreadPoolExecutor(int(rng.integers(1, MOST_THREADS, endpoint=True))) as pool:
                list(pool.map(partial(require_own_answers, engine), questions))
            answered += len(questions)
            assert engine.uses_shared_memory
            print(answered, flush=True)  # noqa: T201  read by the process that started this one


class RandomClient:
    """A running client; killed when left, where it still runs.

    Attributes:
        region_prefix: How the names of its regions begin, once it has been answered.
    """

    def __init__(self, address: str, known: Path, *, seed: int) -> None:
        """Start it; what it prints lies beside the known studies.

        Args:
            address: gRPC endpoint, HOST:PORT.
            known: Folder of the known studies.
            seed: Another one for each client.
        """
        self.region_prefix = ""
        self._counts, self._errors = known / f"client-{seed}.txt", known / f"client-{seed}-errors.txt"
        with self._counts.open("wb") as counts, self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.random_client", address, str(known), str(seed)],
                cwd=CLONE,
                stdin=subprocess.DEVNULL,
                stdout=counts,
                stderr=errors,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait(PATIENCE_S)

    @property
    def answered(self) -> int:
        """How many of its requests were answered by the end of its last round."""
        lines = self._counts.read_text(encoding="ascii").rpartition("\n")[0].splitlines()
        return int(lines[-1]) if lines else 0

    def require_running(self) -> None:
        """Fail where it has ended by itself, for instance after a wrong answer."""
        assert self._process.poll() is None, self._errors.read_text(encoding="utf-8")

    def wait_until_answered(self) -> None:
        """Wait for the end of its first round, and see by which name it claims its regions."""
        until_s = time.monotonic() + PATIENCE_S
        while not self.answered:
            self.require_running()
            assert time.monotonic() < until_s
            time.sleep(_POLL_S)
        sockets = psutil.Process(self._process.pid).net_connections("unix")
        (sign,) = {str(each.laddr) for each in sockets if str(each.laddr).startswith(_SIGN_PREFIX)}
        self.region_prefix = f"{sign.removeprefix('@')}-"

    def crash(self) -> None:
        """Kill it, whatever it is at."""
        self.require_running()
        self._process.kill()
        assert self._process.wait(PATIENCE_S) == -signal.SIGKILL

    def stop(self) -> None:
        """Let it end its round and leave."""
        self.require_running()
        self._process.terminate()
        assert self._process.wait(PATIENCE_S) == 0, self._errors.read_text(encoding="utf-8")


if __name__ == "__main__":
    ask_until_stopped(sys.argv[1], Path(sys.argv[2]), seed=int(sys.argv[3]))
