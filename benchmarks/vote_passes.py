"""The passes of the scenario `vote`. Needs the training tools (torch)."""

import hashlib
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.progress import Progress

from benchmarks.errors import AnswersDiffer
from benchmarks.latency import Latency, Seconds
from benchmarks.load_generation import closed_loop
from benchmarks.paired_ratio import PairedRatio
from benchmarks.passes import Window
from benchmarks.prepared_tensors import Answered, asked_in_turn, prepared_tensors
from benchmarks.resources import watched
from benchmarks.served import ServedEntry, Server, checked_load, entries_of, served
from benchmarks.untrained import write_untrained_ensemble
from benchmarks.vote import ClientsTrial, VotePlan, VoteRecord, VoteWay, WayFigures
from client.call_settings import CallSettings
from client.engine import ServedModel, TensorValue
from client.triton import TritonEngine
from client.voting import ClientVoting
from export.entry import records, write_fused_entry
from export.fused_vote import fused_vote
from specs import SPECS
from specs.ensemble import EnsembleSpec
from specs.entry import ONNX_FILE
from specs.network import Preset
from tricorder.places import COMMITTED_REPOSITORY

INPUTS = 32
TOLERANCE = 1e-5
"""Between the ways, of a probability: kernels of one graph or several add in another order. Our choice."""

_START_S = 1.0
_DEADLINE_S = 300.0
"""Of a request: paper networks on a small machine, with many clients."""


@dataclass(frozen=True, kw_only=True)
class _FusedEntry:
    """The entry of one graph: its name and the digest of its ONNX file."""

    name: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """What one way came to in one pass."""

    answered_per_s: float
    cpu_ms: float
    latency_s: Seconds


_Passes = Mapping[int, Mapping[VoteWay, Sequence[_Pass]]]
"""By number of clients; of each way one a repetition, in order."""


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """A server, and how each way asks it about an input."""

    server: Server
    ways: Mapping[VoteWay, Answered]
    window: Window

    def passes(self, plan: VotePlan, advance: Callable[[], None]) -> _Passes:
        """Let every way have its turn with each number of clients, in each repetition another one first."""
        found: dict[int, dict[VoteWay, list[_Pass]]] = {clients: defaultdict(list) for clients in plan.clients}
        ways = list(self.ways)
        for number in range(plan.repetitions):
            first = number % len(ways)
            for clients in plan.clients:
                for way in (*ways[first:], *ways[:first]):
                    found[clients][way].append(self._pass(way, clients))
                    advance()
        return found

    def _pass(self, way: VoteWay, clients: int) -> _Pass:
        with watched(self.server.pid) as watch:
            timeline = closed_loop(self.ways[way], clients=clients, duration_s=self.window.end_s)
        cpu_s = sum(part.cpu_s for part in watch.parts.values())
        return _Pass(
            answered_per_s=self.window.counted_rate_per_s(timeline.answered_s, what=f"Soft voting ({way})"),
            cpu_ms=1e3 * cpu_s / timeline.answered_s.size,
            latency_s=timeline.since(self.window.start_s).latency_s,
        )


def measure(plan: VotePlan, progress: Progress) -> VoteRecord:
    """Compare the ways on one server.

    Raises:
        AnswersDiffer: they do not give the same answers.
        TricorderError: a request failed; there are no figures of a run in which one does.
    """
    spec, load = SPECS[plan.model], checked_load()
    assert isinstance(spec, EnsembleSpec)
    tensors = prepared_tensors(spec.recipe, count=INPUTS, progress=progress)
    with ExitStack() as stack:
        repository = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tricorder-")))
        fused = _write_entries(repository, spec, plan)
        server = stack.enter_context(served([spec.name], repository=repository, load=load, others=[fused.name]))
        remote = stack.enter_context(TritonEngine(CallSettings(address=server.address, deadline_s=_DEADLINE_S)))
        model = remote.served_model(spec.name)
        ways = {
            VoteWay.ENSEMBLE: asked_in_turn(remote, model, tensors),
            VoteWay.FUSED: asked_in_turn(remote, _under_name(model, fused.name), tensors),
            VoteWay.CLIENT: asked_in_turn(ClientVoting(remote), model, tensors),
        }
        difference = largest_difference(ways, count=len(tensors))
        window = Window(start_s=_START_S, end_s=_START_S + plan.seconds)
        task = progress.add_task("passes", total=plan.repetitions * len(plan.clients) * len(ways))
        passes = _Bench(server=server, ways=ways, window=window).passes(plan, lambda: progress.advance(task))
        return VoteRecord(
            conditions=server.conditions(),
            entry=ServedEntry.of(model),
            fused_sha256=fused.sha256,
            preset=model.contract.weights.preset,
            seed=plan.seed if plan.preset is Preset.PAPER else None,
            inputs=len(tensors),
            largest_difference=difference,
            seconds=plan.seconds,
            repetitions=plan.repetitions,
            trials=tuple(_trial(clients, by_way) for clients, by_way in passes.items()),
        )


def largest_difference(ways: Mapping[VoteWay, Answered], *, count: int) -> float:
    """Return how far any answer of a way is from that of the first way, at most.

    Args:
        ways: Each answers the input of a number with tensors of the same names and shapes, unit 1.
        count: Inputs.

    Raises:
        AnswersDiffer: it is more than `TOLERANCE`, or not a number.
    """
    (_, first), *others = ways.items()
    largest = 0.0
    for number in range(count):
        expected = first(number)
        for way, answered in others:
            found = answered(number)
            for output, value in expected.items():
                difference = _distance(value, found[output])
                if not difference <= TOLERANCE:
                    raise AnswersDiffer(way=way, output=output, difference=difference, tolerance=TOLERANCE)
                largest = max(largest, difference)
    return largest


def _distance(one: TensorValue, other: TensorValue) -> float:
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max())


def _write_entries(repository: Path, spec: EnsembleSpec, plan: VotePlan) -> _FusedEntry:
    """Fill an empty repository with the ensemble, with what it runs, and with the entry of one graph."""
    match plan.preset:
        case Preset.DEMONSTRATION:
            for entry in entries_of(spec.name):
                (repository / entry).symlink_to(COMMITTED_REPOSITORY / entry)
        case Preset.PAPER:
            write_untrained_ensemble(repository, spec, plan.preset, seed=plan.seed)
    record = records(repository / spec.name)[-1]
    graphs = {
        step.model: (repository / step.model / str(step.version) / ONNX_FILE).read_bytes() for step in record.steps
    }
    content, name = fused_vote(spec, graphs), f"{spec.name}_fused"
    write_fused_entry(repository, name, spec, content, version=record.version)
    return _FusedEntry(name=name, sha256=hashlib.sha256(content).hexdigest())


def _under_name(model: ServedModel, name: str) -> ServedModel:
    """Return the contract of a model under the name of an entry with the same tensors and version, which has none."""
    contract = model.contract
    spec = contract.spec.model_copy(update={"name": name})
    return replace(model, contract=contract.model_copy(update={"spec": spec}))


def _trial(clients: int, passes: Mapping[VoteWay, Sequence[_Pass]]) -> ClientsTrial:
    return ClientsTrial(clients=clients, ways=tuple(_figures(way, passes) for way in VoteWay))


def _figures(way: VoteWay, passes: Mapping[VoteWay, Sequence[_Pass]]) -> WayFigures:
    own = passes[way]

    def ratio(figure: Callable[[_Pass], float]) -> PairedRatio:
        return PairedRatio.between([figure(each) for each in own], [figure(each) for each in passes[VoteWay.ENSEMBLE]])

    return WayFigures(
        way=way,
        answered_per_s=statistics.median(each.answered_per_s for each in own),
        passes_per_s=tuple(each.answered_per_s for each in own),
        cpu_ms=statistics.median(each.cpu_ms for each in own),
        latency=Latency.of(np.concatenate([each.latency_s for each in own])),
        rate_ratio=ratio(lambda each: each.answered_per_s),
        cpu_ratio=ratio(lambda each: each.cpu_ms),
        p50_ratio=ratio(lambda each: float(np.median(each.latency_s))),
    )
