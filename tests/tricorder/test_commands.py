"""The other subcommands."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from client.call_settings import CallSettings
from client.triton import TritonEngine
from specs import SPECS
from tests.conftest import CLONE
from tests.tricorder.conftest import COMMITTED_MODELS, RADIOGRAPH_MODELS, SCORING_MODELS, Tricorder

SUBCOMMANDS = (
    "bench",
    "card",
    "demo",
    "doctor",
    "evaluate",
    "explain",
    "export",
    "import-weights",
    "models",
    "prognosis",
    "recalibrate",
    "score",
    "serve",
    "train",
)


def test_the_help_lists_every_subcommand(tricorder: Tricorder) -> None:
    done = tricorder("--help")
    assert done.returncode == 0
    assert all(f"  {name}" in done.stdout for name in SUBCOMMANDS)


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_the_help_of_a_subcommand_has_an_example(tricorder: Tricorder, name: str) -> None:
    done = tricorder(name, "--help")
    assert done.returncode == 0
    assert f"  tricorder {name}" in done.stdout


def test_a_mistyped_option_is_a_wrong_command_line(tricorder: Tricorder) -> None:
    done = tricorder("models", "--in-proces")
    assert done.returncode == 2
    assert "--in-process" in done.stderr


def test_models_lists_contract_and_operating_point_or_error(tricorder: Tricorder) -> None:
    table = tricorder("models", "--in-process")
    assert table.returncode == 0
    contracts = [json.loads(line) for line in tricorder("models", "--in-process", "--json").stdout.splitlines()]
    assert tuple(contract["spec"]["name"] for contract in contracts) == COMMITTED_MODELS
    for contract in contracts:
        assert contract["spec"]["name"] in table.stdout
        performance = contract["weights"]["performance"]
        if performance["kind"] == "finding":
            assert f"{performance['operating_point']['threshold']:.3f}" in table.stdout
        elif performance["kind"] == "outcome":
            death = performance["classifiers"][0]["outcomes"][0]
            assert f"AUC heart_failure_death {death['discrimination']['auc']:.3f}" in table.stdout
        elif performance["kind"] == "perfusion":
            assert f"segments {performance['segment_error_percent']:.1f} % from PET" in table.stdout
        elif performance["kind"] == "organs":
            assert f"heart {performance['dice'][0]['dice']:.3f}" in table.stdout
        else:
            assert f"mean absolute error {performance['mean_absolute_error']:.1f}" in table.stdout


@pytest.mark.parametrize("model", ["mitral_regurgitation", "aortic_stenosis"])
def test_card_prints_the_committed_card(tricorder: Tricorder, model: str) -> None:
    committed = (CLONE / "model_repository" / model / "README.md").read_text(encoding="utf-8")
    assert tricorder("card", model, "--in-process").stdout == committed


def test_card_is_written_where_it_is_wanted(tricorder: Tricorder, tmp_path: Path) -> None:
    done = tricorder("card", "ejection_fraction", "--in-process", "--out", tmp_path / "card.md")
    assert (done.returncode, done.stdout) == (0, "")
    committed = CLONE / "model_repository" / "ejection_fraction" / "README.md"
    assert (tmp_path / "card.md").read_bytes() == committed.read_bytes()


def test_card_that_cannot_be_written_is_an_error_without_its_path(tricorder: Tricorder, tmp_path: Path) -> None:
    lost = tricorder("card", "mitral_regurgitation", "--in-process", "--out", tmp_path / "absent" / "card.md")
    assert lost.returncode == 7
    assert "Choose another place for --out" in lost.stderr
    assert str(tmp_path) not in lost.stderr


def test_doctor_gives_each_check_a_line_and_what_is_lacking_a_remedy(tricorder: Tricorder) -> None:
    done = tricorder("doctor")
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert all(line.split()[0] in {"ok", "absent", "MISSING"} for line in lines)
    assert all("->" in line for line in lines if line.split()[0] != "ok")
    assert any("server environment" in line for line in lines)


def test_evaluate_prints_an_auc_with_its_interval(tricorder: Tricorder) -> None:
    done = tricorder("evaluate", "mitral_regurgitation", "--data", "phantoms:40", "--in-process", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["studies"] == 40
    assert 0 <= report["auc"]["lower"] < report["auc"]["estimate"] <= report["auc"]["upper"] <= 1
    assert sum(report["counts"].values()) == 40


def test_evaluate_prints_the_error_of_a_quantity_with_its_interval(tricorder: Tricorder) -> None:
    options = ("--data", "phantoms:40", "--site", "B", "--in-process", "--json")
    done = tricorder("evaluate", "ejection_fraction", *options)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["studies"], report["unit"]) == (40, "%")
    error = report["agreement"]["mean_absolute_error"]
    assert 0 < error["lower"] < error["estimate"] < error["upper"]


def test_evaluate_refuses_a_data_set_that_it_cannot_read(tricorder: Tricorder) -> None:
    done = tricorder("evaluate", "mitral_regurgitation", "--data", "patients", "--in-process")
    assert done.returncode == 2
    assert "phantoms:COUNT" in done.stderr


def test_a_data_set_that_is_not_there_is_called_that(tricorder: Tricorder, tmp_path: Path) -> None:
    done = tricorder("evaluate", "mitral_regurgitation", "--data", f"manifest:{tmp_path}/none.csv", "--in-process")
    assert done.returncode == 2
    assert "no such file or folder for manifest" in done.stderr


def test_demo_scores_through_triton_and_shows_where_the_results_are(tricorder: Tricorder, tmp_path: Path) -> None:
    done = tricorder("demo", "--phantoms", "2", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "RG1_UNCR.dcm" in done.stdout
    assert "EXTREMITY" in done.stdout
    assert str(tmp_path / "index.html") in done.stderr
    mapped = [name for name in RADIOGRAPH_MODELS if SPECS[name].head.activation_map is not None]
    overlays = [picture.name for picture in (tmp_path / "overlays").iterdir()]
    drawn = Counter(name.removesuffix(".png").split("_", maxsplit=1)[1] for name in overlays)
    of_volumes = set(SCORING_MODELS) - set(RADIOGRAPH_MODELS)
    assert drawn == dict.fromkeys(mapped, 3) | dict.fromkeys(of_volumes, 1)
    (of_volume,) = [name for name in overlays if name.endswith("_sarcoidosis_lymphoma.png")]
    with Image.open(tmp_path / "overlays" / of_volume) as picture:
        assert picture.size == (512, 512)  # two views side by side, twice enlarged
    assert "fdg_pet/phantom_0000" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_serve_answers_until_it_is_told_to_stop() -> None:
    command = [
        sys.executable,
        "-m",
        "tricorder",
        "serve",
        "--grpc-port",
        "0",
        "--http-port",
        "0",
        "--metrics-port",
        "0",
    ]
    process = subprocess.Popen(
        command, cwd=CLONE, env={**os.environ, "PYTHONPATH": str(CLONE)}, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    addresses = next(line for line in process.stderr if line.startswith("gRPC "))
    with TritonEngine(CallSettings(address=addresses.split()[1].rstrip(","))) as engine:
        assert set(COMMITTED_MODELS) < set(engine.model_names())
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Stopped." in said
