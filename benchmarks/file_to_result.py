"""File to result: DICOM files on disk to result rows, through Triton and in process, with and without reader processes.

tricorder bench file_to_result --studies 600 --out record.json
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from benchmarks.machine import Machine
from benchmarks.scenario import CHEST_MODEL, deliver_record, scenario_parser
from benchmarks.served import served
from client.batching import BatchingEngine
from client.call_settings import CallSettings
from client.engine import Engine
from client.in_process import InProcessEngine
from client.result import Status
from client.scoring import ScoringSettings, score_sources
from client.sources import Source, find_sources
from client.triton import TritonEngine
from phantoms import Part, radiograph_cohort, write_cohort
from specs.declared import Declared
from tricorder.places import COMMITTED_REPOSITORY


class Timing(Declared):
    """One way in each repetition, in the order they ran, and the medians.

    `readers` is the number of processes that read and prepare; 0 where the threads of the client do.
    """

    engine: str
    readers: int
    studies_per_s: tuple[float, ...] = Field(description="From the start to the last row, as a user waits for it.")
    median_studies_per_s: float
    median_steady_studies_per_s: float | None = Field(
        default=None, description="Behind the first quarter of the rows, when all processes have started."
    )
    median_first_row_s: float | None = Field(default=None, description="From the start to the first row.")


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """One pass over all studies."""

    studies_per_s: float
    steady_studies_per_s: float
    first_row_s: float


class FileToResultRecord(Declared):
    """One run of the scenario; the ways alternate, so that a noisy neighbor meets all of them."""

    scenario: str = "file_to_result"
    machine: Machine
    contract_sha256: str
    studies: int
    workers: int
    seed: int
    ways: tuple[Timing, ...]


def measure(studies: int, *, repetitions: int, workers: int, readers: int) -> FileToResultRecord:
    """Time every way on the same phantom files, after one warm-up pass of each."""
    cohort = radiograph_cohort(Part.TEST, count=studies)
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        write_cohort(folder, cohort)
        sources = list(find_sources([Path(folder)]))
        with (
            served([CHEST_MODEL]) as server,
            TritonEngine(CallSettings(address=server.address)) as remote,
            InProcessEngine(COMMITTED_REPOSITORY) as local,
        ):
            ways = [(name, count) for name in ("triton", "in_process") for count in (0, readers)]
            engines: dict[str, Engine] = {"triton": BatchingEngine(remote, threads=workers), "in_process": local}
            passes: dict[tuple[str, int], list[_Pass]] = {way: [] for way in ways}
            for repetition in range(repetitions + 1):
                for name, count in ways:
                    timed = _timed(sources, engines[name], ScoringSettings(workers=workers, readers=count))
                    if repetition:
                        passes[name, count].append(timed)
            return FileToResultRecord(
                machine=Machine.here(),
                contract_sha256=remote.served_model(CHEST_MODEL).contract_sha256,
                studies=studies,
                workers=workers,
                seed=cohort.seed,
                ways=tuple(_timing(name, count, passes[name, count]) for name, count in ways),
            )


def _timing(engine: str, readers: int, passes: Sequence[_Pass]) -> Timing:
    return Timing(
        engine=engine,
        readers=readers,
        studies_per_s=tuple(one.studies_per_s for one in passes),
        median_studies_per_s=statistics.median(one.studies_per_s for one in passes),
        median_steady_studies_per_s=statistics.median(one.steady_studies_per_s for one in passes),
        median_first_row_s=statistics.median(one.first_row_s for one in passes),
    )


def _timed(sources: list[Source], engine: Engine, settings: ScoringSettings) -> _Pass:
    started_s = time.perf_counter()
    rows, at_s = [], []
    for scored in score_sources(sources, engine, [engine.served_model(CHEST_MODEL)], settings):
        rows.append(scored.row)
        at_s.append(time.perf_counter() - started_s)
    if any(row.status is not Status.SCORED for row in rows):
        raise RuntimeError("a study was not scored: the timing would not be one of the main job")
    quarter = len(rows) // 4
    return _Pass(
        studies_per_s=len(rows) / at_s[-1],
        steady_studies_per_s=(len(rows) - quarter - 1) / (at_s[-1] - at_s[quarter]),
        first_row_s=at_s[0],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line."""
    parser = scenario_parser(__doc__, repetitions=5)
    parser.add_argument("--studies", type=int, default=600, help="phantom radiographs (default: 600)")
    parser.add_argument("--workers", type=int, default=4, help="inputs worked on at a time (default: 4)")
    parser.add_argument("--readers", type=int, default=2, help="processes that read and prepare (default: 2)")
    given = parser.parse_args(arguments)
    record = measure(
        given.studies,
        repetitions=given.repetitions,
        workers=given.workers,
        readers=given.readers,
    )
    deliver_record(record, given.out)


if __name__ == "__main__":
    main()
