"""`tricorder export`: from trained weights to a repository entry."""

from pathlib import Path

import click

from specs import SPECS
from specs.network import Preset
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
    say(
        f"largest probability shift {figures.probability_shift:.1e}, flipped calls {figures.flipped_share:.1%}, "
        f"AUC change {figures.auc_change:.1e}"
    )
