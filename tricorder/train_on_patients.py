"""`tricorder train` of a model of variables: on synthetic patients, or on a table of one's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from specs.network import Preset
from specs.tabular import TabularSpec
from tricorder.data_option import DataOnDisk, Phantoms
from tricorder.places import BUILD

if TYPE_CHECKING:
    from training.summary import TrainingSummary

_OF_ALL_MODELS = ("data", "cache")
"""Options that do not mean a network."""


def train_on_patients(
    spec: TabularSpec, preset: Preset, *, seed: int | None, out: Path | None, **given: Any
) -> tuple["TrainingSummary", Path]:
    """Fit a model of variables; returns its summary and the folder that holds its files.

    Args:
        spec: The model.
        preset: Only a name: such a model has one size.
        seed: Of the forest and of the split; None for the spec's.
        out: The folder; None for the usual one.
        given: The other options; None or False where not given.

    Raises:
        click.UsageError: an option is one of networks, or the data are images.
    """
    from training.patient_data import patients_of_table, synthetic_patients
    from training.tabular_run import train_tabular

    for name, value in given.items():
        if name not in _OF_ALL_MODELS and value not in {None, False}:
            raise click.UsageError(f"--{name.replace('_', '-')} is an option of networks; {spec.name} is none.")
    data: Phantoms | DataOnDisk = given["data"] or Phantoms(count=spec.training.phantoms)
    used_seed = spec.training.seed if seed is None else seed
    if isinstance(data, Phantoms):
        patients = synthetic_patients(spec, count=data.count)
    elif data.kind == "manifest":
        patients = patients_of_table(spec, data.path, seed=used_seed)
    else:
        raise click.UsageError(f"{spec.name} is trained on phantoms:COUNT or manifest:FILE.")
    folder = out or BUILD / "training" / f"{spec.name}-{preset}"
    return train_tabular(spec, preset, patients, seed=used_seed, folder=folder), folder
