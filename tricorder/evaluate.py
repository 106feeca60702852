"""`tricorder evaluate`: a model on a data set with known truth, through the whole client."""

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

import click

from client.engine import ServedModel
from client.scoring import ScoringSettings
from evaluation.errors import ReportExtraMissing
from evaluation.evaluation_records import Report
from phantoms import Part, Site, radiograph_cohort
from specs.contract import ImageSpec
from specs.tabular import TabularSpec
from training.datasets import DataSetKind, DataSource, labeled_set, radiograph_recipe, target_of
from tricorder.data_option import FEWEST_TRAINING_PHANTOMS, DataOnDisk, DataType, Phantoms
from tricorder.evaluate_outcomes import evaluate_outcomes
from tricorder.evaluation_report import ThumbnailAnswers, evaluation_report, require_enough_studies
from tricorder.evaluation_run import ScoredStudies, score_studies
from tricorder.held_out import EvaluatedPart, evaluated_studies
from tricorder.labeled_study import LabeledStudies, PhantomStudies
from tricorder.options import EngineChoice, engine_options, opened_engine
from tricorder.terminal import STANDARD_OUTPUT, say

_FEWEST_PHANTOMS = 20
"""Enough held-out phantoms that some have the finding and some do not."""


@dataclass(frozen=True, kw_only=True)
class _Choices:
    """The options that go with one kind of data only; None where not given."""

    site: str | None
    baseline: int | None
    part: str | None
    seed: int | None

    def require_fit(self, data: Phantoms | DataOnDisk) -> None:
        """Refuse what does not go with the data.

        Raises:
            click.UsageError: an option is of the other kind of data.
        """
        match data:
            case Phantoms():
                others, kind = ("part", "seed"), "data on disk"
            case DataOnDisk():
                others, kind = ("site", "baseline"), "phantoms"
            case _:
                assert_never(data)
        for name in others:
            if getattr(self, name) is not None:
                raise click.UsageError(f"--{name} goes with {kind} only.")


@click.command(
    epilog="\b\nExamples:\n"
    "  tricorder evaluate mitral_regurgitation --data phantoms:1000 --in-process\n"
    "  tricorder evaluate xray_age --data jsrt:JSRT --out build/jsrt --in-process"
)
@click.argument("model", metavar="MODEL")
@click.option(
    "--data",
    type=DataType(fewest_phantoms=_FEWEST_PHANTOMS),
    default="phantoms:1000",
    show_default=True,
    help="phantoms:COUNT, nih:FOLDER (ChestX-ray14), jsrt:FOLDER, manifest:FILE.csv.",
)
@click.option(
    "--site",
    type=click.Choice([site.value for site in Site]),
    help="Where phantoms were examined; the weights have seen site A alone.  [default: A]",
)
@click.option(
    "--baseline",
    type=click.IntRange(min=FEWEST_TRAINING_PHANTOMS),
    metavar="COUNT",
    help="Fit a regression on thumbnails of COUNT training phantoms too, and compare; needs the report extra.",
)
@click.option(
    "--part",
    type=click.Choice([part.value for part in EvaluatedPart]),
    help="Of data on disk: the tenth of the patients that a split by --seed holds out, or all images.  [default: all "
    "where the weights were fitted on other data; else the tenth that was held out]",
)
@click.option("--seed", type=int, help="Of that split.  [default: the one of the weights' record, or 0]")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for report, table of answers and pictures; needs the report extra.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@engine_options
def command(
    model: str, data: Phantoms | DataOnDisk, *, out: Path | None, as_json: bool, engine: EngineChoice, **chosen: Any
) -> None:
    """Measure MODEL on studies whose truth is known, with 95 % intervals.

    Of a finding: AUC, the calls at the operating point, calibration. Of a quantity: error, agreement, correlation. Both
    also by sex, age and view where these are known; of phantoms also by grade, with the share of each map's evidence
    in the true region; an ensemble also against each of its members.

    Of outcomes: AUC of each, calibration and risk groups, on held-out synthetic patients.

    Every image goes the way of a user's own: read, prepared, inferred, interpreted; a phantom is written as a DICOM
    file first. Images without truth, broken ones and those that are not eligible are left out, and counted by reason.

    No figure is of patients that the weights were fitted on, unless --part is said: phantoms are always held-out ones,
    and of the data set on disk that the weights' record names, the held-out tenth is taken. Where its split does not
    give the patients of that record, nothing is measured until --part is said; nor are imported weights, which may have
    seen any. The same images under another name, as in a manifest of one's own, are not recognized.
    """
    choices = _Choices(**chosen)
    choices.require_fit(data)
    if (out or choices.baseline) and not _has_report_extra():
        raise ReportExtraMissing
    with opened_engine(engine) as opened:
        served = opened.served_model(model)
        spec = served.contract.spec
        if isinstance(spec, TabularSpec):
            workers = ScoringSettings(workers=engine.settings.workers)
            count = _patients(model, data, given={**chosen, "out": out})
            _show(evaluate_outcomes(opened, served, spec.head, workers, count=count), as_json=as_json)
            return
        studies = _studies(data, served, spec, choices)
        settings = ScoringSettings(
            workers=engine.settings.workers,
            readers=engine.settings.readers,
            heat_maps=isinstance(studies, PhantomStudies) and bool(studies.spec.truth.phantom_regions),
            inputs=choices.baseline is not None,
        )
        scored = score_studies(studies, opened, served, settings)
    require_enough_studies(served, scored)
    report = evaluation_report(served, scored, thumbnails=_thumbnail_answers(served, scored, choices))
    if out:
        from tricorder.evaluation_folder import write_evaluation

        write_evaluation(out, scored, report, demonstration=served.contract.weights.demonstration)
        say(f"Report, answers and pictures in {out}")
    _show(report, as_json=as_json)


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        click.echo(report.readable_json(), nl=False)
    else:
        STANDARD_OUTPUT.print(str(report), markup=False, soft_wrap=True)


def _patients(model: str, data: Phantoms | DataOnDisk, *, given: Mapping[str, object]) -> int:
    """Return how many synthetic patients are wanted of a model of variables.

    Raises:
        click.UsageError: an option or data of models of images.
    """
    if not isinstance(data, Phantoms):
        raise click.UsageError(f"{model} is measured on phantoms:COUNT, which are synthetic patients.")
    for name, value in given.items():
        if value is not None:
            raise click.UsageError(f"--{name} goes with models of images only.")
    return data.count


def _has_report_extra() -> bool:
    return all(importlib.util.find_spec(package) for package in ("matplotlib", "sklearn", "threadpoolctl"))


def _studies(data: Phantoms | DataOnDisk, served: ServedModel, spec: ImageSpec, choices: _Choices) -> LabeledStudies:
    match data:
        case Phantoms():
            cohort = radiograph_cohort(Part.TEST, count=data.count, site=Site(choices.site or Site.A))
            return PhantomStudies(cohort=cohort, spec=spec)
        case DataOnDisk():
            source = DataSource(kind=DataSetKind(data.kind), path=data.path)
            return evaluated_studies(
                labeled_set(source, target_of(spec), radiograph_recipe(spec)),
                served.contract.weights,
                part=None if choices.part is None else EvaluatedPart(choices.part),
                seed=choices.seed,
            )
        case _:
            assert_never(data)


def _thumbnail_answers(served: ServedModel, scored: ScoredStudies, choices: _Choices) -> ThumbnailAnswers | None:
    if choices.baseline is None:
        return None
    from tricorder.thumbnail_baseline import thumbnail_answers

    spec = served.contract.spec
    assert isinstance(spec, ImageSpec)  # for the type checker: outcomes were shown before
    return thumbnail_answers(spec, scored, training_studies=choices.baseline)
