"""`tricorder train` of a model of features, alone or with its members: on phantoms."""

from pathlib import Path
from typing import Any

import click

from specs import stacked_classifiers
from specs.classifier import ClassifierSpec
from specs.contract import FeatureSpec
from specs.network import Preset
from specs.stacking import StackedSpec
from specs.weights import Performance
from tricorder.data_option import Phantoms
from tricorder.places import BUILD, PHANTOM_CACHE
from tricorder.terminal import progress_bar

_PARITY_STUDIES = 500
_OF_ALL_MODELS = ("data", "cache")
"""Options that do not mean a network."""


def train_on_features(
    spec: FeatureSpec, preset: Preset, *, seed: int | None, out: Path | None, **given: Any
) -> tuple[Performance, Path]:
    """Fit a model of features; returns what it is worth and the folder that holds its files.

    Args:
        spec: The model; one of two stages is fitted with its members.
        preset: Only a name: such a model has one size.
        seed: Of trees and folds; None for the spec's.
        out: The folder; None for the usual one. Of a model of two stages it holds a folder for each run.
        given: The other options; None or False where not given.

    Raises:
        click.UsageError: an option is one of networks, or the data are no phantoms.
    """
    from phantoms import Part
    from training.feature_data import phantom_features, phantom_part
    from training.feature_run import FeatureRun

    for name, value in given.items():
        if name not in _OF_ALL_MODELS and value not in {None, False}:
            raise click.UsageError(f"--{name.replace('_', '-')} is an option of networks; {spec.name} is none.")
    data = given["data"] or Phantoms(count=spec.training.phantoms)
    if not isinstance(data, Phantoms):
        raise click.UsageError(f"{spec.name} is trained on phantoms:COUNT.")
    features = phantom_features(spec.recipe, count=data.count, cache=PHANTOM_CACHE, progress=progress_bar)
    with progress_bar() as bar:
        parity = phantom_part(Part.PARITY, spec.recipe, count=_PARITY_STUDIES, cache=PHANTOM_CACHE, progress=bar)
    run = FeatureRun(data=features, parity=parity, preset=preset, seed=spec.training.seed if seed is None else seed)
    folders = feature_folders(spec, preset, out)
    if isinstance(spec, ClassifierSpec):
        _, summary = run.train_classifier(spec, folders[spec.name])
    else:
        summary = run.train_stack(spec, stacked_classifiers(spec), folders)
    return summary.performance, folders[spec.name]


def feature_folders(spec: FeatureSpec, preset: Preset, chosen: Path | None) -> dict[str, Path]:
    """Return where the runs of a model leave their files, by the name of each model."""
    members = spec.members if isinstance(spec, StackedSpec) else ()
    names = [*(member.model for member in members), spec.name]
    if chosen is None:
        return {name: BUILD / "training" / f"{name}-{preset}" for name in names}
    return {name: chosen / name for name in names} if members else {spec.name: chosen}
