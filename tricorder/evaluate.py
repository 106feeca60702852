"""`tricorder evaluate`: a model on a data set with known truth, through the whole client."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from client.engine import Engine, ServedModel
from client.errors import ContractError
from client.result import Status
from client.scoring import ScoringSettings, score_sources
from client.sources import Source
from evaluation.finding_report import FindingReport, finding_report
from phantoms import Part, RadiographCohort, radiograph_cohort
from tricorder.options import EngineChoice, engine_options, opened_engine
from tricorder.terminal import STANDARD_OUTPUT, progress_bar

_CHUNK = 100
"""Phantoms on disk at a time."""

_FEWEST = 20
"""Enough held-out phantoms that some have the finding and some do not."""


class _PhantomData(click.ParamType[RadiographCohort]):
    """`phantoms:COUNT`: the first COUNT held-out phantoms."""

    name = "phantoms:COUNT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> RadiographCohort:
        kind, _, count = str(value).partition(":")
        if kind != "phantoms" or not count.isdecimal() or int(count) < _FEWEST:
            self.fail(f"a data set is written phantoms:COUNT, COUNT at least {_FEWEST}", param, ctx)
        return radiograph_cohort(Part.TEST, count=int(count))


@click.command(epilog="\b\nExample:\n  tricorder evaluate mitral_regurgitation --data phantoms:1000 --in-process")
@click.argument("model", metavar="MODEL")
@click.option("--data", "cohort", type=_PhantomData(), default="phantoms:1000", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON object.")
@engine_options
def command(model: str, cohort: RadiographCohort, as_json: bool, engine: EngineChoice) -> None:
    """Measure MODEL on held-out phantoms: AUC, and the calls at the operating point, with 95 % intervals.

    Each phantom is written as a DICOM file and goes the way of a user's own: read, prepared, inferred, interpreted.
    """
    with opened_engine(engine) as opened:
        served = opened.served_model(model)
        report = _Evaluation(opened, served, cohort).report(
            ScoringSettings(workers=engine.settings.workers, readers=engine.settings.readers)
        )
    if as_json:
        click.echo(report.readable_json(), nl=False)
    else:
        STANDARD_OUTPUT.print(str(report), markup=False)


@dataclass(frozen=True)
class _Evaluation:
    """One model on one cohort."""

    engine: Engine
    model: ServedModel
    cohort: RadiographCohort

    def report(self, settings: ScoringSettings) -> FindingReport:
        truth, probabilities = [], []
        with progress_bar() as bar:
            task = bar.add_task(f"{self.model.name} on {self.cohort.name}", total=len(self.cohort))
            for positive, probability in self._scored(settings):
                truth.append(positive)
                probabilities.append(probability)
                bar.advance(task)
        return finding_report(
            np.array(truth, dtype=np.bool_),
            np.array(probabilities, dtype=np.float64),
            self.model.contract,
            data_set=f"{self.cohort.name} 0-{len(self.cohort) - 1}",
        )

    def _scored(self, settings: ScoringSettings) -> Iterator[tuple[bool, float]]:
        for start in range(0, len(self.cohort), _CHUNK):
            with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
                chunk = range(start, min(start + _CHUNK, len(self.cohort)))
                yield from self._score_chunk(Path(folder), chunk, settings)

    def _score_chunk(self, folder: Path, chunk: range, settings: ScoringSettings) -> Iterator[tuple[bool, float]]:
        truths: list[bool] = []

        def sources() -> Iterator[Source]:
            for index in chunk:
                phantom = self.cohort[index]
                path = folder / f"{index}.dcm"
                phantom.write(path)
                truths.append(getattr(phantom.truth, self.model.contract.spec.training.phantom_truth).positive)
                yield Source(path=path, name=path.name)

        scored = score_sources(sources(), self.engine, [self.model], settings)
        for place, result in enumerate(scored):
            if result.error is not None:
                raise result.error
            if result.row.status is not Status.SCORED or result.row.value is None:
                raise ContractError(model=self.model.name, what=f"its recipe refuses a phantom ({result.row.reason})")
            yield truths[place], result.row.value
