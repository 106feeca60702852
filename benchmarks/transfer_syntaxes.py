"""Files to result rows in each transfer syntax: studies a second, how near to what the cores allow, and stages.

tricorder bench transfer_syntaxes --seconds 10 --out benchmarks/records/transfer_syntaxes.json

Decoding and computing share the cores here. With D studies a second that only decoding and preparing would reach on all
cores, and C that only computing would, a run can reach 1 / (1/D + 1/C): the record has the share of it that was
reached, all three measured in turn on the same files. Files are in the page cache: storage is not measured.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field
from pydicom import uid
from rich.progress import Progress

from benchmarks.encodings import BITS_STORED, COLUMNS, COPIES, ENCODERS, ROWS, radiograph_files
from benchmarks.passes import (
    ScoringPass,
    Window,
    computing_rate_per_s,
    preparing_rate_per_s,
    scoring_pass,
    start_reading,
)
from benchmarks.prepared_tensors import prepared_tensor
from benchmarks.scenario import CHEST_MODEL, deliver_record, positive_number, scenario_parser
from benchmarks.served import Conditions, ServedEntry, Server, served
from benchmarks.server_times import ServerTimes, times_between
from client.batching import BatchingEngine
from client.call_settings import CallSettings
from client.engine import Engine
from client.in_process import InProcessEngine
from client.scoring import ScoringSettings
from client.sources import Source
from client.triton import TritonEngine
from preprocessing.stages import Stage
from specs.declared import Declared
from specs.recipe import CHEST_RADIOGRAPH_320
from tricorder.places import COMMITTED_REPOSITORY
from tricorder.settings import Settings, read_settings
from tricorder.terminal import progress_bar

_START_S = 2.0
"""Of each pass, not counted: reader processes start within it."""


class StageSplit(Declared):
    """Means of a study, in ms of waiting; several studies are under way at once."""

    handover: float = Field(description="Waiting for a reader process, and the way to it and back.")
    read: float
    decode: float
    prepare: float
    wire: float = Field(
        description="Request and answer outside of queue and backend: both ends, between them, and waiting for studies "
        "to go together."
    )
    queue: float
    compute: float = Field(description="In the backend, from Triton's statistics.")
    interpret: float


class SyntaxThroughput(Declared):
    """One transfer syntax: rates in studies a second, medians of the passes."""

    syntax: str
    encoded_bytes: int = Field(description="Of a file.")
    decoded_per_s: float = Field(description="D: read, decoded and prepared, and nothing else.")
    computed_per_s: float = Field(description="C: computed by the engine, and nothing else.")
    scored_per_s: float = Field(description="From files to result rows, through Triton.")
    passes_per_s: tuple[float, ...] = Field(description="The same, each pass.")
    share_of_ceiling: float = Field(description="Of 1 / (1/D + 1/C); median over the passes of the ratios.")
    stages_ms: StageSplit


class TransferSyntaxesRecord(Declared):
    """One run of the scenario; passes of the three kinds alternate, so that a noisy neighbor meets all of them."""

    scenario: str = "transfer_syntaxes"
    conditions: Conditions
    entry: ServedEntry
    matrix: tuple[int, int]
    bits_stored: int
    files: int
    workers: int
    readers: int
    seconds: float = Field(description="Counted of each pass.")
    repetitions: int
    syntaxes: tuple[SyntaxThroughput, ...]


@dataclass(frozen=True, kw_only=True)
class _Round:
    """One pass of each kind."""

    decoded_per_s: float
    computed_per_s: float
    scored: ScoringPass
    server: ServerTimes

    @property
    def share_of_ceiling(self) -> float:
        return self.scored.studies_per_s * (1 / self.decoded_per_s + 1 / self.computed_per_s)

    @property
    def stages_ms(self) -> StageSplit:
        own = self.scored.stages_ms
        return StageSplit(
            handover=own[Stage.HANDOVER],
            read=own[Stage.READ],
            decode=own[Stage.DECODE],
            prepare=own[Stage.PREPARE],
            wire=self.scored.infer_ms - self.server.queue_ms - self.server.compute_ms,
            queue=self.server.queue_ms,
            compute=self.server.compute_ms,
            interpret=own[Stage.INTERPRET],
        )


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """A server, the same model in this process, and how passes are run."""

    server: Server
    remote: Engine
    local: InProcessEngine
    settings: ScoringSettings
    window: Window
    computing_window: Window

    def throughput(self, syntax: uid.UID, sources: Sequence[Source], *, repetitions: int) -> SyntaxThroughput:
        start_reading(sources[0], CHEST_RADIOGRAPH_320)
        rounds = [self._round(sources) for _ in range(repetitions)]
        scored_per_s = tuple(each.scored.studies_per_s for each in rounds)
        in_order = sorted(rounds, key=lambda each: each.scored.studies_per_s)
        return SyntaxThroughput(
            syntax=syntax.name,
            encoded_bytes=sources[0].path.stat().st_size,
            decoded_per_s=statistics.median(each.decoded_per_s for each in rounds),
            computed_per_s=statistics.median(each.computed_per_s for each in rounds),
            scored_per_s=statistics.median(scored_per_s),
            passes_per_s=scored_per_s,
            share_of_ceiling=statistics.median(each.share_of_ceiling for each in rounds),
            stages_ms=in_order[len(in_order) // 2].stages_ms,
        )

    def _round(self, sources: Sequence[Source]) -> _Round:
        model, settings = self.remote.served_model(CHEST_MODEL), self.settings
        before = self.server.statistics.read([CHEST_MODEL])
        scored = scoring_pass(sources, self.remote, model, settings, self.window)
        (server,) = times_between(before, self.server.statistics.read([CHEST_MODEL]))
        return _Round(
            decoded_per_s=preparing_rate_per_s(
                sources, CHEST_RADIOGRAPH_320, workers=settings.workers, readers=settings.readers, window=self.window
            ),
            computed_per_s=computing_rate_per_s(
                self.local,
                self.local.served_model(CHEST_MODEL),
                prepared_tensor(sources[0], CHEST_RADIOGRAPH_320),
                self.computing_window,
            ),
            scored=scored,
            server=server,
        )


def measure(
    syntaxes: Sequence[uid.UID], *, seconds: float, repetitions: int, settings: Settings, progress: Progress
) -> TransferSyntaxesRecord:
    """Measure each syntax.

    Args:
        syntaxes: Which.
        seconds: What is counted of each pass.
        repetitions: Passes of each kind.
        settings: How many readers and workers there are, as for `tricorder score`.
        progress: Where a bar is shown.
    """
    scoring = ScoringSettings(workers=settings.workers, readers=settings.readers, timed=True)
    with (
        served([CHEST_MODEL]) as server,
        TritonEngine(CallSettings(address=server.address)) as remote,
        InProcessEngine(COMMITTED_REPOSITORY) as local,
    ):
        window = Window(start_s=_START_S, end_s=_START_S + seconds)
        part = Window(start_s=seconds / 12, end_s=seconds / 3)
        bench = _Bench(
            server=server,
            remote=BatchingEngine(remote, threads=settings.workers),
            local=local,
            settings=scoring,
            window=window,
            computing_window=part,
        )
        task, found = progress.add_task("transfer syntaxes", total=len(syntaxes)), []
        for syntax in syntaxes:
            with radiograph_files(syntax) as sources:
                found.append(bench.throughput(syntax, sources, repetitions=repetitions))
            progress.advance(task)
        return TransferSyntaxesRecord(
            conditions=server.conditions(),
            entry=ServedEntry.of(remote.served_model(CHEST_MODEL)),
            matrix=(ROWS, COLUMNS),
            bits_stored=BITS_STORED,
            files=COPIES,
            workers=scoring.workers,
            readers=scoring.readers,
            seconds=seconds,
            repetitions=repetitions,
            syntaxes=tuple(found),
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line."""
    by_keyword = {syntax.keyword: syntax for syntax in ENCODERS}
    parser = scenario_parser(__doc__, repetitions=3)
    parser.add_argument(
        "--syntaxes",
        nargs="+",
        default=list(by_keyword),
        choices=list(by_keyword),
        metavar="KEYWORD",
        help=f"of {', '.join(by_keyword)} (default: all)",
    )
    parser.add_argument(
        "--seconds", type=positive_number, default=10.0, help="counted of each pass, s (default: %(default)s)"
    )
    given = parser.parse_args(arguments)
    with progress_bar() as progress:
        record = measure(
            [by_keyword[keyword] for keyword in given.syntaxes],
            seconds=given.seconds,
            repetitions=given.repetitions,
            settings=read_settings(),
            progress=progress,
        )
    deliver_record(record, given.out)


if __name__ == "__main__":
    main()
