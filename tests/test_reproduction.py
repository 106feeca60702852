"""Models made anew are told apart from the committed ones by more than their tolerance, and by nothing less."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.reproduction import AUC_TOLERANCE, ERROR_TOLERANCE, RECORDS, reproduction
from tests.conftest import CLONE

NEW_DIGEST = "0" * 64


@pytest.fixture
def remade(tmp_path: Path) -> Path:
    """Return a folder with the committed records, for a test to change."""
    folder = tmp_path / "remade"
    folder.mkdir()
    for file in RECORDS.glob("evaluation-*.json"):
        shutil.copy(file, folder)
    return folder


def change(file: Path, *, keys: tuple[str | int, ...], by: float) -> float:
    """Give a record another contract and add to one of its figures, which is returned as it was."""
    record = json.loads(file.read_text(encoding="utf-8"))
    record["contract_sha256"] = NEW_DIGEST
    place = record
    for key in keys[:-1]:
        place = place[key]
    committed = float(place[keys[-1]])
    place[keys[-1]] = committed + by
    file.write_text(json.dumps(record), encoding="utf-8")
    return committed


def test_models_that_were_not_made_anew_are_left_out(remade: Path) -> None:
    assert not list(reproduction(RECORDS, remade))


@pytest.mark.parametrize(("by", "is_tolerated"), [(-0.9, True), (0.9, True), (1.1, False), (-1.1, False)])
def test_an_auc_is_reproduced_within_its_tolerance(remade: Path, by: float, is_tolerated: bool) -> None:
    change(remade / "evaluation-aortic_stenosis.json", keys=("auc", "estimate"), by=by * AUC_TOLERANCE)
    (figure,) = reproduction(RECORDS, remade)
    assert figure.model == "aortic_stenosis"
    assert figure.is_tolerated is is_tolerated


@pytest.mark.parametrize(("by", "is_tolerated"), [(0.9, True), (1.1, False)])
def test_an_error_is_reproduced_within_a_share_of_itself(remade: Path, by: float, is_tolerated: bool) -> None:
    file, keys = remade / "evaluation-xray_age-site_b.json", ("agreement", "mean_absolute_error", "estimate")
    committed = change(file, keys=keys, by=0.0)
    change(file, keys=keys, by=by * ERROR_TOLERANCE * committed)
    (figure,) = reproduction(RECORDS, remade)
    assert figure.figure == "mean absolute error (years)"
    assert figure.is_tolerated is is_tolerated


def test_every_outcome_of_every_classifier_is_compared(remade: Path) -> None:
    keys = ("performance", "classifiers", 1, "outcomes", 0, "discrimination", "auc")
    change(remade / "evaluation-heart_failure_outcome.json", keys=keys, by=-2 * AUC_TOLERANCE)
    figures = list(reproduction(RECORDS, remade))
    assert len(figures) == 6
    assert [figure.is_tolerated for figure in figures] == [True, True, True, False, True, True]


def test_records_of_another_set_are_not_compared(remade: Path) -> None:
    change(remade / "evaluation-aortic_stenosis.json", keys=("auc", "estimate"), by=0)
    shutil.copy(remade / "evaluation-aortic_stenosis.json", remade / "evaluation-aortic_stenosis-site_b.json")
    with pytest.raises(ValueError, match="another set"):
        list(reproduction(RECORDS, remade))


def test_the_command_fails_where_a_figure_is_beyond_its_tolerance(remade: Path, tmp_path: Path) -> None:
    change(remade / "evaluation-aortic_stenosis.json", keys=("auc", "estimate"), by=-2 * AUC_TOLERANCE)
    out = tmp_path / "reproduction.json"
    command = [sys.executable, "-m", "benchmarks", "reproduction", "--committed", str(RECORDS), "--remade", str(remade)]
    ended = subprocess.run([*command, "--out", str(out)], cwd=CLONE, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "BEYOND 0.0200" in ended.stderr
    assert json.loads(out.read_text(encoding="utf-8"))["figures"][0]["model"] == "aortic_stenosis"
