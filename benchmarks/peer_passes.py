"""The passes of the scenario `peers`. Needs the training tools (torch)."""

import shutil
import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from pydicom import uid
from rich.progress import Progress

from benchmarks.encodings import COLUMNS, ROWS, radiograph_files
from benchmarks.mlserver_peer import found_mlserver
from benchmarks.passes import Window, scoring_pass, start_reading
from benchmarks.peers import REMEDIES, FilePeers, PeerName, PeersRecord
from benchmarks.perf_analyzer import found_perf_analyzer
from benchmarks.prepared_tensors import prepared_tensor, prepared_tensors
from benchmarks.scenario import CHEST_MODEL
from benchmarks.script_peers import compiled_loader_rate_per_s, eager_loop, prepared_by_pydicom
from benchmarks.served import ServedEntry, served
from benchmarks.serving_peers import ServingPeers
from benchmarks.untrained import Untrained, untrained
from client.batching import BatchingEngine
from client.call_settings import CallSettings
from client.engine import Engine
from client.in_process import InProcessEngine
from client.scoring import ScoringSettings
from client.sources import Source
from client.triton import TritonEngine
from specs import SPECS
from specs.model import NetworkSpec
from specs.network import Preset
from specs.recipe import CHEST_RADIOGRAPH_320
from tricorder.settings import read_settings

INPUTS = 32
_START_S = 2.0
_DEADLINE_S = 300.0
"""Of a request: paper networks on a small machine, with many clients."""


@dataclass(frozen=True, kw_only=True)
class PeerPlan:
    """What a run of the scenario does; the fields are those of its command line."""

    preset: Preset
    syntaxes: tuple[uid.UID, ...]
    clients: int
    seconds: float
    repetitions: int
    seed: int

    @property
    def window(self) -> Window:
        """What of each pass counts."""
        return Window(start_s=_START_S, end_s=_START_S + self.seconds)


def measure(plan: PeerPlan, progress: Progress) -> PeersRecord:
    """Run all peers that are here.

    Raises:
        TricorderError: a study or a request of ours failed.
    """
    spec = SPECS[CHEST_MODEL]
    assert isinstance(spec, NetworkSpec)
    made = untrained(spec, plan.preset, seed=plan.seed)
    with ExitStack() as stack:
        repository = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tricorder-")))
        made.write(repository)
        server = stack.enter_context(served([CHEST_MODEL], repository=repository))
        remote = stack.enter_context(TritonEngine(CallSettings(address=server.address, deadline_s=_DEADLINE_S)))
        model = remote.served_model(CHEST_MODEL)
        serving = ServingPeers(
            address=server.address,
            remote=remote,
            local=stack.enter_context(InProcessEngine(repository)),
            content=made.content,
            tensors=prepared_tensors(CHEST_RADIOGRAPH_320, count=INPUTS, progress=progress),
            clients=plan.clients,
            window=plan.window,
        )
        files = _Files(plan=plan, remote=BatchingEngine(remote, threads=read_settings().workers), made=made)
        task = progress.add_task("peers", total=len(plan.syntaxes) + 1)
        found = []
        for syntax in plan.syntaxes:
            found.append(files.compared(syntax))
            progress.advance(task)
        return PeersRecord(
            conditions=server.conditions(),
            entry=ServedEntry.of(model),
            preset=plan.preset,
            peers={package: version(package) for package in ("pydicom", "torch", "timm", "onnxruntime")},
            absent={name: REMEDIES[name] for name in REMEDIES if not _is_here(name)},
            torch_threads=torch.get_num_threads(),
            seed=plan.seed,
            matrix=(ROWS, COLUMNS),
            clients=plan.clients,
            seconds=plan.seconds,
            repetitions=plan.repetitions,
            files=tuple(found),
            serving=tuple(serving.compared(repetitions=plan.repetitions)),
        )


def _is_here(peer: PeerName) -> bool:
    match peer:
        case PeerName.COMPILED:
            return shutil.which("g++") is not None
        case PeerName.MLSERVER:
            return found_mlserver() is not None
        case PeerName.PERF_ANALYZER:
            return found_perf_analyzer() is not None
        case _:
            return True


@dataclass(frozen=True, kw_only=True)
class _Files:
    """Peers from files to answers."""

    plan: PeerPlan
    remote: Engine
    made: Untrained

    def compared(self, syntax: uid.UID) -> FilePeers:
        with radiograph_files(syntax) as sources:
            start_reading(sources[0], CHEST_RADIOGRAPH_320)
            ways = self._ways(sources)
            rounds = [{name: way() for name, way in ways.items()} for _ in range(self.plan.repetitions)]
            difference = _difference(sources[0]) if PeerName.EAGER in ways else None
        medians = {name: statistics.median(each[name] for each in rounds) for name in ways}
        times = {name: statistics.median(each[PeerName.TRICORDER] / each[name] for each in rounds) for name in ways}
        return FilePeers(
            syntax=syntax.name,
            tricorder_per_s=medians[PeerName.TRICORDER],
            eager_per_s=medians.get(PeerName.EAGER),
            compiled_per_s=medians.get(PeerName.COMPILED),
            times_eager=times.get(PeerName.EAGER),
            times_compiled=times.get(PeerName.COMPILED),
            mean_difference=difference,
        )

    def _ways(self, sources: Sequence[Source]) -> dict[PeerName, Callable[[], float]]:
        """Return every way that this machine has, each with its rate in studies a second."""
        plan, settings = self.plan, read_settings()
        model = self.remote.served_model(CHEST_MODEL)
        scoring = ScoringSettings(workers=settings.workers, readers=settings.readers)
        ways: dict[PeerName, Callable[[], float]] = {
            PeerName.TRICORDER: lambda: scoring_pass(sources, self.remote, model, scoring, plan.window).studies_per_s
        }
        if not _pydicom_decodes(sources[0]):
            return ways
        ways[PeerName.EAGER] = lambda: plan.window.counted_rate_per_s(
            eager_loop(sources, self.made.network, plan.window), what="PyTorch eager"
        )
        if _is_here(PeerName.COMPILED):
            compiled = torch.compile(self.made.network)
            ways[PeerName.COMPILED] = lambda: compiled_loader_rate_per_s(sources, compiled, plan.window)
        return ways


def _pydicom_decodes(source: Source) -> bool:
    """Tell whether pydicom has a decoder for a file here."""
    try:
        prepared_by_pydicom(source)
    except (NotImplementedError, RuntimeError):  # what pydicom raises without a plugin
        return False
    return True


def _difference(source: Source) -> float:
    theirs = prepared_by_pydicom(source).astype(np.int64)
    return float(np.abs(theirs - prepared_tensor(source, CHEST_RADIOGRAPH_320)[0]).mean())
