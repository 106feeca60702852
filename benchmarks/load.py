"""Load: latency and throughput of a served model in closed and open loop, growing, on prepared tensors.

tricorder bench load --model mitral_regurgitation --clients 1 2 4 8 --out benchmarks/records/load.json

First the closed loop with each number of clients, then the open loop: requests that arrive at random (Poisson) at
shares of the largest rate that the closed loop reached, each latency counted from the intended start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import Field
from rich.progress import Progress

from benchmarks.latency import Latency
from benchmarks.load_generation import Send, Timeline, closed_loop, open_loop, poisson_starts_s
from benchmarks.prepared_tensors import asked_in_turn, prepared_tensors
from benchmarks.resources import Resources, watched
from benchmarks.scenario import CHEST_MODEL, deliver_measured, positive_count, positive_number, scenario_parser
from benchmarks.served import Conditions, ServedEntry, Server, served
from benchmarks.server_times import ServerTimes, times_between
from client.call_settings import CallSettings
from client.triton import TritonEngine
from specs import SPECS
from specs.declared import Declared

INPUTS = 32
"""Different tensors that requests take turns with."""

MOST_IN_FLIGHT = 64
_WARM_UP_SHARE = 0.2
"""Of the length of a trial: what is sent before it and not counted."""


class Trial(Declared):
    """One trial."""

    answered_per_s: float = Field(description="Requests of one study that were answered within the trial.")
    latency: Latency
    server: tuple[ServerTimes, ...] = Field(description="Of the model, or of an ensemble and its parts.")
    resources: dict[str, Resources]


class ClosedTrial(Declared):
    """Clients that send their next request when their last is answered."""

    clients: int
    trial: Trial


class OpenTrial(Declared):
    """Requests that arrive at random."""

    share: float = Field(description="Of the largest rate of the closed loop.")
    arrivals_per_s: float
    latest_start_ms: float = Field(
        description="Longest that a request was held back because the client had no hand free; within its latency."
    )
    trial: Trial


class LoadRecord(Declared):
    """One run of the scenario."""

    scenario: str = "load"
    conditions: Conditions
    entry: ServedEntry
    seed: int
    duration_s: float = Field(description="Of each trial.")
    inputs: int
    most_in_flight: int
    closed: tuple[ClosedTrial, ...]
    open: tuple[OpenTrial, ...]


@dataclass(frozen=True, kw_only=True)
class LoadPlan:
    """What a run of the scenario does.

    Attributes:
        model: Name of the entry.
        clients: Numbers of clients of the closed loop.
        shares: Rates of the open loop, as shares of the largest rate of the closed one.
        duration_s: Length of each trial.
        seed: Of the arrivals.
    """

    model: str
    clients: tuple[int, ...]
    shares: tuple[float, ...]
    duration_s: float
    seed: int


def measure(plan: LoadPlan, progress: Progress) -> LoadRecord:
    """Run all trials on one server.

    Raises:
        TricorderError: a request failed; there are no figures of a run in which one does.
    """
    tensors = prepared_tensors(SPECS[plan.model].recipe, count=INPUTS, progress=progress)
    with served([plan.model]) as server, TritonEngine(CallSettings(address=server.address)) as engine:
        model = engine.served_model(plan.model)
        bench = Bench(server=server, plan=plan, send=asked_in_turn(engine, model, tensors))
        task = progress.add_task("trials", total=len(plan.clients) + len(plan.shares))
        closed = []
        for clients in plan.clients:
            closed.append(bench.closed(clients))
            progress.advance(task)
        largest_per_s, opened = max(each.trial.answered_per_s for each in closed), []
        for share in plan.shares:
            opened.append(bench.open(share, arrivals_per_s=share * largest_per_s))
            progress.advance(task)
        return LoadRecord(
            conditions=server.conditions(),
            entry=ServedEntry.of(model),
            seed=plan.seed,
            duration_s=plan.duration_s,
            inputs=len(tensors),
            most_in_flight=MOST_IN_FLIGHT,
            closed=tuple(closed),
            open=tuple(opened),
        )


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A server under load."""

    server: Server
    plan: LoadPlan
    send: Send

    def closed(self, clients: int) -> ClosedTrial:
        """Run a trial with clients that wait for their answers."""
        _, trial = self._run(lambda length_s: closed_loop(self.send, clients=clients, duration_s=length_s))
        return ClosedTrial(clients=clients, trial=trial)

    def open(self, share: float, *, arrivals_per_s: float) -> OpenTrial:
        """Run a trial with requests that arrive at random."""

        def send_at_random(length_s: float) -> Timeline:
            starts_s = poisson_starts_s(arrivals_per_s, duration_s=length_s, seed=self.plan.seed)
            return open_loop(self.send, starts_s, most_in_flight=MOST_IN_FLIGHT)

        timeline, trial = self._run(send_at_random)
        return OpenTrial(
            share=share,
            arrivals_per_s=arrivals_per_s,
            latest_start_ms=1e3 * float(timeline.lateness_s.max()),
            trial=trial,
        )

    def _run(self, load: Callable[[float], Timeline]) -> tuple[Timeline, Trial]:
        """Put a load on the server, first for a while that is not counted."""
        load(_WARM_UP_SHARE * self.plan.duration_s)
        before = self.server.statistics.read(self.server.models)
        with watched(self.server.pid) as watch:
            timeline = load(self.plan.duration_s)
        return timeline, Trial(
            answered_per_s=timeline.answered_per_s(self.plan.duration_s),
            latency=Latency.of(timeline.latency_s),
            server=times_between(before, self.server.statistics.read(self.server.models)),
            resources=watch.parts,
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line."""
    parser = scenario_parser(__doc__)
    parser.add_argument(
        "--model", default=CHEST_MODEL, choices=sorted(SPECS), metavar="NAME", help="entry (default: %(default)s)"
    )
    parser.add_argument(
        "--clients",
        type=positive_count,
        nargs="+",
        default=[1, 2, 4, 8, 16, 32],
        metavar="N",
        help="numbers of clients of the closed loop (default: 1 2 4 8 16 32)",
    )
    parser.add_argument(
        "--shares",
        type=positive_number,
        nargs="*",
        default=[0.25, 0.5, 0.75, 0.9],
        metavar="SHARE",
        help="rates of the open loop, of the largest rate in the closed one (default: 0.25 0.5 0.75 0.9)",
    )
    parser.add_argument(
        "--duration", type=positive_number, default=30.0, metavar="S", help="of a trial, s (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the arrivals (default: %(default)s)")
    given = parser.parse_args(arguments)
    plan = LoadPlan(
        model=given.model,
        clients=tuple(given.clients),
        shares=tuple(given.shares),
        duration_s=given.duration,
        seed=given.seed,
    )
    deliver_measured(measure, plan, given.out)


if __name__ == "__main__":
    main()
