"""A run of the scenario `fidelity`. Needs the training tools (torch)."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.progress import Progress

from benchmarks.fidelity import (
    FidelityPlan,
    FidelityRecord,
    FindingFidelity,
    ModelFidelity,
    QuantityFidelity,
    Refused,
    VariantFidelity,
)
from benchmarks.fidelity_figures import fidelity_figures
from benchmarks.near_threshold import ChosenStudies, chosen_studies
from benchmarks.served import Conditions, ServedEntry, checked_load, served
from client.call_settings import CallSettings
from client.triton import TritonEngine
from export.errors import ParityFailed
from export.parity import Answers, Compared, require_numbers
from export.run import EntryVersion
from export.source_version import SourceVersion, read_source_version
from export.variants import PRECISIONS, VariantChoice, VariantStudies, gated_variant
from phantoms import Part
from serving import ServerInstallation
from serving.errors import EngineNotInstalled
from specs.contract import ImageSpec
from specs.variant_tolerances import variant_tolerances
from specs.weights import FindingPerformance
from training.phantom_data import prepared_phantoms
from training.prepared_part import Pixels, PreparedPart
from tricorder.places import COMMITTED_REPOSITORY, PHANTOM_CACHE, SERVER_ENVIRONMENT
from tricorder.served_answers import asked_answers, served_answers
from tricorder.terminal import say
from tricorder.variants import IMAGE_MODELS, phantom_studies


@dataclass(frozen=True, kw_only=True)
class _Served:
    """A model of a server that runs, and how it is asked."""

    address: str
    spec: ImageSpec
    conditions: Conditions
    progress: Progress

    def entry(self) -> ServedEntry:
        """Say which version is asked."""
        with TritonEngine(CallSettings(address=self.address)) as engine:
            return ServedEntry.of(engine.served_model(self.spec.name))

    def answers(self, pixels: Pixels) -> Answers:
        """Answer studies, shape (studies,).

        Raises:
            ParityFailed: an answer is no number.
        """
        answers = asked_answers(self.address, self.spec, pixels, progress=self.progress)
        require_numbers(answers, self.spec)
        return answers


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What all models of a run share; `load` is that of the machine before it."""

    plan: FidelityPlan
    progress: Progress
    load: float

    def require_engines(self) -> None:
        """Refuse to begin where the server environment lacks an engine.

        Raises:
            EngineNotInstalled: it does.
        """
        installation = ServerInstallation.open(SERVER_ENVIRONMENT)
        for choice in self._choices():
            if not installation.has(choice.engine):
                raise EngineNotInstalled(model=self.plan.models[0], engine=choice.engine)

    def model(self, name: str) -> tuple[Conditions, ModelFidelity]:
        """Compare the variants of one model; return what its original was served on too."""
        source = read_source_version(COMMITTED_REPOSITORY, IMAGE_MODELS[name], None)
        spec, performance = source.spec, source.record.performance
        threshold = performance.operating_point.threshold if isinstance(performance, FindingPerformance) else None
        with self._served(spec, COMMITTED_REPOSITORY) as original:
            studies = chosen_studies(
                partial(self._held_out, spec), original.answers, count=self.plan.count, threshold=threshold
            )
            entry, conditions = original.entry(), original.conditions
        gate_studies = phantom_studies(spec, count=self.plan.gate_phantoms, progress=self.progress)
        fidelity = ModelFidelity(
            entry=entry,
            unit=spec.head.unit,
            threshold=threshold,
            held_out=studies.held_out,
            variants=tuple(self._variants(source, gate_studies, studies)),
        )
        return conditions, fidelity

    def _variants(
        self, source: SourceVersion, gate_studies: VariantStudies, studies: ChosenStudies
    ) -> Iterator[VariantFidelity]:
        task = self.progress.add_task(f"variants of {source.spec.name}", total=len(self._choices()))
        for choice in self._choices():
            found = self._found(source, choice, gate_studies, studies)
            variant = VariantFidelity(engine=choice.engine, precision=choice.precision, found=found)
            say(f"{source.spec.name} in {choice.precision} for {choice.engine}: {variant.verdict}")
            yield variant
            self.progress.advance(task)
            _forget_finished(self.progress)

    def _found(
        self, source: SourceVersion, choice: VariantChoice, gate_studies: VariantStudies, studies: ChosenStudies
    ) -> FindingFidelity | QuantityFidelity | Refused:
        """Make a variant, and ask it about the held-out phantoms if it passes the gate."""
        answering = partial(served_answers, progress=self.progress)
        try:
            made = gated_variant(source, choice, gate_studies, answering=answering)
        except ParityFailed as failure:
            return Refused(reason=str(failure))
        with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
            made.write(EntryVersion(repository=Path(folder)))
            with self._served(source.spec, Path(folder)) as variant:
                answers, entry = variant.answers(studies.part.pixels), variant.entry()
        compared = Compared(
            original=studies.original,
            variant=answers,
            truth=studies.part.truth,
            data_set=studies.part.name,
            engine=choice.engine,
        )
        tolerances = variant_tolerances(source.spec, choice.precision)
        return fidelity_figures(compared, source.record.performance, tolerances, entry=entry)

    def _choices(self) -> list[VariantChoice]:
        every = [(engine, precision) for engine, precisions in PRECISIONS.items() for precision in precisions]
        return [VariantChoice(engine=engine, precision=precision) for engine, precision in self.plan.variants or every]

    def _held_out(self, spec: ImageSpec, count: int) -> PreparedPart:
        return prepared_phantoms(Part.TEST, spec, count=count, cache=PHANTOM_CACHE, progress=self.progress)

    @contextmanager
    def _served(self, spec: ImageSpec, repository: Path) -> Iterator[_Served]:
        with served([spec.name], repository=repository, load=self.load) as server:
            yield _Served(address=server.address, spec=spec, conditions=server.conditions(), progress=self.progress)


def _forget_finished(progress: Progress) -> None:
    """Take away the bars of what is done: a run has more of them than a terminal has lines."""
    for task in progress.tasks:
        if task.finished:
            progress.remove_task(task.id)


def measure(plan: FidelityPlan, progress: Progress) -> FidelityRecord:
    """Compare the variants of each model with the original.

    Raises:
        ServerStartError: a server does not start, or lacks an engine, which is told at once.
        ParityFailed: an answer to a held-out phantom is no number.
        TricorderError: a request failed.
    """
    run = _Run(plan=plan, progress=progress, load=checked_load())
    run.require_engines()
    conditions, models = zip(*map(run.model, plan.models), strict=True)
    return FidelityRecord(conditions=conditions[0], gate_phantoms=plan.gate_phantoms, models=models)
