"""Tables of patients for the tests of the client, and the committed model that scores them."""

import shutil
from pathlib import Path

from phantoms import PatientCohort, write_patients
from specs.entry import CONFIG_FILE
from tests.conftest import CLONE

MODEL = "heart_failure_outcome"


def repository_with(folder: Path, *names: str) -> Path:
    """Copy entries of the committed repository into one of their own."""
    for name in names:
        shutil.copytree(CLONE / "model_repository" / name, folder / name)
        assert (folder / name / CONFIG_FILE).is_file()
    return folder


def table(folder: Path, *, count: int, seed: int = 23) -> Path:
    """Write synthetic patients that no part has."""
    return write_patients(folder / "patients.csv", PatientCohort(name="client", seed=seed, count=count))
