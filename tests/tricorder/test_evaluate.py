"""`tricorder evaluate` on phantoms, and what it leaves in a folder."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from evaluation.discrimination import area_under_roc
from evaluation.quantity_report import QuantityReport
from specs.ejection_fraction import EJECTION_FRACTION
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from tests.tricorder.evaluations import Run, evaluate, evaluated, write_committed, write_phantom_manifest
from tricorder.command_line import tricorder


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed weights of a finding and of a quantity."""
    folder = tmp_path_factory.mktemp("committed")
    for spec in (MITRAL_REGURGITATION, EJECTION_FRACTION):
        write_committed(folder, spec)
    return folder


@pytest.fixture(scope="module")
def run(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    options = ("--data", "phantoms:24", "--site", "B", "--baseline", 64)
    return evaluated(repository, tmp_path_factory.mktemp("run"), *options)


def test_phantoms_are_measured_by_grade_with_maps_and_thumbnails(run: Run) -> None:
    report = run.report
    details = report.details
    assert report.data_set == "phantom radiographs, test, site B 0-23"
    assert details.left_out == {}
    assert details.grades is not None
    assert sum(row.studies for row in details.grades.groups[1:]) == report.positives
    called = report.counts.true_positive + report.counts.false_positive
    assert sum(row.positive_calls for row in details.grades.groups) == called
    for characteristic in ("sex", "age in years", "view"):
        rows = [row for row in details.subgroups if row.characteristic == characteristic]
        assert (sum(row.studies for row in rows), sum(row.positives for row in rows)) == (24, report.positives)
    assert details.maps is not None
    assert details.maps.regions == ("left_atrium",)
    assert all(row.expected is None or 0 < row.expected < 0.1 for row in details.maps.groups)
    assert details.baseline is not None
    assert details.baseline.training_studies == 64
    assert details.baseline.comparison.first == report.auc
    assert details.baseline.comparison.second != report.auc


def test_the_folder_holds_report_pictures_and_answers_to_redo_the_figures(run: Run) -> None:
    assert (run.folder / "report.json").read_text(encoding="utf-8") == run.stdout
    assert run.pictures.keys() == {"roc.png", "calibration.png", "confusion.png", "decision_curve.png"}
    assert list(run.answers[0]) == ["study", "truth", "value"]
    assert [row["study"] for row in run.answers] == [str(index) for index in range(24)]
    truth, values = (np.array([float(row[column]) for row in run.answers]) for column in ("truth", "value"))
    assert area_under_roc(truth > 0, values) == run.report.auc


def test_other_data_give_other_pictures(run: Run, repository: Path, tmp_path: Path) -> None:
    own = write_phantom_manifest(tmp_path, count=4)
    other = evaluated(repository, tmp_path / "out", "--data", f"manifest:{own}")
    assert other.pictures.keys() == run.pictures.keys()
    assert all(other.pictures[name] != run.pictures[name] for name in run.pictures)


def test_a_quantity_has_its_own_pictures_in_place_of_an_earlier_run_s(repository: Path, tmp_path: Path) -> None:
    for name in ("roc.png", "of_the_user.png"):
        (tmp_path / name).write_bytes(b"")
    run = evaluated(repository, tmp_path, "--data", "phantoms:20", model=EJECTION_FRACTION.name)
    report = QuantityReport.from_json(run.stdout)
    assert run.pictures.keys() == {"scatter.png", "bland_altman.png", "of_the_user.png"}
    assert report.details.maps is not None
    assert sum(row.studies for row in report.details.maps.groups) == 20
    assert report.details.baseline is None


@pytest.mark.parametrize(
    ("data", "option", "kind"),
    [
        ("phantoms:20", ("--part", "test"), "data on disk"),
        ("phantoms:20", ("--seed", "0"), "data on disk"),
        ("manifest:README.md", ("--site", "A"), "phantoms"),
        ("manifest:README.md", ("--baseline", "64"), "phantoms"),
    ],
)
def test_an_option_of_the_other_kind_of_data_is_refused(
    repository: Path, data: str, option: tuple[str, ...], kind: str
) -> None:
    result = evaluate(repository, "--data", data, *option)
    assert result.exit_code == 2
    assert f"{option[0]} goes with {kind} only" in result.output


def test_the_help_says_what_is_measured_of_volumes_and_on_which_data() -> None:
    text = " ".join(CliRunner().invoke(tricorder, ["evaluate", "--help"]).output.split())
    for words in ("the values of the 17 segments", "Dice", "virtual_pet and mibg_organs, take phantoms alone"):
        assert words in text


def test_the_help_says_what_keeps_training_images_out() -> None:
    text = " ".join(CliRunner().invoke(tricorder, ["evaluate", "--help"]).output.split())
    assert "No figure is of patients that the weights were fitted on, unless --part is said" in text
