"""Studies of several threads go in one request: fewer calls, fuller batches."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np

from client.engine import Engine, EngineAbove, ServedModel, TensorValue
from client.errors import OutputError, ServerError
from specs.classifier import ClassifierSpec
from specs.ensemble import EnsembleSpec
from specs.model import NetworkSpec
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.volume import VolumeSpec

REQUESTS_UNDER_WAY = 2
"""Of one kind: one that the server computes, and one on its way to it. Our choice."""

GATHERING_S = 0.1
"""Longest that a study of a cohort waits for the next ones. Our choice: a fuller request costs less.

`tricorder bench transfer_syntaxes` has what files to results reach with it.
"""

LARGEST_REQUEST_BYTES = 8_000_000
"""Volumes above this go one by one: their copying and computing outweighs a call. Our choice."""

_Kind = tuple[str, str, tuple[str, ...], tuple[tuple[str, str, tuple[int, ...]], ...]]
"""Model and digest of its contract, outputs, and each input's name, type and shape but for the batch axis."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Question:
    """The inputs that one thread asks about, and until when they gather, by `time.monotonic`."""

    inputs: Mapping[str, TensorValue]
    gathers_until_s: float
    answer: Future[dict[str, TensorValue]] = field(default_factory=Future)

    @property
    def studies(self) -> int:
        return len(next(iter(self.inputs.values())))

    @property
    def size_bytes(self) -> int:
        return sum(value.nbytes for value in self.inputs.values())


class _Line:
    """Questions of one kind that wait, in the order they came, and how many requests are under way."""

    def __init__(self, *, largest_batch: int, gathering_s: float) -> None:
        self.changed = threading.Condition()
        self.waiting: deque[_Question] = deque()
        self.under_way = 0
        self._largest_batch = largest_batch
        self._gathering_s = gathering_s
        self._asked_s: dict[int, float] = {}  # when each thread last came, those of the last moments

    def join(self, inputs: Mapping[str, TensorValue]) -> _Question:
        """Put a thread's inputs at the end; they gather with others where another thread came a moment ago."""
        now_s, thread = time.monotonic(), threading.get_ident()
        self._asked_s = {other: at_s for other, at_s in self._asked_s.items() if at_s > now_s - self._gathering_s}
        is_alone = self._asked_s.keys() <= {thread}
        self._asked_s[thread] = now_s
        question = _Question(inputs=inputs, gathers_until_s=now_s if is_alone else now_s + self._gathering_s)
        self.waiting.append(question)
        return question

    def wait_for_turn(self, question: _Question, *, enough: int) -> bool:
        """Wait until a question goes first, True, or has gone with another and is answered, False.

        Args:
            question: It waits in this line; where the wait is broken off, it does so no more.
            enough: So many questions gather no longer.
        """
        try:
            if self._are_enough(enough):
                self.changed.notify_all()  # the first of them waits
            while not question.answer.done():
                wait_s = None
                if self.under_way < REQUESTS_UNDER_WAY and self.waiting and self.waiting[0] is question:
                    wait_s = question.gathers_until_s - time.monotonic()
                    if wait_s <= 0 or self._are_enough(enough):
                        return True
                self.changed.wait(wait_s)
        except BaseException:
            if question in self.waiting:
                self.waiting.remove(question)
                self.changed.notify_all()
            raise
        return False

    def take_request(self) -> list[_Question]:
        """Take the first question, and those behind it that fit into one request with it."""
        together = [self.waiting.popleft()]
        studies, size_bytes = together[0].studies, together[0].size_bytes
        while self.waiting:
            studies += self.waiting[0].studies
            size_bytes += self.waiting[0].size_bytes
            if studies > self._largest_batch or size_bytes > LARGEST_REQUEST_BYTES:
                break
            together.append(self.waiting.popleft())
        return together

    def _are_enough(self, enough: int) -> bool:
        """Tell whether those that wait need no more: they are enough, or fill a request."""
        return (
            len(self.waiting) >= enough
            or sum(each.studies for each in self.waiting) >= self._largest_batch
            or sum(each.size_bytes for each in self.waiting) + self.waiting[0].size_bytes > LARGEST_REQUEST_BYTES
        )


class BatchingEngine(EngineAbove):
    """An engine that asks the one below about several threads' studies in one request; safe to use from them.

    A study of a thread that asks alone goes at once. Where several threads ask, studies gather until half of the
    threads that can be expected wait, or a request is full, or `gathering_s` has passed; then they wait, however long,
    while two requests are under way. The threads are expected to spread over all that is asked for: the more models,
    the fewer a model. A request that is refused is repeated study by study, so that a bad one costs only itself.

    Args:
        engine: The one below.
        threads: How many ask at a time.
        gathering_s: How long a study may wait for others, s; 0 where an answer is wanted soon.
    """

    def __init__(self, engine: Engine, *, threads: int, gathering_s: float = GATHERING_S) -> None:
        super().__init__(engine)
        self._threads = threads
        self.gathering_s = gathering_s
        self._lines: dict[_Kind, _Line] = {}
        self._changing = threading.Lock()

    def infer(
        self, model: ServedModel, inputs: Mapping[str, TensorValue], outputs: Sequence[str]
    ) -> dict[str, TensorValue]:
        """Run one batch, alone or with others', and return only the outputs asked for.

        Raises:
            ServerError: there is no answer.
        """
        line = self._line(model, inputs, outputs)
        with line.changed:
            question = line.join(inputs)
            if not line.wait_for_turn(question, enough=self._threads // (2 * len(self._lines))):
                return question.answer.result()
            together = line.take_request()
            line.under_way += 1
            line.changed.notify_all()
        try:
            self._settle(together, model, outputs)
        finally:
            with line.changed:
                line.under_way -= 1
                line.changed.notify_all()
        return question.answer.result()

    def _line(self, model: ServedModel, inputs: Mapping[str, TensorValue], outputs: Sequence[str]) -> _Line:
        form = tuple((name, value.dtype.str, value.shape[1:]) for name, value in sorted(inputs.items()))
        kind = (model.name, model.contract_sha256, tuple(outputs), form)
        with self._changing:
            if kind not in self._lines:
                self._lines[kind] = _Line(largest_batch=_largest_batch(model), gathering_s=self.gathering_s)
            return self._lines[kind]

    def _settle(self, together: Sequence[_Question], model: ServedModel, outputs: Sequence[str]) -> None:
        """Answer questions in one request; where it is refused for what it holds, one by one. It never raises."""
        try:
            answers = self._asked(together, model, outputs)
        except BaseException as error:  # noqa: BLE001  # whoever waits has to be told, whatever it is
            passes = isinstance(error, ServerError) and error.retryable  # and it was retried already
            if len(together) > 1 and isinstance(error, Exception) and not passes:
                for question in together:
                    self._settle([question], model, outputs)
                return
            for question in together:
                question.answer.set_exception(error)
        else:
            for question, answer in zip(together, answers, strict=True):
                question.answer.set_result(answer)

    def _asked(
        self, together: Sequence[_Question], model: ServedModel, outputs: Sequence[str]
    ) -> list[dict[str, TensorValue]]:
        if len(together) == 1:
            return [self._engine.infer(model, together[0].inputs, outputs)]
        inputs = {name: np.concatenate([each.inputs[name] for each in together]) for name in together[0].inputs}
        values = self._engine.infer(model, inputs, outputs)
        ends = np.cumsum([each.studies for each in together])
        for name, value in values.items():
            if len(value) != ends[-1]:
                raise OutputError(tensor=name, what=f"of {len(value)} studies", accepted=f"one of {ends[-1]}")
        parts = {name: np.split(value, ends[:-1]) for name, value in values.items()}
        return [{name: of_name[place] for name, of_name in parts.items()} for place in range(len(together))]


def _largest_batch(model: ServedModel) -> int:
    spec = model.contract.spec
    match spec:
        case NetworkSpec() | ClassifierSpec() | VolumeSpec() | TabularSpec():
            return spec.deployment.largest_batch
        case EnsembleSpec() | StackedSpec():
            return spec.largest_batch
        case _:
            assert_never(spec)
