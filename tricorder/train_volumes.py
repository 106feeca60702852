"""`tricorder train` of a model that answers with a volume: on phantoms."""

from pathlib import Path
from typing import Any

import click

from specs.network import Preset
from specs.volume import VolumeSpec
from tricorder.data_option import Phantoms
from tricorder.places import BUILD, PHANTOM_CACHE
from tricorder.terminal import STANDARD_ERROR, progress_bar

_TAKEN = ("data", "cache", "epochs", "precision", "resume")
"""Options that mean such a network too."""


def train_volume_model(
    spec: VolumeSpec, preset: Preset, *, seed: int | None, out: Path | None, folds: int | None, **given: Any
) -> tuple[str, Path]:
    """Fit a model that answers with a volume, or one a fold; returns what was found in words, and the folder.

    Args:
        spec: The model.
        preset: Which size of the network.
        seed: Of initialization, order and slices; None for the spec's.
        out: The folder; None for the usual one.
        folds: Of a cross-validation by patient; None for one split.
        given: The other options; None or False where not given.

    Raises:
        click.UsageError: an option is one of radiographs, or the data are no phantoms.
    """
    for name, value in given.items():
        if name not in _TAKEN and value not in {None, False}:
            raise click.UsageError(f"--{name.replace('_', '-')} does not go with {spec.name}.")
    data = given["data"] or Phantoms(count=spec.training.phantoms)
    if not isinstance(data, Phantoms):
        raise click.UsageError(f"{spec.name} is trained on phantoms:COUNT.")
    return _trained(
        spec, preset, data.count, seed=seed, folder=out or volume_folder(spec, preset), folds=folds, **given
    )


def volume_folder(spec: VolumeSpec, preset: Preset) -> Path:
    """Return where a run leaves its files, where nothing else is said."""
    return BUILD / "training" / f"{spec.name}-{preset}"


def _trained(
    spec: VolumeSpec, preset: Preset, phantoms: int, *, folder: Path, folds: int | None, **given: Any
) -> tuple[str, Path]:
    from training.cross_validation import cross_validate_volumes
    from training.fit_settings import FitSettings
    from training.volume_data import phantom_volume_data, phantom_volume_folds
    from training.volume_run import train_volumes
    from tricorder.train import found_performance, mean_of_folds

    chosen = {name: value for name in ("epochs", "seed", "precision") if (value := given[name]) is not None}
    defaults = {"epochs": spec.training.epochs, "seed": spec.training.seed}
    settings = FitSettings(
        folder=folder,
        balanced=False,
        show_progress=STANDARD_ERROR.is_terminal,
        resume=given["resume"],
        **(defaults | chosen),
    )
    if folds is None:
        data = phantom_volume_data(spec, phantoms=phantoms, cache=PHANTOM_CACHE, progress=progress_bar)
        summary = train_volumes(spec, preset, data, settings=settings)
        return found_performance(summary.performance, spec.head.unit), folder
    turns = phantom_volume_folds(spec, phantoms=phantoms, folds=folds, cache=PHANTOM_CACHE, progress=progress_bar)
    return mean_of_folds(cross_validate_volumes(spec, preset, turns, settings=settings)), folder
