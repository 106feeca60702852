"""`tricorder evaluate`: a model on a data set with known truth, through the whole client."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import click
import numpy as np
from numpy.typing import NDArray

from client.engine import Engine, ServedModel
from client.errors import ContractError
from client.result import Status
from client.scoring import ScoringSettings, score_sources
from client.sources import Source
from evaluation.finding_report import FindingReport, finding_report
from evaluation.outcome_report import OutcomeReport
from evaluation.quantity_report import QuantityReport, ReportedModel, quantity_report
from phantoms import Part, RadiographCohort, Site, radiograph_cohort, true_answer
from specs.contract import ImageSpec
from specs.head import FindingProbability, MeasuredQuantity
from specs.tabular import TabularSpec
from tricorder.evaluate_outcomes import evaluate_outcomes
from tricorder.options import EngineChoice, engine_options, opened_engine
from tricorder.terminal import STANDARD_OUTPUT, progress_bar

Report = FindingReport | QuantityReport | OutcomeReport

_CHUNK = 100
"""Phantoms on disk at a time."""

_FEWEST = 20
"""Enough held-out phantoms that some have the finding and some do not."""


class _PhantomCount(click.ParamType[int]):
    """`phantoms:COUNT`: the first COUNT held-out phantoms."""

    name = "phantoms:COUNT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        kind, _, count = str(value).partition(":")
        if kind != "phantoms" or not count.isdecimal() or int(count) < _FEWEST:
            self.fail(f"a data set is written phantoms:COUNT, COUNT at least {_FEWEST}", param, ctx)
        return int(count)


@click.command(epilog="\b\nExample:\n  tricorder evaluate mitral_regurgitation --data phantoms:1000 --in-process")
@click.argument("model", metavar="MODEL")
@click.option("--data", "count", type=_PhantomCount(), default="phantoms:1000", show_default=True)
@click.option(
    "--site",
    type=click.Choice([site.value for site in Site]),
    default=Site.A.value,
    show_default=True,
    help="Where the phantoms were examined; the weights have seen site A alone.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON object.")
@engine_options
def command(model: str, count: int, site: str, as_json: bool, engine: EngineChoice) -> None:
    """Measure MODEL on held-out phantoms, with 95 % intervals.

    Of a finding: AUC, and the calls at the operating point. Of a quantity: error, agreement and correlation. Of
    outcomes: AUC of each and the risk groups, on held-out synthetic patients, whatever the site. Each
    phantom is written as a DICOM file and goes the way of a user's own: read, prepared, inferred, interpreted.
    """
    cohort = radiograph_cohort(Part.TEST, count=count, site=Site(site))
    with opened_engine(engine) as opened:
        served = opened.served_model(model)
        settings = ScoringSettings(workers=engine.settings.workers, readers=engine.settings.readers)
        report: Report
        if isinstance(served.contract.spec, TabularSpec):
            report = evaluate_outcomes(opened, served, served.contract.spec.head, settings, count=count)
        else:
            report = _Evaluation(opened, served, served.contract.spec, cohort).report(settings)
    if as_json:
        click.echo(report.readable_json(), nl=False)
    else:
        STANDARD_OUTPUT.print(str(report), markup=False)


@dataclass(frozen=True)
class _Evaluation:
    """One model on one cohort."""

    engine: Engine
    model: ServedModel
    spec: ImageSpec
    cohort: RadiographCohort

    def report(self, settings: ScoringSettings) -> FindingReport | QuantityReport:
        right, found = [], []
        with progress_bar() as bar:
            task = bar.add_task(f"{self.model.name} on {self.cohort.name}", total=len(self.cohort))
            for answer, value in self._scored(settings):
                right.append(answer)
                found.append(value)
                bar.advance(task)
        return self._report(np.array(right, dtype=np.float64), np.array(found, dtype=np.float64))

    def _report(self, truth: NDArray[np.float64], values: NDArray[np.float64]) -> FindingReport | QuantityReport:
        contract, data_set = self.model.contract, f"{self.cohort.name} 0-{len(self.cohort) - 1}"
        match self.spec.head:
            case FindingProbability():
                return finding_report(truth > 0, values, contract, data_set=data_set)
            case MeasuredQuantity():
                reported = ReportedModel(
                    model=self.model.name, version=self.model.version, contract_sha256=self.model.contract_sha256
                )
                return quantity_report(truth, values, reported, data_set=data_set, unit=self.spec.head.unit)
            case _:
                assert_never(self.spec.head)

    def _scored(self, settings: ScoringSettings) -> Iterator[tuple[float, float]]:
        for start in range(0, len(self.cohort), _CHUNK):
            with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
                chunk = range(start, min(start + _CHUNK, len(self.cohort)))
                yield from self._score_chunk(Path(folder), chunk, settings)

    def _score_chunk(self, folder: Path, chunk: range, settings: ScoringSettings) -> Iterator[tuple[float, float]]:
        truths: list[float] = []

        def sources() -> Iterator[Source]:
            for index in chunk:
                phantom = self.cohort[index]
                path = folder / f"{index}.dcm"
                phantom.write(path)
                truths.append(true_answer(phantom.truth, self.spec))
                yield Source(path=path, name=path.name)

        scored = score_sources(sources(), self.engine, [self.model], settings)
        for place, result in enumerate(scored):
            if result.error is not None:
                raise result.error
            if result.row.status is not Status.SCORED or result.row.value is None:
                raise ContractError(model=self.model.name, what=f"its recipe refuses a phantom ({result.row.reason})")
            yield truths[place], result.row.value
