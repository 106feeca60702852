"""The cohort loop: sources in, result rows out, in order, each input costing only itself."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from client.engine import Engine, ServedModel
from client.errors import InputError, ServerError, UnexpectedFailure
from client.interpretation import Answer, HeatMap, interpret, wanted_outputs
from client.result import ResultRow, Status, failed_row, not_eligible_row, repeated_row, scored_row
from client.sources import Source
from client.volume_answers import volume_result
from client.volume_results import VolumeResult
from preprocessing import Identity, NotEligible, PreparedFeatures, PreparedRecord, PreparedStudy
from preprocessing.clinical_table import Record, prepare_row
from preprocessing.prepared_input import Outcome
from preprocessing.readers import Readers
from preprocessing.stages import Stage, StageTimes, add_stages, collected_stages, stage
from specs.clinical_variables import ClinicalVariables
from specs.errors import TricorderError
from specs.perfusion_pairing import NO_ROLES, Roles
from specs.recipe import ImageRecipe, Recipe

_STOP_POLL_S = 0.2


@dataclass(frozen=True, kw_only=True)
class ScoringSettings:
    """How a cohort is worked on.

    Attributes:
        workers: Inputs that are read, prepared and waited for at a time.
        readers: Processes that read and prepare; 0 to do so in this one.
        heat_maps: Whether maps are asked for.
        inputs: Whether input tensors are handed back, which they are with every map.
        prevalence: Share of the people scored who have a model's finding, unit 1, at which its predictive values are
            wanted; None where they are not.
        roles: Which series are at stress and at rest, as a person says; it overrides their headers.
        timed: Whether the times of the stages are handed back.
    """

    workers: int = 4
    readers: int = 0
    heat_maps: bool = False
    inputs: bool = False
    prevalence: float | None = None
    roles: Roles = field(default_factory=lambda: NO_ROLES)
    timed: bool = False


@dataclass(frozen=True, kw_only=True)
class ScoredInput:
    """A result row, and what a picture of it needs.

    `prepared` and `heat_map` are None where nothing was scored or no picture was asked for. `volume` is what an answer
    that is a volume says, with a picture and DICOM objects where maps are asked for. `ends_source` marks the last row
    of an input, of which no model more says anything; that has `stages_s`, how long each stage took for all models
    together, where it is wanted.
    """

    row: ResultRow
    error: TricorderError | None = None
    prepared: PreparedStudy | None = None
    heat_map: HeatMap | None = None
    volume: VolumeResult | None = None
    ends_source: bool = False
    stages_s: StageTimes = field(default_factory=dict)


def score_sources(
    sources: Iterable[Source],
    engine: Engine,
    models: Sequence[ServedModel],
    settings: ScoringSettings,
    *,
    stop: threading.Event | None = None,
) -> Iterator[ScoredInput]:
    """Score every source with every model that takes its kind: records of patients, or images of its modality.

    A modality that no model takes is refused by each.

    Rows come in the order of sources, then models. An instance that comes twice is scored once. Every frontal image
    of a study has its own row, for which of them to trust is the reader's choice: our choice. Once no server answers
    any more, the inputs that are left fail at once instead of each waiting for it.

    Args:
        sources: Inputs; taken as they are worked on.
        engine: Where the models run.
        models: Models with their contracts; inputs are prepared once for all with the same recipe.
        settings: Concurrency, heat maps.
        stop: Ends the run early once it is set: what is finished is yielded, the rest is dropped.
    """
    stop = stop or threading.Event()
    once = _OncePerInstance()
    waiting: deque[Future[list[ScoredInput]]] = deque()
    with (
        Readers(processes=settings.readers, roles=settings.roles, timed=settings.timed) as readers,
        _pool(settings.workers) as pool,
    ):
        run = _Run(engine, tuple(models), settings, readers)
        for source in sources:
            waiting.append(pool.submit(run.score, source))
            if len(waiting) >= 2 * settings.workers:
                yield from map(once.admit, _first(waiting, stop))
            if stop.is_set():
                break
        while waiting:
            yield from map(once.admit, _first(waiting, stop))


def models_for(source: Source, models: Iterable[ServedModel]) -> tuple[ServedModel, ...]:
    """Return the models that take an input of this kind: an image, or a patient's record."""
    is_record = source.record is not None
    return tuple(model for model in models if isinstance(model.contract.spec.recipe, ClinicalVariables) == is_record)


def _first(waiting: deque[Future[list[ScoredInput]]], stop: threading.Event) -> list[ScoredInput]:
    """Take the first result and wait for it; after a stop, nothing that is not finished is waited for."""
    future = waiting.popleft()
    while not future.done():
        if stop.is_set():
            future.cancel()
            return []
        wait([future], timeout=_STOP_POLL_S)
    return future.result()


@contextmanager
def _pool(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Make threads whose waiting work is dropped when the loop is left early.

    What is being waited for then ends when the engine is closed.
    """
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class _OncePerInstance:
    """Lets the first result of each SOP Instance and model through, in the order of the rows."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def admit(self, scored: ScoredInput) -> ScoredInput:
        row = scored.row
        uid = row.sop_instance_uid or row.series_instance_uid  # a volume of several files has no instance of its own
        if row.status is not Status.SCORED or uid is None:
            return scored
        if (row.model, uid) in self._seen:
            return ScoredInput(row=repeated_row(row), ends_source=scored.ends_source, stages_s=scored.stages_s)
        self._seen.add((row.model, uid))
        return scored


class _Run:
    """What the threads of one cohort share."""

    def __init__(
        self, engine: Engine, models: tuple[ServedModel, ...], settings: ScoringSettings, readers: Readers
    ) -> None:
        self._engine = engine
        self._models = models
        self._settings = settings
        self._readers = readers
        recipes = dict.fromkeys(model.contract.spec.recipe for model in models)
        self._recipes = tuple(recipe for recipe in recipes if isinstance(recipe, ImageRecipe))
        self._gone: ServerError | None = None  # written once; threads need not see it at once

    def score(self, source: Source) -> list[ScoredInput]:
        with collected_stages(wanted=self._settings.timed) as stages_s:
            found = self._score_image(source) if source.record is None else self._score_record(source, source.record)
        return [*found[:-1], *(replace(last, ends_source=True, stages_s=stages_s) for last in found[-1:])]

    def _score_image(self, source: Source) -> list[ScoredInput]:
        models = models_for(source, self._models)
        with stage(Stage.HANDOVER):
            file = self._readers.prepare(source.files, self._recipes)
            add_stages(file.stages_s)
        if file.error is not None:
            return [_failed(source, file.identity, model, file.error) for model in models]
        outcomes: dict[Recipe, Outcome | None] = dict(zip(self._recipes, file.prepared, strict=True))
        asked = [(model, outcomes[model.contract.spec.recipe]) for model in models]
        return [self._score_outcome(source, file.identity, model, found) for model, found in asked if found is not None]

    def _score_outcome(self, source: Source, identity: Identity, model: ServedModel, prepared: Outcome) -> ScoredInput:
        if isinstance(prepared, TricorderError):
            return _failed(source, identity, model, prepared)
        return self._score_prepared(source, model, prepared)

    def _score_record(self, source: Source, record: Record | InputError) -> list[ScoredInput]:
        """Prepare here what takes a fraction of a millisecond; a process would cost more."""
        scored = []
        for model in models_for(source, self._models):
            recipe = model.contract.spec.recipe
            if isinstance(record, InputError):
                scored.append(_failed(source, Identity(), model, record))
            elif isinstance(recipe, ClinicalVariables):
                prepared = _prepared_row(record, recipe)
                scored.append(
                    _failed(source, Identity(), model, prepared)
                    if isinstance(prepared, TricorderError)
                    else self._score_prepared(source, model, prepared)
                )
        return scored

    def _score_prepared(
        self, source: Source, model: ServedModel, prepared: PreparedStudy | PreparedRecord | NotEligible
    ) -> ScoredInput:
        if isinstance(prepared, NotEligible):
            return ScoredInput(row=not_eligible_row(source.name, prepared.identity, model, reason=prepared.reason))
        if self._gone is not None:
            return _failed(source, prepared.identity, model, self._gone)
        try:
            inputs = {model.contract.spec.recipe.input.name: prepared.tensor[np.newaxis]}
            wanted = wanted_outputs(model, heat_map=self._settings.heat_maps)
            with stage(Stage.INFER):
                outputs = self._engine.infer(model, inputs, wanted)
            with stage(Stage.INTERPRET):
                answer = interpret(model, outputs, prevalence=self._settings.prevalence)
                volume = volume_result(model, prepared, answer, delivered=self._settings.heat_maps)
        except Exception as error:  # noqa: BLE001  # the cohort loop: even a bug costs its own input only
            if isinstance(error, ServerError) and error.retryable and not self._engine.is_live():
                self._gone = error
            return _failed(source, prepared.identity, model, _named(error))
        with stage(Stage.INTERPRET):
            row = scored_row(source.name, prepared, model, answer, volume=volume)
        return ScoredInput(
            row=row,
            prepared=None if isinstance(prepared, PreparedRecord) or not self._is_kept(prepared, answer) else prepared,
            heat_map=answer.heat_map,
            volume=volume,
        )

    def _is_kept(self, prepared: PreparedStudy, answer: Answer) -> bool:
        """Tell whether a picture, or whoever asked for inputs, needs what was prepared."""
        has_picture = isinstance(prepared, PreparedFeatures) and self._settings.heat_maps
        return self._settings.inputs or has_picture or answer.heat_map is not None


def _prepared_row(record: Record, recipe: ClinicalVariables) -> PreparedRecord | NotEligible | TricorderError:
    try:
        return prepare_row(record, recipe)
    except Exception as error:  # noqa: BLE001  # the cohort loop: even a bug costs its own input only
        return _named(error)


def _named(error: Exception) -> TricorderError:
    return error if isinstance(error, TricorderError) else UnexpectedFailure.of(error)


def _failed(source: Source, identity: Identity, model: ServedModel, error: TricorderError) -> ScoredInput:
    return ScoredInput(row=failed_row(source.name, identity, model, error=error), error=error)
