"""Tables of patients on the command line: scored, refused, explained, trained on."""

import json
from pathlib import Path

import pytest

from phantoms import radiograph_phantom
from tests.client.patients import MODEL, repository_with, table
from tests.tricorder.conftest import Tricorder

IMAGE_MODEL = "mitral_regurgitation"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository_with(tmp_path_factory.mktemp("repository"), MODEL)


def test_a_table_is_scored_as_lines_and_as_a_page(tmp_path: Path, repository: Path, tricorder: Tricorder) -> None:
    path, out = table(tmp_path, count=3), tmp_path / "out"
    done = tricorder("score", path, "--in-process", "--repository", repository, "--json", "--out", out)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["source"] for row in rows] == ["patients.csv row 2", "patients.csv row 3", "patients.csv row 4"]
    first = rows[0]["outcomes"][0]["outcomes"]
    assert [outcome["outcome"] for outcome in first] == ["heart_failure_death", "arrhythmic_event", "survival"]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert page.count("survival") == 3
    assert (out / "results.jsonl").read_text(encoding="utf-8") == done.stdout


def test_what_no_model_takes_is_said_once_and_is_no_success(
    tmp_path: Path, repository: Path, tricorder: Tricorder
) -> None:
    for index in range(2):
        radiograph_phantom(seed=1, index=index).write(tmp_path / f"{index}.dcm")
    path = table(tmp_path, count=2)
    done = tricorder("score", tmp_path / "0.dcm", tmp_path / "1.dcm", path, "--in-process", "--repository", repository)
    assert done.returncode == 3
    assert done.stderr.count("None of the models takes images") == 1
    assert done.stdout.count("heart-failure death") == 2
    assert ".dcm" not in done.stdout


def test_a_broken_table_is_one_row_that_says_so(tmp_path: Path, repository: Path, tricorder: Tricorder) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(b"age,\xff\n")
    done = tricorder("score", path, tmp_path / "gone.json", "--in-process", "--repository", repository, "--json")
    assert done.returncode == 3
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["source"], row["status"]) for row in rows] == [("broken.csv", "failed"), ("gone.json", "failed")]
    assert "not in UTF-8" in rows[0]["reason"]


def test_no_value_of_a_patient_is_said(tmp_path: Path, repository: Path, tricorder: Tricorder) -> None:
    path = table(tmp_path, count=2)
    header, first, second = path.read_text(encoding="utf-8").splitlines()
    names = header.split(",")
    for name in names:
        cells = first.split(",")
        cells[names.index(name)] = "SENTINEL"
        first = ",".join(cells)
    path.write_text("\n".join([f"patient_name,{header}", f"SENTINEL^NAME,{first}", f"SENTINEL^NAME,{second}"]))
    done = tricorder("score", path, "--in-process", "--repository", repository, "--json", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    statuses = [json.loads(line)["status"] for line in done.stdout.splitlines()]
    assert statuses == ["not_eligible", "scored"]
    written = [file.read_text(encoding="utf-8") for file in (tmp_path / "out").iterdir() if file.is_file()]
    assert not [text for text in (done.stdout, done.stderr, *written) if "SENTINEL" in text]


def test_a_patient_is_explained_as_data_and_pictures(tmp_path: Path, repository: Path, tricorder: Tricorder) -> None:
    path, out = table(tmp_path, count=2), tmp_path / "why"
    options = ("--in-process", "--repository", repository, "--out", out)
    done = tricorder("explain", path, "--patient", "2", "--json", *options)
    assert done.returncode == 0, done.stderr
    explanation = json.loads(done.stdout)
    assert explanation["source"] == "patients.csv row 3"
    assert explanation["curve"]["variable"] == "late_hm_ratio"
    assert len(explanation["shares"]) == 6
    assert json.loads((out / "explanation.json").read_text(encoding="utf-8")) == explanation
    pictures = sorted(file.name for file in out.glob("*.png"))
    assert pictures[:2] == ["curve_forest.png", "curve_regression.png"]
    assert len(pictures) == 8


def test_an_explanation_is_printed_with_what_must_be_said_beside_it(
    tmp_path: Path, repository: Path, tricorder: Tricorder
) -> None:
    done = tricorder("explain", table(tmp_path, count=1), "--in-process", "--repository", repository)
    assert done.returncode == 0, done.stderr
    assert "multinomial logistic regression: heart-failure death" in done.stdout
    assert done.stdout.count("late_hm_ratio") == 3
    assert "Research software, not a medical device" in done.stdout
    assert "Demonstration weights" in done.stdout


@pytest.mark.parametrize(
    ("name", "patient", "code", "said"),
    [
        ("patients.csv", "9", 2, "no patient 9"),
        ("patients.txt", "1", 2, "ends in .csv"),
        ("gone.csv", "1", 3, "cannot be read"),
    ],
)
def test_what_cannot_be_explained_is_said(
    tmp_path: Path, repository: Path, tricorder: Tricorder, name: str, patient: str, code: int, said: str
) -> None:
    table(tmp_path, count=1)
    done = tricorder("explain", tmp_path / name, "--patient", patient, "--in-process", "--repository", repository)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr


@pytest.mark.slow
def test_a_model_is_trained_on_a_table_of_ones_own_and_exported(tmp_path: Path, tricorder: Tricorder) -> None:
    path = table(tmp_path, count=300, seed=5)
    done = tricorder("train", MODEL, "--data", f"manifest:{path}", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert "AUC of heart_failure_death by regression" in done.stderr
    done = tricorder("export", MODEL, "--weights", tmp_path / "run", "--repository", tmp_path / "repository")
    assert done.returncode == 0, done.stderr
    done = tricorder("score", path, "--in-process", "--repository", tmp_path / "repository", "--json")
    assert done.returncode == 0, done.stderr
    assert not any(json.loads(line)["demonstration"] for line in done.stdout.splitlines())


def test_options_of_networks_do_not_go_with_it(tricorder: Tricorder) -> None:
    for arguments in (("train", MODEL, "--epochs", "3"), ("evaluate", MODEL, "--in-process", "--site", "B")):
        done = tricorder(*arguments)
        assert done.returncode == 2
        assert arguments[-2] in done.stderr
