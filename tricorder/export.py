"""`tricorder export`: from trained weights to a repository entry."""

from pathlib import Path
from typing import assert_never

import click

from specs import SPECS
from specs.network import Preset
from specs.weights import FindingParity, Parity, QuantityParity
from tricorder.places import BUILD, BUILT_REPOSITORY
from tricorder.terminal import progress_bar, say
from tricorder.train import training_folder
from tricorder.training_extra import require_training_extra


@click.command(epilog="\b\nExample:\n  tricorder export mitral_regurgitation --preset paper")
@click.argument("model", type=click.Choice(sorted(SPECS)))
@click.option(
    "--preset",
    type=click.Choice([preset.value for preset in Preset]),
    default=Preset.DEMONSTRATION.value,
    show_default=True,
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a training run.  [default: build/training/MODEL-PRESET]",
)
@click.option(
    "--repository",
    type=click.Path(path_type=Path, file_okay=False),
    default=BUILT_REPOSITORY,
    show_default="build/model_repository",
)
@click.option(
    "--version", type=click.IntRange(min=1), help="Version to write, over one of that number.  [default: the next]"
)
def command(model: str, preset: str, weights: Path | None, repository: Path, version: int | None) -> None:
    """Export the trained MODEL to ONNX, compare it with PyTorch, and write its repository entry.

    Needs the train extra. Nothing is written where the ONNX file is farther from the network than the spec tolerates.
    """
    require_training_extra()
    from export.run import EntryVersion, export_model

    record = export_model(
        SPECS[model],
        Preset(preset),
        weights=weights or training_folder(model, preset),
        target=EntryVersion(repository=repository, number=version),
        cache=BUILD / "phantoms",
        progress=progress_bar,
    )
    figures = record.parity[0]
    say(f"{model} version {record.version} ({record.preset}) against PyTorch on {figures.data_set}:")
    say(_measured(figures, SPECS[model].head.unit))


def _measured(figures: Parity, unit: str) -> str:
    match figures:
        case FindingParity():
            return (
                f"largest probability shift {figures.probability_shift:.1e}, "
                f"flipped calls {figures.flipped_share:.1%}, AUC change {figures.auc_change:.1e}"
            )
        case QuantityParity():
            return (
                f"largest shift {figures.value_shift:.1e} {unit}, "
                f"change of the mean absolute error {figures.mean_absolute_error_change:.1e} {unit}"
            )
        case _:
            assert_never(figures)
