"""Steady passes: work that goes on for a while, of which only the part behind the start counts."""

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from benchmarks.errors import NotOfTheJob, TooShort
from benchmarks.load_generation import closed_loop
from benchmarks.prepared_tensors import asked_in_turn
from client.engine import Engine, ServedModel, TensorValue
from client.result import REPEATED, Status
from client.scoring import ScoringSettings, score_sources
from client.sources import Source
from preprocessing.readers import Readers
from preprocessing.stages import Stage, StageTimes
from specs.recipe import ImageRecipe

BATCHES = (1, 4, 16)
"""Studies that computing alone is tried with at a time; the fastest counts."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True)
class Window:
    """How long a pass runs.

    Attributes:
        start_s: Of what happens earlier nothing counts: processes start, caches fill.
        end_s: Nothing new is begun later.
    """

    start_s: float
    end_s: float

    def rate_per_s(self, done_s: Iterable[float]) -> float:
        """Return the rate of what was done within the window."""
        return sum(self.start_s < each <= self.end_s for each in done_s) / (self.end_s - self.start_s)

    def counted_rate_per_s(self, done_s: Iterable[float], *, what: str) -> float:
        """Return the same rate where there is one.

        Raises:
            TooShort: nothing was done within the window.
        """
        rate_per_s = self.rate_per_s(done_s)
        if rate_per_s == 0:
            raise TooShort(what=what, seconds=self.end_s - self.start_s)
        return rate_per_s

    def repeated(self, items: Sequence[_Item]) -> Iterator[_Item]:
        """Yield items over and over until the end; the time runs from the first one."""
        origin_s = time.perf_counter()
        for item in itertools.cycle(items):
            if time.perf_counter() - origin_s >= self.end_s:
                return
            yield item


@dataclass(frozen=True, kw_only=True)
class ScoringPass:
    """What scoring files for a while came to.

    Attributes:
        studies_per_s: Result rows in the window.
        stages_ms: Means of each stage a study, in the window; 0 where times are not taken.
        infer_ms: The same of one stage in the whole pass, as the server counts.
    """

    studies_per_s: float
    stages_ms: Mapping[Stage, float]
    infer_ms: float


def scoring_pass(
    sources: Sequence[Source], engine: Engine, model: ServedModel, settings: ScoringSettings, window: Window
) -> ScoringPass:
    """Score files over and over, as `tricorder score` does.

    Raises:
        TricorderError: a file failed.
        NotOfTheJob: a file was not scored.
        TooShort: nothing was finished in the window.
    """
    done_s: list[float] = []
    stages: list[StageTimes] = []
    origin_s = time.perf_counter()
    for scored in score_sources(window.repeated(sources), engine, [model], settings):
        if scored.error is not None:
            raise scored.error
        if scored.row.status is Status.NOT_ELIGIBLE and scored.row.reason != REPEATED:
            raise NotOfTheJob(reason=scored.row.reason or "")
        done_s.append(time.perf_counter() - origin_s)
        stages.append(scored.stages_s)
    counted = [times_s for times_s, at_s in zip(stages, done_s, strict=True) if window.start_s < at_s <= window.end_s]
    if not counted:
        raise TooShort(what="Scoring files", seconds=window.end_s - window.start_s)
    return ScoringPass(
        studies_per_s=window.rate_per_s(done_s),
        stages_ms={which: _mean_ms(counted, which) for which in Stage},
        infer_ms=_mean_ms(stages, Stage.INFER),
    )


def _mean_ms(stages: Sequence[StageTimes], which: Stage) -> float:
    return 1e3 * float(np.mean([times_s.get(which, 0.0) for times_s in stages]))


def start_reading(source: Source, recipe: ImageRecipe) -> None:
    """Start what all reader processes are made from, which takes a second, before anything is timed."""
    with Readers(processes=1) as readers:
        readers.prepare(source.files, [recipe])


def preparing_rate_per_s(
    sources: Sequence[Source], recipe: ImageRecipe, *, workers: int, readers: int, window: Window
) -> float:
    """Read, decode and prepare files over and over in as many processes, and do nothing else; studies a second."""
    with Readers(processes=readers) as processes:
        timeline = closed_loop(
            lambda number: processes.prepare(sources[number % len(sources)].files, [recipe]),
            clients=workers,
            duration_s=window.end_s,
        )
    return window.counted_rate_per_s(timeline.answered_s, what="Preparing files")


def computing_rate_per_s(engine: Engine, model: ServedModel, tensor: TensorValue, window: Window) -> float:
    """Run batches over and over in one thread, and do nothing else; studies a second with the fastest of `BATCHES`.

    Args:
        engine: Runs them.
        model: Which.
        tensor: One study, with a batch axis of 1.
        window: How long each batch is tried.

    Raises:
        TooShort: no batch of a size was finished in the window.
    """
    return max(_batch_rate_per_s(engine, model, np.repeat(tensor, batch, axis=0), window) for batch in BATCHES)


def _batch_rate_per_s(engine: Engine, model: ServedModel, tensor: TensorValue, window: Window) -> float:
    timeline = closed_loop(asked_in_turn(engine, model, [tensor]), clients=1, duration_s=window.end_s)
    return len(tensor) * window.counted_rate_per_s(timeline.answered_s, what=f"Batches of {len(tensor)}")
