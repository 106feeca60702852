"""Peers from prepared tensors to answers: servers and engines with the same ONNX file."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.latency import Latency
from benchmarks.load_generation import closed_loop
from benchmarks.mlserver_peer import Ask, found_mlserver, mlserver_serving
from benchmarks.passes import Window, computing_rate_per_s
from benchmarks.peers import PeerName, ServingPeer
from benchmarks.perf_analyzer import analyzed_load, found_perf_analyzer
from benchmarks.prepared_tensors import Answered, asked_in_turn
from benchmarks.scenario import CHEST_MODEL
from client.batching import BatchingEngine
from client.engine import TensorValue
from client.in_process import InProcessEngine
from client.triton import TritonEngine

Way = Callable[[], ServingPeer]


@dataclass(frozen=True, kw_only=True)
class ServingPeers:
    """Peers and what they are asked.

    Attributes:
        address: gRPC endpoint of our server, HOST:PORT.
        remote: Our client of it.
        local: The engine in this process, with the same entry.
        content: The ONNX file.
        tensors: Inputs, each with a batch axis of 1.
        clients: Requests under way at any time.
        window: What of each pass counts.
    """

    address: str
    remote: TritonEngine
    local: InProcessEngine
    content: bytes
    tensors: Sequence[TensorValue]
    clients: int
    window: Window

    def compared(self, *, repetitions: int) -> Iterator[ServingPeer]:
        """Let every peer that is here take its turn in each repetition; yield the pass of the median rate of each.

        Raises:
            TricorderError: a request of ours failed.
            subprocess.CalledProcessError: perf_analyzer failed.
        """
        with ExitStack() as stack:
            ways = dict(self._ways(stack))
            rounds = [{name: way() for name, way in ways.items()} for _ in range(repetitions)]
        for name in ways:
            yield _median([each[name] for each in rounds])

    def _ways(self, stack: ExitStack) -> Iterator[tuple[PeerName, Way]]:
        asking = BatchingEngine(self.remote, threads=self.clients)  # as `tricorder score` asks
        ours = asked_in_turn(asking, self.remote.served_model(CHEST_MODEL), self.tensors)
        yield PeerName.TRICORDER, lambda: self._loaded(PeerName.TRICORDER, ours)
        mlserver = found_mlserver()
        if mlserver is not None:
            ask = stack.enter_context(mlserver_serving(mlserver, self.content, name=CHEST_MODEL))
            yield PeerName.MLSERVER, lambda: self._loaded(PeerName.MLSERVER, self._asked(ask))
        yield PeerName.ENGINE, self._engine_alone
        analyzer = found_perf_analyzer()
        if analyzer is not None:
            yield PeerName.PERF_ANALYZER, lambda: self._analyzed(analyzer)

    def _asked(self, ask: Ask) -> Answered:
        return lambda number: {self._answer: ask(self.tensors[number % len(self.tensors)])}

    @property
    def _answer(self) -> str:
        return self.local.served_model(CHEST_MODEL).contract.spec.head.answer.name

    def _loaded(self, peer: PeerName, send: Answered) -> ServingPeer:
        """Put the load of all clients on a server."""
        timeline = closed_loop(send, clients=self.clients, duration_s=self.window.end_s)
        latency = Latency.of(timeline.since(self.window.start_s).latency_s)
        return ServingPeer(
            peer=peer,
            answered_per_s=self.window.counted_rate_per_s(timeline.answered_s, what=peer),
            p50_ms=latency.at(50).ms,
            p99_ms=latency.at(99).ms,
            answer_difference=self._difference(send),
        )

    def _difference(self, send: Answered) -> float:
        """Return how far answers are from those of the engine in this process, at most."""
        model = self.local.served_model(CHEST_MODEL)
        alone = asked_in_turn(self.local, model, self.tensors)
        return max(
            abs(float(send(number)[self._answer][0, 0]) - float(alone(number)[self._answer][0, 0]))
            for number in range(len(self.tensors))
        )

    def _engine_alone(self) -> ServingPeer:
        model = self.local.served_model(CHEST_MODEL)
        return ServingPeer(
            peer=PeerName.ENGINE,
            answered_per_s=computing_rate_per_s(self.local, model, self.tensors[0], self.window),
            p50_ms=None,
            p99_ms=None,
            answer_difference=0.0,
        )

    def _analyzed(self, analyzer: Path) -> ServingPeer:
        window_s = self.window.end_s - self.window.start_s
        found = analyzed_load(analyzer, self.address, CHEST_MODEL, clients=self.clients, window_s=window_s)
        return ServingPeer(
            peer=PeerName.PERF_ANALYZER,
            answered_per_s=found.answered_per_s,
            p50_ms=found.p50_ms,
            p99_ms=found.p99_ms,
            answer_difference=None,
        )


def _median(passes: Sequence[ServingPeer]) -> ServingPeer:
    """Return the pass whose rate is the median one."""
    return sorted(passes, key=lambda each: each.answered_per_s)[len(passes) // 2]
