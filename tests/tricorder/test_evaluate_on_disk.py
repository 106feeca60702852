"""`tricorder evaluate` on data sets laid out as the published ones, and on a user's own files."""

import subprocess
from pathlib import Path

import pytest

from evaluation.errors import HeldOutUnknown, TooFewStudies
from evaluation.finding_report import FindingReport
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.weights import DataSet
from tests.training.datasets.layouts import nih_row, write_jsrt, write_nih, write_nih_images
from tests.tricorder.evaluations import (
    HERE,
    MODEL,
    asked_for,
    evaluate,
    evaluated,
    write_committed,
    write_phantom_manifest,
)
from tests.tricorder.light import run_light
from training.datasets import split_patients
from training.datasets.nih import read_nih
from training.datasets.targets import Finding

SEED = 3


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_committed(tmp_path_factory.mktemp("committed"), MITRAL_REGURGITATION)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_phantom_manifest(tmp_path_factory.mktemp("own"))


def evaluate_light(repository: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command as in the client's light environment."""
    return run_light("evaluate", MODEL, *HERE, "--repository", repository, *arguments)


def test_a_manifest_is_measured_in_the_light_environment_and_names_no_patient(repository: Path, manifest: Path) -> None:
    done = evaluate_light(repository, "--data", f"manifest:{manifest}")
    assert done.returncode == 0, done.stderr
    report = FindingReport.from_json(done.stdout)
    assert (report.data_set, report.studies, report.positives) == ("manifest, all images", 8, 4)
    assert sorted(report.details.left_out.values()) == [1, 1, 1]
    reasons = "\n".join(report.details.left_out)
    for reason in ("the cell mitral_regurgitation is empty", "not eligible: view position is LL", "cut short"):
        assert reason in reasons
    assert report.counts.true_positive > report.counts.false_positive
    assert report.details.grades is None
    assert report.details.maps is None
    assert {row.characteristic for row in report.details.subgroups} == {"sex", "age in years", "view"}
    assert "TANAKA" not in done.stdout + done.stderr


@pytest.mark.parametrize("option", ["--out", "--baseline"])
def test_what_needs_the_report_extra_is_refused_with_the_remedy(repository: Path, tmp_path: Path, option: str) -> None:
    value = tmp_path / "out" if option == "--out" else 64
    done = evaluate_light(repository, "--data", "phantoms:20", option, value)
    assert done.returncode == 8
    assert "pip install" in done.stderr
    assert "[report]" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_table_of_answers_names_lines_and_no_patient(repository: Path, manifest: Path, tmp_path: Path) -> None:
    run = evaluated(repository, tmp_path / "out", "--data", f"manifest:{manifest}")
    assert [row["study"] for row in run.answers] == [f"line {line}" for line in range(2, 10)]
    assert all("TANAKA" not in file.read_text("latin-1") for file in run.folder.iterdir())


def nih_folder(folder: Path, *, patients: int = 60) -> DataSet:
    """Write a data set of which only the test part has images that can be read; return what a training run records."""
    rows = [nih_row(patient, 0, findings="Cardiomegaly" if patient % 2 else "Mass") for patient in range(patients)]
    write_nih(folder, rows)
    (folder / "images").mkdir()
    for row in rows:
        (folder / "images" / row.partition(",")[0]).touch()
    split = split_patients(read_nih(folder, Finding(column="cardiomegaly")).examples, seed=SEED)
    held_out = {example.name for example in split.test}
    for name in held_out:
        (folder / "images" / name).unlink()
    write_nih_images(folder, [row for row in rows if row.partition(",")[0] in held_out])
    return DataSet(
        name="NIH ChestX-ray14",
        description="a test's",
        training_studies=len(split.training),
        validation_studies=len(split.validation),
        seed=SEED,
        seen_patients_sha256=split.seen_patients_sha256,
    )


def test_weights_are_measured_on_the_tenth_that_their_training_held_out(tmp_path: Path) -> None:
    fitted_on = nih_folder(tmp_path / "nih")
    repository = write_committed(tmp_path / "repository", asked_for("cardiomegaly"), fitted_on=fitted_on)
    report = evaluated(repository, tmp_path / "test", "--data", f"nih:{tmp_path / 'nih'}").report
    assert (report.data_set, report.studies) == ("NIH ChestX-ray14, test part", 6)
    assert report.details.left_out == {}
    every = evaluated(repository, tmp_path / "all", "--data", f"nih:{tmp_path / 'nih'}", "--part", "all").report
    assert (every.data_set, every.studies) == ("NIH ChestX-ray14, all images, those of training among them", 6)
    assert list(every.details.left_out.values()) == [54]


def test_a_data_set_that_changed_after_training_is_not_measured_unless_the_part_is_said(tmp_path: Path) -> None:
    fitted_on = nih_folder(tmp_path / "nih")
    repository = write_committed(tmp_path / "repository", asked_for("cardiomegaly"), fitted_on=fitted_on)
    min((tmp_path / "nih" / "images").iterdir()).unlink()
    refused = evaluate(repository, "--data", f"nih:{tmp_path / 'nih'}")
    assert isinstance(refused.exception, HeldOutUnknown)
    report = evaluated(repository, tmp_path / "all", "--data", f"nih:{tmp_path / 'nih'}", "--part", "all").report
    assert report.data_set.endswith("perhaps some of training among them")


def test_the_jsrt_images_go_the_way_of_a_user_s_own_and_broken_ones_are_counted(tmp_path: Path) -> None:
    repository = write_committed(tmp_path / "repository", asked_for("nodule"))
    write_jsrt(tmp_path / "JSRT", nodules=3, non_nodules=3)
    (tmp_path / "JSRT" / "NonNodule93images" / "JPCNN003.IMG").write_bytes(b"short")
    run = evaluated(repository, tmp_path / "out", "--data", f"jsrt:{tmp_path / 'JSRT'}")
    report = run.report
    assert (report.data_set, report.studies, report.positives) == ("JSRT, all images", 5, 3)
    ((reason, images),) = report.details.left_out.items()
    assert (images, "another size" in reason) == (1, True)
    names = ["JPCLN001.IMG", "JPCLN002.IMG", "JPCLN003.IMG", "JPCNN001.IMG", "JPCNN002.IMG"]
    assert [row["study"] for row in run.answers] == names
    assert len({row["value"] for row in run.answers}) == 5
    unknown = [row for row in report.details.subgroups if row.group == "not known"]
    assert [(row.characteristic, row.studies) for row in unknown] == [("age in years", 1)]


def test_too_few_images_of_a_kind_say_what_was_left_out(repository: Path, tmp_path: Path) -> None:
    manifest = write_phantom_manifest(tmp_path, count=3)
    refused = evaluate(repository, "--data", f"manifest:{manifest}")
    assert isinstance(refused.exception, TooFewStudies)
    assert "1 with the finding and 2 without" in str(refused.exception)
    assert "the cell mitral_regurgitation is empty (1)" in str(refused.exception)
