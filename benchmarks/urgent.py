"""Urgent studies, file to result, while a screening flood saturates the server: how late, and at what cost to it.

tricorder bench urgent --studies 1000 --rate 1 --out benchmarks/records/urgent.json

Studies arrive at random (Poisson) and are read, decoded, prepared, asked about and interpreted in this process, each
latency from its intended start. First nothing else runs, then a flood of ordinary requests from another process, with
urgent studies, and with the same studies at ordinary priority, to show what the priority does. The three take turns.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import numpy as np
from pydantic import Field
from pydicom import uid
from rich.progress import Progress, TaskID

from benchmarks.encodings import COLUMNS, ROWS, radiograph_files
from benchmarks.errors import NotOfTheJob
from benchmarks.flood import flooded
from benchmarks.latency import Latency, Seconds, largest_ratio
from benchmarks.load_generation import open_loop, poisson_starts_s
from benchmarks.scenario import CHEST_MODEL, deliver_measured, positive_count, positive_number, scenario_parser
from benchmarks.served import Conditions, ServedEntry, Server, served
from benchmarks.server_times import ServerTimes, times_between
from client.call_settings import CallSettings
from client.result import Status
from client.scoring import ScoringSettings, score_sources
from client.sources import Source
from client.triton import TritonEngine
from specs.declared import Declared
from specs.deployment import Priority

SYNTAX = uid.ExplicitVRLittleEndian
ROUNDS = 4
"""How often the conditions take turns."""

MOST_IN_FLIGHT = 16
_FLOOD_START_S = 2.0
_ONE_STUDY = ScoringSettings(workers=1, readers=0)
"""A process that is handed one study at a time and has it read at once."""


class Flood(Declared):
    """What the flood reached."""

    clients: int = Field(description="Its requests under way at any time.")
    alone_per_s: float
    beside_urgent_per_s: float
    beside_ordinary_per_s: float
    lost_share: float = Field(description="Of the rate alone, beside urgent studies.")
    mean_batch: float
    batch_ms: float = Field(description="Mean time of a run of the model under the flood.")


class UrgentRecord(Declared):
    """One run of the scenario."""

    scenario: str = "urgent"
    conditions: Conditions
    entry: ServedEntry
    syntax: str
    matrix: tuple[int, int]
    arrivals_per_s: float
    seed: int
    rounds: int
    unloaded: Latency
    urgent: Latency
    ordinary: Latency
    p99_ratio: float = Field(description="Urgent under the flood over unloaded.")
    largest_p99_ratio: float | None = Field(
        description="What the ratio may be at most, from both 95 % intervals; None where there are too few studies."
    )
    p99_bound_ms: float = Field(description="Twice the unloaded p99 and one batch.")
    flood: Flood


@dataclass(kw_only=True)
class _Found:
    """What the rounds came to, under one condition: latencies, and what the flood had answered in how long."""

    latency_s: list[Seconds] = field(default_factory=list)
    flood_answers: int = 0
    elapsed_s: float = 0.0

    @property
    def latency(self) -> Latency:
        return Latency.of(np.concatenate(self.latency_s))

    @property
    def flood_per_s(self) -> float:
        return self.flood_answers / self.elapsed_s


@dataclass(frozen=True, kw_only=True)
class UrgentPlan:
    """What a run of the scenario does.

    Attributes:
        studies: Under each condition.
        arrivals_per_s: Mean rate at which they arrive.
        clients: Requests of the flood that are under way at any time.
        alone_s: How long the flood is watched alone in each round.
        seed: Of the arrivals, the same under each condition.
    """

    studies: int
    arrivals_per_s: float
    clients: int
    alone_s: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """A server and one client a priority."""

    server: Server
    engines: dict[Priority, TritonEngine]
    sources: Sequence[Source]
    plan: UrgentPlan
    progress: Progress
    unloaded: _Found = field(default_factory=_Found)
    urgent: _Found = field(default_factory=_Found)
    ordinary: _Found = field(default_factory=_Found)
    alone: _Found = field(default_factory=_Found)
    alone_times: list[ServerTimes] = field(default_factory=list)

    def run(self) -> None:
        """Let the conditions take turns."""
        task = self.progress.add_task("studies", total=3 * self.plan.studies)
        for number in range(ROUNDS):
            self._score(self.unloaded, Priority.URGENT, number, task)
            with flooded(self.server.address, CHEST_MODEL, clients=self.plan.clients):
                time.sleep(_FLOOD_START_S)
                with self._counted(self.alone):
                    time.sleep(self.plan.alone_s)
                for found, priority in ((self.urgent, Priority.URGENT), (self.ordinary, Priority.ORDINARY)):
                    with self._counted(found):
                        self._score(found, priority, number, task)

    def flood(self) -> Flood:
        """Return what the flood reached in all rounds."""
        weights = [times.requests for times in self.alone_times]
        return Flood(
            clients=self.plan.clients,
            alone_per_s=self.alone.flood_per_s,
            beside_urgent_per_s=self.urgent.flood_per_s,
            beside_ordinary_per_s=self.ordinary.flood_per_s,
            lost_share=1 - self.urgent.flood_per_s / self.alone.flood_per_s,
            mean_batch=float(np.average([times.mean_batch for times in self.alone_times], weights=weights)),
            batch_ms=float(np.average([times.compute_ms for times in self.alone_times], weights=weights)),
        )

    def _score(self, found: _Found, priority: Priority, number: int, task: TaskID) -> None:
        """Score the studies of a round as they arrive."""
        engine = self.engines[priority]
        model = engine.served_model(CHEST_MODEL)

        def score(arrival: int) -> None:
            (scored,) = score_sources([self.sources[arrival % len(self.sources)]], engine, [model], _ONE_STUDY)
            if scored.error is not None:
                raise scored.error
            if scored.row.status is not Status.SCORED:
                raise NotOfTheJob(reason=scored.row.reason or "")
            self.progress.advance(task)

        starts_s = poisson_starts_s(
            self.plan.arrivals_per_s,
            duration_s=(2 * self.plan.studies + 60) / self.plan.arrivals_per_s,
            seed=self.plan.seed + number,
        )
        count = len(range(number, self.plan.studies, ROUNDS))
        timeline = open_loop(score, starts_s[:count], most_in_flight=MOST_IN_FLIGHT)
        found.latency_s.append(timeline.latency_s)

    @contextmanager
    def _counted(self, found: _Found) -> Iterator[None]:
        """Count what the flood has answered meanwhile: everything but the studies of this process."""
        before, started_s = self.server.statistics.read([CHEST_MODEL]), time.perf_counter()
        ours = sum(each.size for each in found.latency_s)
        yield
        (times,) = times_between(before, self.server.statistics.read([CHEST_MODEL]))
        found.elapsed_s += time.perf_counter() - started_s
        found.flood_answers += times.requests - (sum(each.size for each in found.latency_s) - ours)
        if found is self.alone:
            self.alone_times.append(times)


def measure(plan: UrgentPlan, progress: Progress) -> UrgentRecord:
    """Run all rounds on one server.

    Raises:
        TricorderError: a study failed.
    """
    with ExitStack() as stack:
        sources = stack.enter_context(radiograph_files(SYNTAX))
        server = stack.enter_context(served([CHEST_MODEL]))
        engines = {
            priority: stack.enter_context(TritonEngine(CallSettings(address=server.address, priority=priority)))
            for priority in Priority
        }
        bench = _Bench(server=server, engines=engines, sources=sources, plan=plan, progress=progress)
        bench.run()
        unloaded, urgent, flood = bench.unloaded.latency, bench.urgent.latency, bench.flood()
        return UrgentRecord(
            conditions=server.conditions(),
            entry=ServedEntry.of(engines[Priority.URGENT].served_model(CHEST_MODEL)),
            syntax=SYNTAX.name,
            matrix=(ROWS, COLUMNS),
            arrivals_per_s=plan.arrivals_per_s,
            seed=plan.seed,
            rounds=ROUNDS,
            unloaded=unloaded,
            urgent=urgent,
            ordinary=bench.ordinary.latency,
            p99_ratio=urgent.at(99).ms / unloaded.at(99).ms,
            largest_p99_ratio=largest_ratio(urgent.at(99), unloaded.at(99)),
            p99_bound_ms=2 * unloaded.at(99).ms + flood.batch_ms,
            flood=flood,
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line."""
    parser = scenario_parser(__doc__)
    parser.add_argument(
        "--studies", type=positive_count, default=1000, metavar="N", help="under each condition (default: %(default)s)"
    )
    parser.add_argument(
        "--rate", type=positive_number, default=1.0, metavar="PER_S", help="studies a second (default: %(default)s)"
    )
    parser.add_argument(
        "--clients", type=positive_count, default=64, metavar="N", help="of the flood (default: %(default)s)"
    )
    parser.add_argument(
        "--alone", type=positive_number, default=15.0, metavar="S", help="flood alone, s a round (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the arrivals (default: %(default)s)")
    given = parser.parse_args(arguments)
    plan = UrgentPlan(
        studies=given.studies,
        arrivals_per_s=given.rate,
        clients=given.clients,
        alone_s=given.alone,
        seed=given.seed,
    )
    deliver_measured(measure, plan, given.out)


if __name__ == "__main__":
    main()
