"""The passes of the scenario `engines`. Needs the training tools (torch)."""

import itertools
import json
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import assert_never

import numpy as np
from rich.progress import Progress

from benchmarks import engine_alone
from benchmarks.engines import EngineFigures, EnginesPlan, EnginesRecord, ModelEngines
from benchmarks.load_generation import Send, Timeline, closed_loop
from benchmarks.mlserver_peer import Ask, found_mlserver, mlserver_serving
from benchmarks.paired_ratio import PairedRatio
from benchmarks.passes import BATCHES, Window
from benchmarks.peers import REMEDIES, PeerName
from benchmarks.prepared_tensors import Answered, asked_in_turn, prepared_tensors
from benchmarks.resources import watched
from benchmarks.served import Conditions, ServedEntry, Server, checked_load, served
from benchmarks.tuned_variants import ORIGINAL, variant_choices
from benchmarks.untrained import Untrained, untrained, write_ensemble_of
from client.batching import BatchingEngine
from client.call_settings import CallSettings
from client.engine import TensorValue
from client.triton import TritonEngine
from serving.errors import EngineNotInstalled
from serving.installation import ServerInstallation
from specs import member_specs
from specs.contract import ImageSpec
from specs.deployment import Engine, Precision
from specs.ensemble import EnsembleSpec
from specs.entry import ONNX_FILE
from specs.model import NetworkSpec
from specs.network import Preset
from tricorder.places import SERVER_ENVIRONMENT
from tricorder.terminal import say
from tricorder.variants import IMAGE_MODELS

INPUTS = 32
_START_S = 2.0
_TRIAL_S = 2.0
"""How long each size of batch is tried, to find the fastest."""

_ANSWERS_A_CLIENT = 4
"""Of the slowest engine in a pass, at least: answers come in batches, and a shorter pass could miss them."""

_DEADLINE_S = 300.0
"""Of a request: large networks on a small machine, with many clients."""


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """Studies a second, and processor time of one."""

    studies_per_s: float
    cpu_ms: float


class _Alone:
    """An engine in a process of its own, and the batch that it is fastest with."""

    def __init__(self, process: subprocess.Popen[str], *, name: str) -> None:
        self._process = process
        self._name = name
        self._answered()  # that it is ready
        trials = {batch: self._asked(batch, start_s=0.5, end_s=_TRIAL_S).studies_per_s for batch in BATCHES}
        self.batch = max(BATCHES, key=trials.__getitem__)
        self.rough_per_s = trials[self.batch]

    def measured(self, window: Window) -> _Pass:
        """Let it compute for a while."""
        return self._asked(self.batch, start_s=window.start_s, end_s=window.end_s)

    def _asked(self, batch: int, *, start_s: float, end_s: float) -> _Pass:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"batch": batch, "start_s": start_s, "end_s": end_s}) + "\n")
        self._process.stdin.flush()
        return _Pass(**json.loads(self._answered()))

    def _answered(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} could not run alone")
        return line


@contextmanager
def _running_alone(
    files: Sequence[Path], *, engine: Engine, precision: Precision, output: str, study: Path
) -> Iterator[_Alone]:
    python = str(SERVER_ENVIRONMENT / "bin" / "python")
    command = [python, engine_alone.__file__, engine, precision, output, *map(str, (study, *files))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _Alone(process, name=f"{engine} in {precision}")
        finally:
            process.kill()


@dataclass(frozen=True, kw_only=True)
class _Way:
    """One engine and precision, alone and served."""

    engine: Engine
    precision: Precision
    alone: _Alone
    server: Server
    send: Answered


@dataclass(kw_only=True)
class _Passes:
    """Of one way, in the order of the repetitions."""

    alone: list[_Pass]
    served: list[_Pass]


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """One model with random weights, and what it is asked."""

    spec: ImageSpec
    members: Sequence[Untrained]
    tensors: Sequence[TensorValue]
    preset: Preset
    plan: EnginesPlan
    load: float

    def compared(self, advance: Callable[[], None]) -> tuple[Conditions, ModelEngines]:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tricorder-")))
            np.save(folder / "study.npy", self.tensors[0])
            ways = [stack.enter_context(self._way(folder, *choice)) for choice in choices()]
            peer = self._mlserver(stack)
            window = self._window([way.alone for way in ways])
            passes = [_Passes(alone=[], served=[]) for _ in ways]
            peer_per_s = []
            for _ in range(self.plan.repetitions):
                for way, found in zip(ways, passes, strict=True):
                    found.alone.append(way.alone.measured(window))
                    found.served.append(self._served(way, window))
                    advance()
                if peer is not None:
                    peer_per_s.append(self._peer_rate_per_s(peer, window))
            with TritonEngine(CallSettings(address=ways[0].server.address)) as engine:
                entry = ServedEntry.of(engine.served_model(self.spec.name))
            return ways[0].server.conditions(), ModelEngines(
                entry=entry,
                preset=self.preset,
                seconds=window.end_s - window.start_s,
                engines=tuple(
                    _figures(way, own, baseline=passes[0], mlserver_per_s=peer_per_s)
                    for way, own in zip(ways, passes, strict=True)
                ),
                mlserver_per_s=statistics.median(peer_per_s) if peer_per_s else None,
            )

    def _window(self, engines: Sequence[_Alone]) -> Window:
        """Count so long that the slowest engine alone answers each client `_ANSWERS_A_CLIENT` times."""
        slowest_per_s = min(engine.rough_per_s for engine in engines)
        seconds = max(self.plan.seconds, _ANSWERS_A_CLIENT * self.plan.clients / slowest_per_s)
        return Window(start_s=_START_S, end_s=_START_S + seconds)

    @contextmanager
    def _way(self, folder: Path, engine: Engine, precision: Precision) -> Iterator[_Way]:
        repository = folder / f"{engine}-{precision}"
        repository.mkdir()
        members = self._write(repository, engine, precision)
        files = [repository / member.spec.name / "1" / ONNX_FILE for member in members]
        alone = _running_alone(
            files,
            engine=engine,
            precision=precision,
            output=self.members[0].spec.head.answer.name,
            study=folder / "study.npy",
        )
        with (
            served([self.spec.name], repository=repository, load=self.load) as server,
            TritonEngine(CallSettings(address=server.address, deadline_s=_DEADLINE_S)) as remote,
            alone as process,
        ):
            asking = BatchingEngine(remote, threads=self.plan.clients)  # as `tricorder score` asks
            send = asked_in_turn(asking, remote.served_model(self.spec.name), self.tensors)
            yield _Way(engine=engine, precision=precision, alone=process, server=server, send=send)

    def _write(self, repository: Path, engine: Engine, precision: Precision) -> Sequence[Untrained]:
        """Write the entries of one engine and precision; return the networks in them."""
        members = self.members
        if (engine, precision) != ORIGINAL:
            members = [member.in_variant(engine, precision, calibration=self.tensors) for member in members]
        match self.spec:
            case NetworkSpec():
                members[0].write(repository)
            case EnsembleSpec():
                write_ensemble_of(repository, self.spec, members)
            case _:
                assert_never(self.spec)
        return members

    def _mlserver(self, stack: ExitStack) -> Ask | None:
        command = found_mlserver()
        if command is None or not isinstance(self.spec, NetworkSpec):
            return None
        return stack.enter_context(mlserver_serving(command, self.members[0].content, name=self.spec.name))

    def _served(self, way: _Way, window: Window) -> _Pass:
        with watched(way.server.pid) as watch:
            timeline = self._loaded(way.send, window)
        cpu_s = sum(part.cpu_s for part in watch.parts.values())
        return _Pass(
            studies_per_s=window.counted_rate_per_s(timeline.answered_s, what=f"Serving in {way.precision}"),
            cpu_ms=1e3 * cpu_s / timeline.answered_s.size,
        )

    def _peer_rate_per_s(self, ask: Ask, window: Window) -> float:
        timeline = self._loaded(lambda number: ask(self.tensors[number % len(self.tensors)]), window)
        return window.counted_rate_per_s(timeline.answered_s, what=PeerName.MLSERVER)

    def _loaded(self, send: Send, window: Window) -> Timeline:
        return closed_loop(send, clients=self.plan.clients, duration_s=window.end_s)


def choices() -> list[tuple[Engine, Precision]]:
    """Return what is compared, the baseline first."""
    return [ORIGINAL, *((choice.engine, choice.precision) for choice in variant_choices())]


def measure(plan: EnginesPlan, progress: Progress) -> EnginesRecord:
    """Compare every engine and precision of each model.

    Raises:
        EngineNotInstalled: the server's environment lacks one.
        TricorderError: a request of ours failed.
    """
    load, installation = checked_load(), ServerInstallation.open(SERVER_ENVIRONMENT)
    for engine, _ in choices():
        if not installation.has(engine):
            raise EngineNotInstalled(model=plan.models[0], engine=engine)
    task = progress.add_task("engines", total=len(plan.models) * len(plan.presets) * plan.repetitions * len(choices()))
    advance, found = partial(progress.advance, task), []
    for preset, name in itertools.product(plan.presets, plan.models):
        spec = IMAGE_MODELS[name]
        bench = _Bench(
            spec=spec,
            members=[untrained(member, preset, seed=plan.seed) for member in _networks(spec)],
            tensors=prepared_tensors(spec.recipe, count=INPUTS, progress=progress),
            preset=preset,
            plan=plan,
            load=load,
        )
        conditions, model = bench.compared(advance)
        found.append(model)
        say(f"{name}, {preset}: {model.fastest.engine} in {model.fastest.precision} serves most")
    return EnginesRecord(
        conditions=conditions,
        seed=plan.seed,
        clients=plan.clients,
        repetitions=plan.repetitions,
        absent=None if found_mlserver() else REMEDIES[PeerName.MLSERVER],
        models=tuple(found),
    )


def _networks(spec: ImageSpec) -> Sequence[NetworkSpec]:
    return member_specs(spec) if isinstance(spec, EnsembleSpec) else [spec]


def _figures(way: _Way, own: _Passes, *, baseline: _Passes, mlserver_per_s: Sequence[float]) -> EngineFigures:
    alone, served_ = _rates(own.alone), _rates(own.served)
    added_ms = [one.cpu_ms - other.cpu_ms for one, other in zip(own.served, own.alone, strict=True)]
    return EngineFigures(
        engine=way.engine,
        precision=way.precision,
        batch=way.alone.batch,
        alone_per_s=statistics.median(alone),
        alone_passes_per_s=alone,
        alone_cpu_ms=statistics.median(each.cpu_ms for each in own.alone),
        served_per_s=statistics.median(served_),
        served_passes_per_s=served_,
        served_cpu_ms=statistics.median(each.cpu_ms for each in own.served),
        added_cpu_ms=statistics.median(added_ms),
        times_baseline=PairedRatio.between(alone, _rates(baseline.alone)),
        served_share=PairedRatio.between(served_, alone),
        times_mlserver=PairedRatio.between(served_, mlserver_per_s) if mlserver_per_s else None,
    )


def _rates(passes: Sequence[_Pass]) -> tuple[float, ...]:
    return tuple(each.studies_per_s for each in passes)
