"""Evaluations in this process: committed weights under specs as a test wants them, and what a run leaves."""

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from evaluation.finding_report import FindingReport
from export.entry import render_config
from phantoms import Grade, radiograph_phantom
from specs.classifier import ClassifierSpec
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.weights import DataSet, WeightsRecord
from tests.conftest import CLONE
from tests.training.datasets.layouts import write_manifest
from tricorder.command_line import tricorder

MODEL = MITRAL_REGURGITATION.name
HERE = ("--in-process", "--readers", "0", "--json")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What an evaluation printed, and the folder that it left."""

    stdout: str
    folder: Path

    @property
    def report(self) -> FindingReport:
        return FindingReport.from_json(self.stdout)

    @property
    def answers(self) -> list[dict[str, str]]:
        with (self.folder / "answers.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def pictures(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in self.folder.glob("*.png")}


def evaluate(repository: Path, *arguments: object, model: str = MODEL) -> Result:
    """Run the command in this process."""
    command = ["evaluate", model, *HERE, "--repository", str(repository), *map(str, arguments)]
    return CliRunner().invoke(tricorder, command)


def evaluated(repository: Path, folder: Path, *arguments: object, model: str = MODEL) -> Run:
    """Run the command, which must succeed, and leave its results in a folder."""
    result = evaluate(repository, *arguments, "--out", folder, model=model)
    assert result.exception is None, result.exception
    return Run(stdout=result.stdout, folder=folder)


def asked_for(column: str) -> NetworkSpec:
    """Return the finding model's spec with its truth in another column."""
    truth = MITRAL_REGURGITATION.truth.model_copy(update={"column": column})
    return MITRAL_REGURGITATION.model_copy(update={"truth": truth})


def write_committed(repository: Path, spec: NetworkSpec | ClassifierSpec, *, fitted_on: DataSet | None = None) -> Path:
    """Write the committed entry of a model with another spec, or as if its weights were fitted on other data."""
    entry = repository / spec.name
    shutil.copytree(CLONE / "model_repository" / spec.name, entry)
    if fitted_on is not None:
        file = entry / "1" / "weights.json"
        record = WeightsRecord.from_json(file.read_text(encoding="utf-8"))
        changed = record.model_copy(update={"data_set": fitted_on, "demonstration": False})
        file.write_text(changed.readable_json(), encoding="utf-8")
    render_config(entry, spec)
    return repository


def write_phantom_manifest(folder: Path, *, count: int = 8) -> Path:
    """Write severe and healthy phantoms as a user's own files, then one broken, one lateral and one unlabeled."""
    rows: list[dict[str, object]] = []
    for number in range(count + 3):
        grade = Grade.SEVERE if number % 2 else Grade.NONE
        phantom = radiograph_phantom(seed=5, index=number, mitral_regurgitation=grade)
        known = {"sex": phantom.truth.sex.value, "age": phantom.truth.age_years, "view": phantom.truth.projection.value}
        truth = "" if number == count + 2 else int(grade.positive)
        rows.append({"path": f"TANAKA{number}.dcm", "patient": f"TANAKA {number}", MODEL: truth, **known})
        ds = phantom.dataset()
        if number == count + 1:
            ds.ViewPosition = "LL"
        ds.save_as(folder / f"TANAKA{number}.dcm", enforce_file_format=True)
    broken = folder / f"TANAKA{count}.dcm"
    broken.write_bytes(broken.read_bytes()[:50_000])
    return write_manifest(folder, rows, images=False)
