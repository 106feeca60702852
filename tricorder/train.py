"""`tricorder train`: fit a model."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import click

from specs import SPECS, Spec, member_specs
from specs.contract import FeatureSpec, ImageSpec
from specs.ensemble import EnsembleSpec
from specs.head import FindingProbability
from specs.model import ModelSpec, NetworkSpec
from specs.network import Preset
from specs.tabular import TabularSpec
from specs.volume import VolumeSpec
from specs.volume_figures import OrganPerformance, PerfusionPerformance
from specs.weights import FindingPerformance, OutcomePerformance, Performance, QuantityPerformance
from training.precision import PRECISIONS
from tricorder.data_option import FEWEST_TRAINING_PHANTOMS, DataType
from tricorder.places import BUILD, DATA_CACHE
from tricorder.terminal import STANDARD_ERROR, say
from tricorder.train_on_features import feature_folders, train_on_features
from tricorder.train_on_patients import train_on_patients
from tricorder.train_volumes import train_volume_model
from tricorder.training_choice import DataChoice
from tricorder.training_extra import require_training_extra

if TYPE_CHECKING:
    from training.cross_validation import CrossValidation
    from training.fit_settings import FitSettings
    from training.summary import TrainingSummary
    from training.training_data import TrainingData


@click.command(epilog="\b\nExample:\n  tricorder train mitral_regurgitation --preset paper --epochs 30")
@click.argument("model", type=click.Choice(sorted(SPECS)))
@click.option(
    "--preset",
    type=click.Choice([preset.value for preset in Preset]),
    default=Preset.DEMONSTRATION.value,
    show_default=True,
)
@click.option(
    "--data",
    type=DataType(fewest_phantoms=FEWEST_TRAINING_PHANTOMS),
    help="phantoms:COUNT, nih:FOLDER (ChestX-ray14), jsrt:FOLDER, manifest:FILE.csv.  [default: the spec's phantoms]",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    default=DATA_CACHE,
    show_default="build/data",
    help="Folder for the prepared images of data on disk, 0.1 MB each.",
)
@click.option("--folds", type=click.IntRange(min=2), help="Cross-validate: a network for each of so many folds.")
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the training part.  [default: the spec's]")
@click.option("--seed", type=int, help="Seed of split, initialization and order.  [default: the spec's]")
@click.option(
    "--balanced/--not-balanced",
    default=None,
    help="Whether studies with the finding weigh as much together as those without.  [default: the spec's]",
)
@click.option("--precision", type=click.Choice(PRECISIONS), help="Of fitting.  [default: the fastest of this machine]")
@click.option(
    "--backbone-weights",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="State dict that the backbone starts from, such as ImageNet's; paper preset.  [default: random weights]",
)
@click.option("--freeze-backbone", is_flag=True, help="Fit the classifier alone.")
@click.option(
    "--resume", is_flag=True, help="Keep what has ended in the folder; go on after the last whole epoch of the rest."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="[default: build/training/MODEL-PRESET]")
def command(model: str, preset: str, *, folds: int | None, seed: int | None, out: Path | None, **given: Any) -> None:
    """Fit MODEL, or each member of an ensemble, and measure it; leaves weights and a summary.

    Data sets on disk are split 8:1:1 by patient. A manifest is a table of one's own images: the columns path and
    patient, one with the truth (age, ejection_fraction, mitral_regurgitation, aortic_stenosis), and if known view, sex
    and age. It is checked before anything is
    trained, and every fault is listed at once. For a model of variables it is a table of patients as `tricorder score`
    takes it, with a column of outcomes. Fitting ends early where the validation part gains nothing more; its
    figure after every epoch, and the loss of every step, are in log/metrics.csv. Needs the train extra.
    `tricorder export` turns the result into a repository entry.

    With --folds, each patient is left out once, a network is fitted on the others in the folder fold-1, fold-2 and on,
    and cross_validation.json holds their figures with the mean and its 95 % interval.
    """
    declared = SPECS[model]
    _refuse_balancing_a_quantity(declared, balanced=given["balanced"])
    require_training_extra()
    if isinstance(declared, TabularSpec):
        summary, folder = train_on_patients(declared, Preset(preset), seed=seed, out=out, folds=folds, **given)
        say(f"{model}: {found_performance(summary.performance, declared.head.unit)}")
        say(f"Weights in {folder}")
        return
    if isinstance(declared, FeatureSpec):
        found, folder = train_on_features(declared, Preset(preset), seed=seed, out=out, folds=folds, **given)
        say(f"{model}: {found_performance(found, declared.head.unit)}")
        say(f"Weights in {folder}")
        return
    if isinstance(declared, VolumeSpec):
        words, folder = train_volume_model(declared, Preset(preset), seed=seed, out=out, folds=folds, **given)
        say(f"{model}: {words}")
        say(f"Weights in {folder}")
        return
    from training.plan import require_begun
    from training.sharing import with_shared_data

    networks, folders = trained_specs(declared), training_folders(declared, Preset(preset), out)
    if given["resume"]:
        require_begun(run for folder in folders.values() for run in _run_folders(folder, folds))
    seed = networks[0].training.seed if seed is None else seed
    choice = DataChoice(data=given.pop("data"), folds=folds, seed=seed, cache=given.pop("cache"))
    for spec, turns in with_shared_data(networks, choice.turns):
        settings = _settings(spec, folders[spec.name], seed=seed, **given)
        session = _Session(spec=spec, preset=Preset(preset), settings=settings)
        session.train(turns[0]) if folds is None else session.cross_validate(turns)


def _refuse_balancing_a_quantity(spec: ModelSpec, *, balanced: bool | None) -> None:
    if balanced and not isinstance(spec.head, FindingProbability):
        raise click.UsageError(f"--balanced weighs a finding; {spec.name} measures a quantity.")


def _run_folders(folder: Path, folds: int | None) -> list[Path]:
    from training.cross_validation import fold_folders

    return [folder] if folds is None else fold_folders(folder, folds)


def _settings(spec: NetworkSpec, folder: Path, *, seed: int, **given: Any) -> "FitSettings":
    """Take what the options say, and the spec's defaults for the rest."""
    from training.fit_settings import FitSettings

    defaults = {"epochs": spec.training.epochs, "balanced": spec.training.balanced}
    chosen = {name: value for name, value in given.items() if value is not None}
    return FitSettings(folder=folder, seed=seed, show_progress=STANDARD_ERROR.is_terminal, **(defaults | chosen))


@dataclass(frozen=True, kw_only=True)
class _Session:
    """One network in training, and what is said of it."""

    spec: NetworkSpec
    preset: Preset
    settings: "FitSettings"

    def train(self, data: "TrainingData") -> None:
        from training.checkpoints import LOG_FILE
        from training.run import train

        self._say(train(self.spec, self.preset, data, settings=self.settings))
        say(f"Weights and {LOG_FILE} in {self.settings.folder}")

    def cross_validate(self, turns: tuple["TrainingData", ...]) -> None:
        from training.cross_validation import RECORD_FILE, cross_validate

        found = cross_validate(self.spec, self.preset, turns, settings=self.settings, report=self._say)
        say(f"{self.spec.name}: {mean_of_folds(found)}")
        say(f"{RECORD_FILE} and the folders of {len(turns)} folds in {self.settings.folder}")

    def _say(self, summary: "TrainingSummary") -> None:
        say(f"{self.spec.name}: {found_performance(summary.performance, self.spec.head.unit)}")


def mean_of_folds(found: "CrossValidation") -> str:
    """Say in one line what the networks of all folds found."""
    unit = "" if found.unit == "1" else f" {found.unit}"
    return (
        f"mean {found.figure} {found.mean.estimate:.3f}{unit} (95 % CI {found.mean.lower:.3f}–{found.mean.upper:.3f}, "
        f"Student's t over {len(found.folds)} folds)"
    )


def found_performance(performance: Performance, unit: str) -> str:
    """Say in one line what weights are worth; `unit` is the head's."""
    match performance:
        case FindingPerformance():
            auc = performance.discrimination
            return (
                f"AUC {auc.auc:.3f} (95 % CI {auc.auc_lower:.3f}–{auc.auc_upper:.3f}) on {auc.data_set}, "
                f"operating point {performance.operating_point.threshold:.3f}"
            )
        case QuantityPerformance():
            return f"Mean absolute error {performance.mean_absolute_error:.2f} {unit} on {performance.data_set}"
        case OutcomePerformance():
            aucs = (
                f"{outcome.outcome} by {figures.classifier} {outcome.discrimination.auc:.3f}"
                for figures in performance.classifiers
                for outcome in figures.outcomes
            )
            return f"AUC of {', '.join(aucs)} on {performance.data_set}"
        case PerfusionPerformance():
            return (
                f"Segments {performance.segment_error_percent:.1f} % from PET (SPECT "
                f"{performance.spect_segment_error_percent:.1f} %) on {performance.data_set}"
            )
        case OrganPerformance():
            found = ", ".join(f"{organ.organ} {organ.dice:.3f}" for organ in performance.dice)
            return f"Dice {found} on {performance.data_set}"
        case _:
            assert_never(performance)


def trained_specs(spec: ImageSpec) -> tuple[NetworkSpec, ...]:
    """Return the networks that a model is made of: itself, or the members of an ensemble."""
    match spec:
        case NetworkSpec():
            return (spec,)
        case EnsembleSpec():
            return member_specs(spec)
        case _:
            assert_never(spec)


def training_folders(spec: Spec, preset: Preset, chosen: Path | None) -> dict[str, Path]:
    """Return where the training runs of a model leave their files, by the name of each network.

    Args:
        spec: The model.
        preset: Which size of the network.
        chosen: A folder named by the user; members of an ensemble get a folder each in it.
    """
    if isinstance(spec, FeatureSpec):
        return feature_folders(spec, preset, chosen)
    if chosen is not None and isinstance(spec, EnsembleSpec):
        return {own.name: chosen / own.name for own in trained_specs(spec)}
    names = [own.name for own in trained_specs(spec)] if isinstance(spec, EnsembleSpec) else [spec.name]
    return {name: chosen or BUILD / "training" / f"{name}-{preset}" for name in names}
