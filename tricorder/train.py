"""`tricorder train`: fit a model."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

import click

from specs import SPECS, Spec, member_specs
from specs.contract import ImageSpec
from specs.ensemble import EnsembleSpec
from specs.model import NetworkSpec
from specs.network import Preset
from specs.tabular import TabularSpec
from specs.weights import FindingPerformance, OutcomePerformance, Performance, QuantityPerformance
from tricorder.data_option import DataOnDisk, DataType, Phantoms
from tricorder.places import BUILD
from tricorder.terminal import STANDARD_ERROR, progress_bar, say
from tricorder.training_extra import require_training_extra

if TYPE_CHECKING:
    from training.run import TrainingData


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
    type=DataType(fewest_phantoms=64),
    help="phantoms:COUNT, nih:FOLDER (ChestX-ray14), jsrt:FOLDER, manifest:FILE.csv.  [default: the spec's phantoms]",
)
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the training part.  [default: the spec's]")
@click.option("--seed", type=int, help="Seed of initialization and order.  [default: the spec's]")
@click.option(
    "--backbone-weights",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="State dict that the backbone starts from, such as ImageNet's; paper preset.  [default: random weights]",
)
@click.option("--freeze-backbone", is_flag=True, help="Fit the classifier alone.")
@click.option("--resume", is_flag=True, help="Go on after the last whole epoch of a run that ended early.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="[default: build/training/MODEL-PRESET]")
def command(
    model: str,
    preset: str,
    *,
    data: Phantoms | DataOnDisk | None,
    epochs: int | None,
    seed: int | None,
    out: Path | None,
    **start: Any,
) -> None:
    """Fit MODEL, or each member of an ensemble, and measure it; leaves weights and a summary.

    Data sets on disk are split 8:1:1 by patient. A manifest is a table of one's own images: the columns path and
    patient, one named like the model with its truth, and if known view, sex and age. It is checked before anything is
    trained, and every fault is listed at once. For a model of variables it is a table of patients as `tricorder score`
    takes it, with a column of outcomes. Needs the train extra. `tricorder export` turns the result into a
    repository entry.
    """
    require_training_extra()
    wanted = SPECS[model]
    if isinstance(wanted, TabularSpec):
        if epochs is not None or any(start.values()):
            raise click.UsageError("--epochs, --backbone-weights, --freeze-backbone and --resume are of networks.")
        train_on_patients(wanted, Preset(preset), data, seed=seed, out=out)
        return
    from training.fitting import FitSettings
    from training.run import train

    folders = training_folders(wanted, Preset(preset), out)
    for spec in trained_specs(wanted):
        used_seed = spec.training.seed if seed is None else seed
        summary = train(
            spec,
            Preset(preset),
            _training_data(spec, data or Phantoms(count=spec.training.phantoms), seed=used_seed),
            settings=FitSettings(
                epochs=epochs or spec.training.epochs,
                seed=used_seed,
                folder=folders[spec.name],
                show_progress=STANDARD_ERROR.is_terminal,
                **start,
            ),
        )
        say(f"{spec.name}: {_found(summary.performance, spec.head.unit)}")
        say(f"Weights in {folders[spec.name]}")


def _training_data(spec: NetworkSpec, data: Phantoms | DataOnDisk, *, seed: int) -> "TrainingData":
    from training.datasets import DataSetKind, DataSource, prepared_data_set, target_of
    from training.run import TrainingData, phantom_training_data

    if isinstance(data, Phantoms):
        return phantom_training_data(spec, phantoms=data.count, cache=BUILD / "phantoms", progress=progress_bar)
    with progress_bar() as bar:
        found = prepared_data_set(
            DataSource(kind=DataSetKind(data.kind), path=data.path),
            target_of(spec),
            spec.recipe,
            seed=seed,
            cache=BUILD / "data",
            progress=bar,
        )
    for reason, images in found.left_out.items():
        say(f"Left out: {images} images: {reason}")
    return TrainingData(
        name=found.name,
        description=found.description,
        demonstration=False,
        seed=seed,
        training=found.training,
        validation=found.validation,
    )


def _found(performance: Performance, unit: str) -> str:
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
        case _:
            assert_never(performance)


def train_on_patients(
    spec: TabularSpec, preset: Preset, data: Phantoms | DataOnDisk | None, *, seed: int | None, out: Path | None
) -> None:
    """Fit a model of variables, on synthetic patients or on a table of one's own.

    Raises:
        click.BadParameter: a data set of images.
    """
    from training.patient_data import patients_of_table, synthetic_patients
    from training.tabular_run import train_tabular

    if isinstance(data, DataOnDisk) and data.kind != "manifest":
        raise click.BadParameter(f"{spec.name} is trained on phantoms:COUNT or manifest:FILE", param_hint="--data")
    used_seed = spec.training.seed if seed is None else seed
    if isinstance(data, DataOnDisk):
        patients = patients_of_table(spec, data.path, seed=used_seed)
    else:
        patients = synthetic_patients(spec, count=data.count if data else spec.training.phantoms)
    folder = training_folders(spec, preset, out)[spec.name]
    summary = train_tabular(spec, preset, patients, seed=used_seed, folder=folder)
    say(f"{spec.name}: {_found(summary.performance, spec.head.unit)}")
    say(f"Weights in {folder}")


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
    names = [own.name for own in trained_specs(spec)] if isinstance(spec, EnsembleSpec) else [spec.name]
    if chosen is None:
        return {name: BUILD / "training" / f"{name}-{preset}" for name in names}
    if not isinstance(spec, EnsembleSpec):
        return {spec.name: chosen}
    return {name: chosen / name for name in names}
