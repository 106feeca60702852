"""`tricorder recalibrate`: a finding model's probabilities fitted to another site, as a new version of its entry."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluation.interval import shown_p_value
from phantoms import Part, Site
from specs import SPECS
from specs.contract import ImageSpec
from specs.head import FindingProbability, OperatingPointPolicy
from specs.weights import Calibration, WeightsRecord
from tricorder.data_option import FEWEST_TRAINING_PHANTOMS, DataOnDisk, DataType, Phantoms
from tricorder.export import entry_options, say_parity
from tricorder.operating_point_option import point_options
from tricorder.places import DATA_CACHE, PHANTOM_CACHE
from tricorder.report_extra import require_report_extra
from tricorder.source_option import SourceChoice, source_options
from tricorder.terminal import progress_bar, say, say_left_out
from tricorder.train import found_performance
from tricorder.training_extra import require_training_extra

if TYPE_CHECKING:
    from export.recalibrated import RecalibratedModel, SiteStudies
    from training.datasets import DataSource

_FINDINGS: dict[str, ImageSpec] = {
    name: spec
    for name, spec in SPECS.items()
    if isinstance(spec, ImageSpec) and isinstance(spec.head, FindingProbability)
}

_METHODS = {"intercept": "intercept", "intercept-and-slope": "intercept and slope"}
"""As they are typed, and as `RecalibrationMethod` has them."""

SPLIT_SEED = 0
"""Of the split that sets a tenth of the patients apart for `tricorder evaluate`."""


@dataclass(frozen=True, kw_only=True)
class _Choices(SourceChoice):
    """What to fit and how, as the options said; None where not given."""

    site: str | None
    method: str
    policy: OperatingPointPolicy | None


@click.command(
    epilog="\b\nExample:\n  tricorder recalibrate mitral_regurgitation --data manifest:own.csv --sensitivity 0.9"
)
@click.argument("model", type=click.Choice(sorted(_FINDINGS)))
@click.option(
    "--data",
    required=True,
    type=DataType(fewest_phantoms=FEWEST_TRAINING_PHANTOMS),
    help="Studies of the site with known truth, which the weights have not seen: manifest:FILE.csv, nih:FOLDER, "
    "jsrt:FOLDER, or phantoms:COUNT.",
)
@click.option(
    "--site",
    type=click.Choice([site.value for site in Site]),
    help="Where phantoms were examined; at A they are those that chose the operating point of committed weights.  "
    "[default: B, of which committed weights have seen nothing]",
)
@click.option(
    "--method",
    type=click.Choice(sorted(_METHODS)),
    default="intercept-and-slope",
    show_default=True,
    help="What is fitted: the intercept alone, for a site where only the prevalence differs or studies are few, or the "
    "slope too.",
)
@point_options
@source_options("to recalibrate, which is copied along", default="the newest that is no recalibration itself")
@entry_options
def command(model: str, *, data: Phantoms | DataOnDisk, repository: Path, number: int | None, **chosen: Any) -> None:
    """Fit MODEL's probabilities to another site, and make that a new version of its entry.

    A logistic regression of the truth on the log-odds; the fit goes into the ONNX graph, in front of the probability,
    of an ensemble behind its vote. The order of studies does not change. The operating point is chosen anew on the
    same studies. Of data on disk nine tenths of the patients are used; `tricorder evaluate` on the same data takes the
    tenth that is left (of imported weights, or others that may have seen these data, with --part test), and tells what
    the recalibration is worth. The record says which version it comes from.

    Needs the train and the report extra. Nothing is written where the ONNX file is farther from the fit than the spec
    tolerates.
    """
    require_training_extra()
    require_report_extra(what="A recalibration needs")
    from evaluation.recalibration import RecalibrationMethod
    from export.recalibrated import Fitting, recalibrated
    from export.run import EntryVersion, Workplace

    choices = _Choices(**chosen)
    if choices.site is not None and not isinstance(data, Phantoms):
        raise click.UsageError("--site goes with phantoms only.")
    spec = _FINDINGS[model]
    source = choices.read(repository, spec, recalibrated=False)
    made = recalibrated(
        source,
        _studies(spec, data, source.record, site=Site(choices.site or Site.B)),
        fitting=Fitting(method=RecalibrationMethod(_METHODS[choices.method]), policy=choices.policy),
        workplace=Workplace(cache=PHANTOM_CACHE, progress=progress_bar),
    )
    record = made.write(EntryVersion(repository=repository, number=number))
    _say_fit(made)
    say(f"{model}: {found_performance(record.performance, spec.head.unit)}")
    say_parity(record, spec.head.unit)


def _studies(spec: ImageSpec, data: Phantoms | DataOnDisk, weights: WeightsRecord, *, site: Site) -> "SiteStudies":
    from export.recalibrated import SiteStudies
    from training.phantom_data import prepared_phantoms
    from training.training_data import phantom_description

    if isinstance(data, DataOnDisk):
        return _studies_on_disk(spec, data, weights)
    with progress_bar() as bar:
        part = prepared_phantoms(Part.VALIDATION, spec, count=data.count, cache=PHANTOM_CACHE, progress=bar, site=site)
    return SiteStudies(
        name=part.name,
        used=part.name,
        description=phantom_description(spec.recipe),
        phantoms=True,
        seed=part.seed,
        parts=(part,),
        seen_patients_sha256=None,
    )


def _studies_on_disk(spec: ImageSpec, data: DataOnDisk, weights: WeightsRecord) -> "SiteStudies":
    from export.recalibrated import SiteStudies
    from training.datasets import (
        DataSetKind,
        DataSource,
        ImagePreparation,
        prepared_data_set,
        radiograph_recipe,
        target_of,
    )

    source = DataSource(kind=DataSetKind(data.kind), path=data.path)
    maybe_seen = _maybe_seen(spec, source, weights)
    with progress_bar() as bar:
        preparation = ImagePreparation(recipe=radiograph_recipe(spec), cache=DATA_CACHE, progress=bar)
        found = prepared_data_set(source, target_of(spec), preparation, seed=SPLIT_SEED)
    say_left_out(found.left_out)
    return SiteStudies(
        name=found.name,
        used=f"{found.name}, training and validation part{maybe_seen}",
        description=found.description,
        phantoms=False,
        seed=SPLIT_SEED,
        parts=(found.training, found.validation),
        seen_patients_sha256=found.seen_patients_sha256,
    )


def _maybe_seen(spec: ImageSpec, source: "DataSource", weights: WeightsRecord) -> str:
    """Look for what the weights were fitted on, from the tables alone: preparing the images may take hours.

    Returns:
        What stands behind the name of the studies; empty where the weights have not seen any of them.

    Raises:
        NotRecalibrated: these are the data that the weights were fitted on.
    """
    from export.errors import NotRecalibrated
    from training.datasets import labeled_set, radiograph_recipe, target_of
    from tricorder.held_out import MAYBE_SEEN, is_own_split, may_have_seen

    labeled = labeled_set(source, target_of(spec), radiograph_recipe(spec))
    if is_own_split(labeled, weights.data_set):
        raise NotRecalibrated(model=spec.name, what="its weights were fitted on studies of these data")
    reason = may_have_seen(labeled, weights)
    if not reason:
        return ""
    say(
        f"The weights may have seen some of these studies: {reason}. Such studies make the fit and its figures look "
        "better than they are for other patients."
    )
    return MAYBE_SEEN


def _say_fit(made: "RecalibratedModel") -> None:
    """Print what was fitted, and the calibration before and after."""
    fit, effect = made.fit, made.effect
    slope = "" if fit.slope is None else f", slope {fit.slope}"
    say(f"Fitted on {fit.data_set} ({fit.studies} studies, {fit.positives} with the finding):")
    say(f"intercept {fit.intercept}{slope}, p {shown_p_value(fit.p_value)} for no change")
    say(
        f"Calibration there before: {_calibration(effect.before)}; after, on the studies of the fit itself: "
        f"{_calibration(effect.after)}"
    )


def _calibration(found: Calibration) -> str:
    return f"intercept {found.intercept:+.3f}, slope {found.slope:.3f}, Brier score {found.brier_score:.3f}"
