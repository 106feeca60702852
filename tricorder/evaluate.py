"""`tricorder evaluate`: a model on a data set with known truth, through the whole client."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import click

from client.engine import Engine, ServedModel
from client.scoring import ScoringSettings
from evaluation.evaluation_records import Report
from evaluation.report_tables import SCREENING_PREVALENCES
from phantoms import Part, Site, image_cohort
from specs.contract import AnswerSpec, FeatureSpec, ImageSpec
from specs.head import FindingProbability
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.volume import VolumeSpec
from training.datasets import DataSetKind, DataSource, labeled_studies
from tricorder.baseline_option import SAME, BaselineType, Same, baseline_studies
from tricorder.data_option import FEWEST_TRAINING_PHANTOMS, DataOnDisk, DataType, Phantoms
from tricorder.evaluate_outcomes import evaluate_outcomes
from tricorder.evaluate_volumes import evaluate_volumes
from tricorder.evaluation_report import ThumbnailAnswers, evaluation_report, require_enough_studies
from tricorder.evaluation_run import ScoredStudies, score_studies
from tricorder.held_out import EvaluatedPart, evaluated_studies
from tricorder.labeled_study import LabeledStudies, PhantomStudies
from tricorder.options import EngineChoice, engine_options, opened_engine
from tricorder.prevalence_option import PrevalenceType
from tricorder.report_extra import require_report_extra
from tricorder.settings import Settings
from tricorder.terminal import STANDARD_OUTPUT, say

if TYPE_CHECKING:
    from tricorder.evaluation_folder import EvaluationContent

_FEWEST_PHANTOMS = 20
"""Enough held-out phantoms that some have the finding and some do not."""


@dataclass(frozen=True, kw_only=True)
class _Choices:
    """The options that go with one kind of data or model only; None, or none, where not given."""

    site: str | None
    baseline: int | Same | None
    part: str | None
    seed: int | None
    prevalences: tuple[float, ...]

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
    "  tricorder evaluate xray_age --data jsrt:JSRT --out build/jsrt --in-process\n"
    "  tricorder evaluate sarcoidosis_lymphoma --data manifest:own.csv --in-process"
)
@click.argument("model", metavar="MODEL")
@click.option(
    "--data",
    type=DataType(fewest_phantoms=_FEWEST_PHANTOMS),
    default="phantoms:1000",
    show_default=True,
    help=f"phantoms:COUNT (at least {_FEWEST_PHANTOMS}), nih:FOLDER (ChestX-ray14), jsrt:FOLDER, manifest:FILE.csv "
    "(your own radiographs, or for models of one number from PET or SPECT the folders of your own studies; at least "
    "two with and two without a finding). Models that answer with a volume, as virtual_pet and mibg_organs, take "
    "phantoms alone.",
)
@click.option(
    "--site",
    type=click.Choice([site.value for site in Site]),
    help="Where phantoms were examined; committed weights have seen site A alone.  [default: A]",
)
@click.option(
    "--baseline",
    type=BaselineType(fewest=FEWEST_TRAINING_PHANTOMS),
    metavar=f"COUNT|{SAME}",
    help="Fit a regression on thumbnails of COUNT training phantoms too, or of as many as the weights were fitted on, "
    "and compare; needs the report extra.",
)
@click.option(
    "--part",
    type=click.Choice([part.value for part in EvaluatedPart]),
    help="Of data on disk: the tenth of the patients that a split by --seed holds out, or all images.  [default: all "
    "where the weights were fitted on other data; else the tenth that was held out]",
)
@click.option(
    "--seed",
    type=int,
    help="Of that split.  [default: that of the weights, or of their recalibration, on data of this name, or 0]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for report (JSON, and a page for a browser), table of answers and pictures; needs the report extra.",
)
@click.option(
    "--prevalence",
    "prevalences",
    type=PrevalenceType(),
    multiple=True,
    metavar="SHARE",
    help="Share of people with the finding at which the page of --out gives PPV and NPV, sensitivity and specificity "
    f"taken as those measured; repeatable.  [default: {', '.join(map(str, SCREENING_PREVALENCES))}]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@engine_options
def command(
    model: str, data: Phantoms | DataOnDisk, *, out: Path | None, as_json: bool, engine: EngineChoice, **chosen: Any
) -> None:
    """Measure MODEL on studies whose truth is known, with 95 % intervals.

    Of a finding: AUC, the calls at the operating point, calibration. Of a quantity: error, agreement, correlation. Both
    also by sex, age, view and site where these are known; of phantoms also by grade, with the share of each map's
    evidence in the true region; an ensemble also against each of its members, and a model of two stages against the
    models of the same finding that its spec names. Where patients have several images, AUC or error also with the
    interval of a bootstrap by patient. Of FDG PET, phantoms or a manifest with a column for each site, also the share
    of patients with lesions at each site, by disease, with Fisher's exact test.

    Of outcomes: AUC of each, calibration and risk groups, on held-out synthetic patients.

    Of perfusion: the values of the 17 segments on virtual PET and on SPECT against PET, and the depth of true defects.
    Of organs: Dice of each mask, heart counts and washout against the truth, by disease.

    Every image goes the way of a user's own: read, prepared, inferred, interpreted; a phantom is written as a DICOM
    file first. Images without truth, broken ones and those that are not eligible are left out, and counted by reason.

    No figure is of patients that the weights were fitted on, unless --part is said: phantoms are always held-out ones,
    and of the data set on disk that the weights' record names, the held-out tenth is taken. Where its split does not
    give the patients of that record, nothing is measured until --part is said; nor are imported weights, which may have
    seen any. The same images under another name, as in a manifest of one's own, are not recognized.
    """
    choices = _Choices(**chosen)
    choices.require_fit(data)
    if choices.prevalences and not out:
        raise click.UsageError("--prevalence goes with --out: the predictive values stand in its page.")
    if out or choices.baseline:
        require_report_extra()
    with opened_engine(engine) as opened:
        served = opened.served_model(model)
        spec = served.contract.spec
        if choices.prevalences and not isinstance(spec.head, FindingProbability):
            raise click.UsageError("--prevalence goes with models of a finding only.")
        if choices.baseline is not None and isinstance(spec, FeatureSpec):
            raise click.UsageError("--baseline goes with models of pixels only.")
        if isinstance(spec, TabularSpec):
            count = _patients(model, data, given=chosen)
            evaluated = _evaluated_patients(opened, served, spec, engine.settings, count=count)
        elif isinstance(spec, VolumeSpec):
            evaluated = _evaluated_volumes(opened, served, data, engine.settings, choices=choices)
        else:
            studies = _studies(data, served, spec, choices)
            evaluated = _evaluated_images(opened, served, studies, engine.settings, choices=choices)
    if out:
        from tricorder.evaluation_folder import write_evaluation

        write_evaluation(out, evaluated.content())
        say(f"Report, page, answers and pictures in {out}")
    _show(evaluated.report, as_json=as_json)


@dataclass(frozen=True, kw_only=True)
class _Evaluated:
    """A report, and what makes the content of a folder of it, where one is wanted."""

    report: Report
    content: Callable[[], "EvaluationContent"]


def _evaluated_patients(
    engine: Engine, served: ServedModel, spec: TabularSpec, settings: Settings, *, count: int
) -> _Evaluated:
    measured = evaluate_outcomes(engine, served, spec, ScoringSettings(workers=settings.workers), count=count)

    def content() -> "EvaluationContent":
        from tricorder.outcome_content import outcome_content

        return outcome_content(measured, demonstration=served.contract.weights.demonstration)

    return _Evaluated(report=measured.report, content=content)


def _evaluated_volumes(
    engine: Engine, served: ServedModel, data: Phantoms | DataOnDisk, settings: Settings, *, choices: _Choices
) -> _Evaluated:
    """Measure a model that answers with a volume.

    Raises:
        click.UsageError: the data are no phantoms, or an option goes with other models.
    """
    if not isinstance(data, Phantoms):
        raise click.UsageError(f"{served.name} is measured on phantoms:COUNT.")
    if choices.baseline is not None:
        raise click.UsageError("--baseline goes with models of one number only.")
    scoring = ScoringSettings(workers=settings.workers, readers=settings.readers)
    site = Site(choices.site or Site.A)
    content = evaluate_volumes(engine, served, scoring, count=data.count, site=site)
    return _Evaluated(report=content.report, content=content.folder_content)


def _evaluated_images(
    engine: Engine, served: ServedModel, studies: LabeledStudies, settings: Settings, *, choices: _Choices
) -> _Evaluated:
    baseline = baseline_studies(choices.baseline, served)
    scoring = ScoringSettings(
        workers=settings.workers,
        readers=settings.readers,
        heat_maps=isinstance(studies, PhantomStudies) and bool(studies.spec.truth.phantom_regions),
        inputs=baseline is not None,
    )
    scored = score_studies(studies, engine, served, scoring, others=_others(engine, served))
    require_enough_studies(served, scored)
    report = evaluation_report(served, scored, thumbnails=_thumbnail_answers(served, scored, baseline))

    def content() -> "EvaluationContent":
        from tricorder.image_content import image_content

        return image_content(
            scored,
            report,
            prevalences=choices.prevalences or SCREENING_PREVALENCES,
            demonstration=served.contract.weights.demonstration,
        )

    return _Evaluated(report=report, content=content)


def _others(engine: Engine, served: ServedModel) -> list[ServedModel]:
    """Return the models that the spec compares this one with, as far as they are served."""
    spec = served.contract.spec
    names = spec.compared_with if isinstance(spec, StackedSpec) else ()
    return [engine.served_model(name) for name in names if name in engine.model_names()]


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
        if value is not None and value != ():
            raise click.UsageError(f"--{name} goes with models of images only.")
    return data.count


def _studies(data: Phantoms | DataOnDisk, served: ServedModel, spec: AnswerSpec, choices: _Choices) -> LabeledStudies:
    match data:
        case Phantoms():
            cohort = image_cohort(Part.TEST, spec.recipe, count=data.count, site=Site(choices.site or Site.A))
            return PhantomStudies(cohort=cohort, spec=spec)
        case DataOnDisk():
            return evaluated_studies(
                labeled_studies(DataSource(kind=DataSetKind(data.kind), path=data.path), spec),
                served.contract.weights,
                part=None if choices.part is None else EvaluatedPart(choices.part),
                seed=choices.seed,
            )
        case _:
            assert_never(data)


def _thumbnail_answers(served: ServedModel, scored: ScoredStudies, count: int | None) -> ThumbnailAnswers | None:
    if count is None:
        return None
    from tricorder.thumbnail_baseline import thumbnail_answers

    spec = served.contract.spec
    assert isinstance(spec, ImageSpec)  # for the type checker: outcomes were shown before
    return thumbnail_answers(spec, scored, training_studies=count)
