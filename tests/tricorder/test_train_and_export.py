"""From nothing to a served entry: train, export, serve, score; the published network the same way as the slim one."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from client.call_settings import CallSettings
from client.in_process import InProcessEngine
from client.triton import TritonEngine
from serving import EmbeddedTriton, TritonSettings
from specs import SPECS
from specs.network import Preset
from specs.weights import DataSet
from tests.conftest import CLONE
from tests.training.datasets.layouts import write_manifest
from tests.tricorder.conftest import Tricorder
from training.datasets import DataSetKind, DataSource, labeled_set, target_of
from tricorder.held_out import evaluated_studies

MODEL = "mitral_regurgitation"
LARGE_FILE_BYTES = 90_000_000


@pytest.mark.slow
@pytest.mark.parametrize("preset", [preset.value for preset in Preset])
def test_a_preset_is_trained_exported_served_and_scored(
    tricorder: Tricorder, phantom_folder: Path, tmp_path: Path, preset: str
) -> None:
    weights, repository = tmp_path / "weights", tmp_path / "repository"
    trained = tricorder("train", MODEL, "--preset", preset, "--data", "phantoms:64", "--epochs", 1, "--out", weights)
    assert trained.returncode == 0, trained.stderr
    exported = tricorder("export", MODEL, "--preset", preset, "--weights", weights, "--repository", repository)
    assert exported.returncode == 0, exported.stderr
    assert "largest probability shift" in exported.stderr
    onnx_bytes = (repository / MODEL / "1" / "model.onnx").stat().st_size
    assert (onnx_bytes > LARGE_FILE_BYTES) == (preset == Preset.PAPER)

    settings = TritonSettings(
        repository=repository, run_folder=tmp_path / "serving", environment=CLONE / ".venv-server"
    )
    with EmbeddedTriton(settings) as server, TritonEngine(CallSettings(address=server.grpc_address)) as remote:
        scored = tricorder("score", phantom_folder, "--server", server.grpc_address, "--json")
        with InProcessEngine(repository) as local:
            assert remote.served_model(MODEL) == local.served_model(MODEL)
    assert scored.returncode == 0, scored.stderr
    rows = [json.loads(line) for line in scored.stdout.splitlines()]
    assert [row["status"] for row in rows] == ["scored"] * 4


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
    spec = SPECS[MODEL]
    labeled = labeled_set(source, target_of(spec), spec.recipe)
    studies = evaluated_studies(labeled, DataSet.model_validate(fitted_on), part=None, seed=None)
    assert (studies.name, len(studies)) == ("manifest, test part", 10)


def test_export_without_a_training_run_says_what_to_do(tricorder: Tricorder, tmp_path: Path) -> None:
    done = tricorder("export", MODEL, "--weights", tmp_path, "--repository", tmp_path / "repository")
    assert done.returncode == 8
    assert f"tricorder train {MODEL}" in done.stderr
    assert not (tmp_path / "repository").exists()


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_after_its_last_epoch_and_only_under_its_own_plan(
    tricorder: Tricorder, tmp_path: Path
) -> None:
    options = ["--data", "phantoms:64", "--epochs", "6", "--out", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tricorder", "train", MODEL, *options],
        cwd=CLONE,
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not (tmp_path / "last.ckpt").exists():
        assert process.poll() is None
        time.sleep(0.2)
    process.kill()
    process.wait(60)
    assert not (tmp_path / "weights.safetensors").exists()
    resumed = tricorder("train", MODEL, *options, "--resume")
    assert resumed.returncode == 0, resumed.stderr
    epochs = [line.partition(",")[0] for line in (tmp_path / "log" / "metrics.csv").read_text().splitlines()[1:]]
    assert "0" not in epochs
    assert epochs[-1] == "5"
    longer = tricorder("train", MODEL, *options[:3], "7", *options[4:], "--resume")
    assert longer.returncode == 8
    assert "another plan" in longer.stderr
