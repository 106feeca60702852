"""File to result: DICOM files on disk to result rows, through Triton and in process, in one run.

python -m benchmarks.file_to_result --studies 200 --out record.json
"""

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.scenario import deliver_record, scenario_parser
from client.call_settings import CallSettings
from client.engine import Engine
from client.in_process import InProcessEngine
from client.result import Status
from client.scoring import ScoringSettings, score_sources
from client.sources import Source, find_sources
from client.triton import TritonEngine
from phantoms import Part, radiograph_cohort, write_cohort
from serving import EmbeddedTriton, TritonSettings
from specs.declared import Declared
from tricorder.places import COMMITTED_REPOSITORY, SERVER_ENVIRONMENT

MODEL = "mitral_regurgitation"


class Timing(Declared):
    """Studies a second of each repetition, in the order they ran, and their median."""

    studies_per_s: tuple[float, ...]
    median_studies_per_s: float


class FileToResultRecord(Declared):
    """One run of the scenario; the two ways alternate, so that a noisy neighbor meets both."""

    scenario: str = "file_to_result"
    machine: Machine
    contract_sha256: str
    studies: int
    workers: int
    seed: int
    triton: Timing
    in_process: Timing


def measure(studies: int, *, repetitions: int, workers: int) -> FileToResultRecord:
    """Time both ways on the same phantom files, after one warm-up pass of each."""
    cohort = radiograph_cohort(Part.TEST, count=studies)
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        write_cohort(Path(folder) / "cohort", cohort)
        sources = list(find_sources([Path(folder) / "cohort"]))
        settings = TritonSettings(
            repository=COMMITTED_REPOSITORY, run_folder=Path(folder) / "run", environment=SERVER_ENVIRONMENT
        )
        with (
            EmbeddedTriton(settings) as server,
            TritonEngine(CallSettings(address=server.grpc_address)) as remote,
            InProcessEngine(COMMITTED_REPOSITORY) as local,
        ):
            rates: dict[str, list[float]] = {"triton": [], "in_process": []}
            for repetition in range(repetitions + 1):
                for name, engine in (("triton", remote), ("in_process", local)):
                    rate = _studies_per_s(sources, engine, workers)
                    if repetition:
                        rates[name].append(rate)
            return FileToResultRecord(
                machine=Machine.here(),
                contract_sha256=remote.served_model(MODEL).contract_sha256,
                studies=studies,
                workers=workers,
                seed=cohort.seed,
                triton=_timing(rates["triton"]),
                in_process=_timing(rates["in_process"]),
            )


def _studies_per_s(sources: list[Source], engine: Engine, workers: int) -> float:
    started_s = time.perf_counter()
    rows = [scored.row for scored in score_sources(sources, engine, [engine.served_model(MODEL)], _settings(workers))]
    elapsed_s = time.perf_counter() - started_s
    if any(row.status is not Status.SCORED for row in rows):
        raise RuntimeError("a study was not scored: the timing would not be one of the main job")
    return len(rows) / elapsed_s


def _settings(workers: int) -> ScoringSettings:
    return ScoringSettings(workers=workers)


def _timing(rates: list[float]) -> Timing:
    return Timing(studies_per_s=tuple(rates), median_studies_per_s=statistics.median(rates))


def main() -> None:
    """Run the scenario from the command line."""
    parser = scenario_parser(__doc__, repetitions=5)
    parser.add_argument("--studies", type=int, default=200, help="phantom radiographs (default: 200)")
    parser.add_argument("--workers", type=int, default=4, help="inputs worked on at a time (default: 4)")
    arguments = parser.parse_args()
    deliver_record(
        measure(arguments.studies, repetitions=arguments.repetitions, workers=arguments.workers), arguments.out
    )


if __name__ == "__main__":
    main()
