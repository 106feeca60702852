"""From nothing to a served entry: train, export, serve, score; the published network the same way as the slim one."""

import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from client.call_settings import CallSettings
from client.in_process import InProcessEngine
from client.triton import TritonEngine
from export.entry import records
from export.run import EntryVersion, Workplace, export_network
from phantoms import radiograph_phantom
from serving import EmbeddedTriton, TritonSettings
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import DataSet, WeightsRecord
from tests.conftest import CLONE, IMAGE_SPECS
from tests.specs.records import weights_record
from tests.training.datasets.layouts import (
    nih_row,
    phantom,
    write_jsrt,
    write_manifest,
    write_nih,
    write_nih_images,
)
from tests.training.tiny import silent_progress
from tests.tricorder.conftest import Tricorder
from training.cross_validation import CrossValidation
from training.datasets import DataSetKind, DataSource, labeled_set, radiograph_recipe, target_of
from tricorder.held_out import evaluated_studies

MODEL = "mitral_regurgitation"
LARGE_FILE_BYTES = 90_000_000
PARITY_PHANTOMS = 12
"""Enough for a gate that other tests look at; the command takes many more."""


def export_trained(model: str, preset: Preset, weights: Path, repository: Path) -> WeightsRecord:
    """Export what was trained as the command does, but for the number of phantoms of its gate."""
    spec = IMAGE_SPECS[model]
    assert isinstance(spec, NetworkSpec)
    cache = repository.parent / "cache"
    workplace = Workplace(cache=cache, progress=silent_progress, parity_studies=PARITY_PHANTOMS)
    return export_network(
        spec, preset, weights=weights, target=EntryVersion(repository=repository), workplace=workplace
    )


@pytest.mark.slow
def test_a_model_is_trained_exported_served_and_scored(
    tricorder: Tricorder, phantom_folder: Path, tmp_path: Path
) -> None:
    weights, repository = tmp_path / "weights", tmp_path / "repository"
    trained = tricorder("train", MODEL, "--data", "phantoms:64", "--epochs", 1, "--out", weights)
    assert trained.returncode == 0, trained.stderr
    options = ("--weights", weights, "--repository", repository, "--engine", "tensorrt")
    exported = tricorder("export", MODEL, *options)
    assert exported.returncode == 0, exported.stderr
    assert "largest probability shift" in exported.stderr
    assert (repository / MODEL / "1" / "model.onnx").stat().st_size < LARGE_FILE_BYTES

    settings = TritonSettings(
        repository=repository, run_folder=tmp_path / "serving", environment=CLONE / ".venv-server"
    )
    lines: list[str] = []
    with (
        EmbeddedTriton(settings, progress=lines.append) as server,
        TritonEngine(CallSettings(address=server.grpc_address)) as remote,
    ):
        scored = tricorder("score", phantom_folder, "--server", server.grpc_address, "--json")
        with InProcessEngine(repository) as local:
            assert remote.served_model(MODEL) == local.served_model(MODEL)
    assert f"{MODEL}: no TensorRT here; served with ONNX Runtime" in lines
    assert scored.returncode == 0, scored.stderr
    rows = [json.loads(line) for line in scored.stdout.splitlines()]
    assert [row["status"] for row in rows] == ["scored"] * 4


@pytest.mark.slow
def test_the_published_network_is_trained_by_the_same_command(tricorder: Tricorder, tmp_path: Path) -> None:
    options = ("--preset", "paper", "--data", "phantoms:64", "--epochs", 1, "--out", tmp_path / "run")
    trained = tricorder("train", MODEL, *options)
    assert trained.returncode == 0, trained.stderr
    export_trained(MODEL, Preset.PAPER, tmp_path / "run", tmp_path / "repository")
    assert (tmp_path / "repository" / MODEL / "1" / "model.onnx").stat().st_size > LARGE_FILE_BYTES


@pytest.mark.slow
def test_a_run_on_a_manifest_records_whom_it_saw_so_that_evaluation_leaves_them_out(
    tricorder: Tricorder, tmp_path: Path
) -> None:
    rows: list[dict[str, object]] = [
        {"path": f"{number}.png", "patient": number, MODEL: number % 2} for number in range(100)
    ]
    source = DataSource(kind=DataSetKind.MANIFEST, path=write_manifest(tmp_path / "own", rows))
    done = tricorder("train", MODEL, "--data", f"manifest:{source.path}", "--epochs", 1, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    fitted_on = json.loads((tmp_path / "run" / "training.json").read_text(encoding="utf-8"))["data_set"]
    spec = IMAGE_SPECS[MODEL]
    labeled = labeled_set(source, target_of(spec), radiograph_recipe(spec))
    record = weights_record(spec).model_copy(update={"data_set": DataSet.model_validate(fitted_on)})
    studies = evaluated_studies(labeled, record, part=None, seed=None)
    assert (studies.name, len(studies)) == ("manifest, test part", 10)


def test_export_without_a_training_run_says_what_to_do(tricorder: Tricorder, tmp_path: Path) -> None:
    done = tricorder("export", MODEL, "--weights", tmp_path, "--repository", tmp_path / "repository")
    assert done.returncode == 8
    assert f"tricorder train {MODEL}" in done.stderr
    assert not (tmp_path / "repository").exists()


def nih_folder(folder: Path) -> str:
    rows = [nih_row(patient, 0, age=str(30 + 2 * patient)) for patient in range(1, 25)]
    write_nih(folder, rows)
    write_nih_images(folder, rows, draw=phantom)
    return f"nih:{folder}"


def jsrt_folder(folder: Path) -> str:
    write_jsrt(folder, nodules=13, non_nodules=12, draw=phantom)
    return f"jsrt:{folder}"


def own_manifest(folder: Path) -> str:
    """Write phantoms as DICOM, PNG and JPEG files, and the table of them."""
    folder.mkdir()
    rows: list[dict[str, object]] = []
    for number in range(40):
        path = f"{number}.{('dcm', 'png', 'jpg')[number % 3]}"
        if path.endswith("dcm"):
            radiograph_phantom(seed=2022, index=number).write(folder / path)
        else:
            gray = np.rint(phantom(number, side=512) * 255).astype(np.uint8)
            Image.fromarray(gray).save(folder / path)
        rows.append({"path": path, "patient": f"P{number}", MODEL: number % 2, "view": "PA"})
    return f"manifest:{write_manifest(folder, rows, images=False)}"


ON_DISK = [
    (nih_folder, "xray_age", "NIH ChestX-ray14"),
    (jsrt_folder, "xray_age", "JSRT"),
    (own_manifest, MODEL, "manifest"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("write", "model", "name"), ON_DISK)
def test_a_data_set_on_disk_becomes_an_entry_that_scores(
    tricorder: Tricorder, phantom_folder: Path, tmp_path: Path, write: Callable[[Path], str], model: str, name: str
) -> None:
    weights, repository = tmp_path / "weights", tmp_path / "repository"
    places = ("--cache", tmp_path / "cache", "--out", weights)
    trained = tricorder("train", model, "--data", write(tmp_path / "data"), "--epochs", 2, *places)
    assert trained.returncode == 0, trained.stderr
    assert str(weights) in trained.stderr
    record = export_trained(model, Preset.DEMONSTRATION, weights, repository)
    assert records(repository / model) == [record]
    assert not record.demonstration
    assert record.data_set.name == name
    assert record.data_set.training_studies is not None
    assert record.data_set.training_studies > 8 * record.data_set.validation_studies - 8
    scored = tricorder("score", phantom_folder, "--in-process", "--repository", repository, "--json")
    assert scored.returncode == 0, scored.stderr
    rows = [json.loads(line) for line in scored.stdout.splitlines()]
    assert [(row["model"], row["status"], row["demonstration"]) for row in rows] == [(model, "scored", False)] * 4


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_after_its_last_epoch(tricorder: Tricorder, tmp_path: Path) -> None:
    options = ["--data", "phantoms:64", "--epochs", "4", "--out", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tricorder", "train", MODEL, *options],
        cwd=CLONE,
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not (tmp_path / "last.ckpt").exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.wait(60)
    assert not (tmp_path / "weights.safetensors").exists()
    best_at_kill = (tmp_path / "best.ckpt").stat().st_mtime_ns
    resumed = tricorder("train", MODEL, *options, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    with (tmp_path / "log" / "metrics.csv").open(encoding="utf-8", newline="") as log:
        measured = [row["epoch"] for row in csv.DictReader(log) if row["validation_merit"]]
    assert measured == ["0", "1", "2", "3"]
    assert (tmp_path / "weights.safetensors").stat().st_mtime_ns > best_at_kill


@pytest.mark.slow
def test_folds_are_trained_one_by_one_and_summed_up(tricorder: Tricorder, tmp_path: Path) -> None:
    options = ("--data", "phantoms:64", "--folds", 2, "--epochs", 1, "--out", tmp_path)
    trained = tricorder("train", MODEL, *options)
    assert trained.returncode == 0, trained.stderr
    found = CrossValidation.from_json((tmp_path / "cross_validation.json").read_text(encoding="utf-8"))
    assert f"mean AUC {found.mean.estimate:.3f}" in trained.stderr
    assert trained.stderr.count(f"{MODEL}: AUC") == 2
    assert all((tmp_path / f"fold-{number}" / "weights.safetensors").exists() for number in (1, 2))
    before = (tmp_path / "fold-2" / "weights.safetensors").stat().st_mtime_ns
    again = tricorder("train", MODEL, *options, "--resume")
    assert again.returncode == 0
    assert again.stderr == trained.stderr
    assert (tmp_path / "fold-2" / "weights.safetensors").stat().st_mtime_ns == before


WRONG = [
    (("xray_age", "--balanced"), 2, "--balanced weighs a finding"),
    ((MODEL, "--folds", "1"), 2, "--folds"),
    ((MODEL, "--precision", "int1"), 2, "--precision"),
    ((MODEL, "--resume", "--out", "nowhere"), 8, "holds no run"),
]


@pytest.mark.parametrize(("arguments", "exit_code", "said"), WRONG)
def test_options_that_cannot_be_followed_are_refused_before_anything_is_done(
    tricorder: Tricorder, tmp_path: Path, arguments: tuple[str, ...], exit_code: int, said: str
) -> None:
    done = tricorder("train", *arguments, cwd=tmp_path)
    assert done.returncode == exit_code
    assert said in done.stderr
    assert not list(tmp_path.iterdir())
