"""The wire: what handing a request to Triton costs in shared memory against inline, on the same requests.

tricorder bench wire --out benchmarks/records/wire.json

What counts is the CPU time of this client and of `tritonserver` itself. Its stub processes, which run the model, see
the same requests either way and are left out.
"""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.machine import Machine
from benchmarks.scenario import CHEST_MODEL, deliver_record, scenario_parser
from benchmarks.served import served
from client.call_settings import CallSettings
from client.engine import ServedModel, TensorValue
from client.triton import TritonEngine
from specs.declared import Declared

OUTPUT = "probability"
BATCHES = (1, 2, 4, 8, 16)
ROWS_PER_PASS = 64
"""A pass of a way: as many requests as hold so many radiographs."""

WAYS = ("inline", "shared")


class Cost(Declared):
    """Medians over the passes of one way, a request."""

    client_cpu_ms: float
    server_cpu_ms: float
    latency_ms: float


class Comparison(Declared):
    """Both ways with requests of one size; a ratio is shared over inline, the median of those of all pairs of passes.

    `cpu_ratio_quartiles` are the first and the third: where they lie on both sides of 1, nothing is shown.
    """

    batch: int
    request_bytes: int
    inline: Cost
    shared: Cost
    cpu_ratio: float
    cpu_ratio_quartiles: tuple[float, float]
    latency_ratio: float


class WireRecord(Declared):
    """One run: both ways alternate and take turns to be first, so that a noisy neighbor meets both.

    `load` is the mean number of processes that wanted to run, over the last minute at the end; more than the machine's
    cores by much, and the figures in milliseconds are worth little, the ratios more.
    """

    scenario: str = "wire"
    machine: Machine
    contract_sha256: str
    repetitions: int
    seed: int
    load: float
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """A server with one client a way."""

    server: psutil.Process
    engines: dict[str, TritonEngine]
    model: ServedModel

    def timed(self, way: str, pixels: TensorValue) -> Cost:
        """Send one pass of requests, one after the other."""
        requests = ROWS_PER_PASS // len(pixels)
        inputs = {self.model.contract.spec.recipe.input.name: pixels}
        before = (time.process_time(), _cpu_s(self.server), time.perf_counter())
        for _ in range(requests):
            self.engines[way].infer(self.model, inputs, [OUTPUT])
        after = (time.process_time(), _cpu_s(self.server), time.perf_counter())
        client, server, latency = (1e3 * (end - start) / requests for start, end in zip(before, after, strict=True))
        return Cost(client_cpu_ms=client, server_cpu_ms=server, latency_ms=latency)


def measure(*, repetitions: int, seed: int = 0) -> WireRecord:
    """Compare both ways at each batch size, after a pass of each that is not counted."""
    with _bench() as bench:
        shape = bench.model.contract.spec.recipe.input.shape
        pixels = np.random.default_rng(seed).integers(0, 256, (max(BATCHES), *shape), dtype=np.uint8)
        comparisons = tuple(_compared(bench, pixels[:batch], repetitions) for batch in BATCHES)
        return WireRecord(
            machine=Machine.here(),
            contract_sha256=bench.model.contract_sha256,
            repetitions=repetitions,
            seed=seed,
            load=os.getloadavg()[0],
            comparisons=comparisons,
        )


@contextmanager
def _bench() -> Iterator[_Bench]:
    """Start a server of the one model, and open both clients."""
    with ExitStack() as stack:
        server = stack.enter_context(served([CHEST_MODEL]))
        engines = {
            way: stack.enter_context(
                TritonEngine(
                    CallSettings(address=server.address, shared_memory=way == "shared", smallest_shared_bytes=1)
                )
            )
            for way in WAYS
        }
        yield _Bench(
            server=psutil.Process(server.pid), engines=engines, model=engines["inline"].served_model(CHEST_MODEL)
        )


def _compared(bench: _Bench, pixels: TensorValue, repetitions: int) -> Comparison:
    costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
    for repetition in range(repetitions + 1):
        for way in WAYS if repetition % 2 else WAYS[::-1]:
            cost = bench.timed(way, pixels)
            if repetition:
                costs[way].append(cost)
    pairs = list(zip(costs["shared"], costs["inline"], strict=True))
    cpu = [_cpu_ms(shared) / _cpu_ms(inline) for shared, inline in pairs]
    latency = [shared.latency_ms / inline.latency_ms for shared, inline in pairs]
    first, median, third = statistics.quantiles(cpu, n=4)
    return Comparison(
        batch=len(pixels),
        request_bytes=pixels.nbytes,
        inline=_median(costs["inline"]),
        shared=_median(costs["shared"]),
        cpu_ratio=median,
        cpu_ratio_quartiles=(first, third),
        latency_ratio=statistics.median(latency),
    )


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        **{name: statistics.median(getattr(cost, name) for cost in costs) for name in Cost.model_fields},
    )


def _cpu_ms(cost: Cost) -> float:
    return cost.client_cpu_ms + cost.server_cpu_ms


def _cpu_s(process: psutil.Process) -> float:
    """Sum the time on a processor of the threads of a process, to the nanosecond; psutil gives hundredths of a second.

    Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat.
    """
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line."""
    parser = scenario_parser(__doc__, repetitions=20)
    given = parser.parse_args(arguments)
    deliver_record(measure(repetitions=given.repetitions), given.out)


if __name__ == "__main__":
    main()
