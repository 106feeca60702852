"""Weights that somebody else trained, from a file to a served answer, as a user does it."""

import json
from pathlib import Path

import pytest
import torch

from client.in_process import InProcessEngine
from specs.head import LeastSpecificity
from specs.network import Preset
from specs.weights import FindingPerformance
from tests.training.brought import saved
from tests.training.tiny import opinionated_network
from tests.tricorder.conftest import Tricorder

MODEL = "mitral_regurgitation"
OPTIONS = ("--preset", "demonstration", "--data", "phantoms:64", "--data-set-name", "own radiographs")


@pytest.mark.slow
def test_weights_become_an_entry_that_scores_and_says_what_is_known_of_them(
    tricorder: Tricorder, phantom_folder: Path, tmp_path: Path
) -> None:
    network = opinionated_network(MODEL, Preset.DEMONSTRATION, divided=False)
    file = saved(network, "torch", tmp_path, pixels=torch.empty(0))
    repository = tmp_path / "repository"
    wanted = ("--specificity", 0.8, "--repository", repository, "--version", 3)
    imported = tricorder("import-weights", MODEL, file, *OPTIONS, *wanted)
    assert imported.returncode == 0, imported.stderr
    assert "named as by tricorder train" in imported.stderr
    assert "operating point" in imported.stderr
    assert "largest probability shift" in imported.stderr
    with InProcessEngine(repository) as engine:
        served = engine.served_model(MODEL)
    assert served.version == 3
    assert served.contract.weights.data_set.name == "own radiographs"
    performance = served.contract.weights.performance
    assert isinstance(performance, FindingPerformance)
    assert performance.operating_point.policy == LeastSpecificity(specificity=0.8)
    counts = performance.operating_point.counts
    assert counts.true_negative / (counts.true_negative + counts.false_positive) >= 0.8
    scored = tricorder("score", phantom_folder, "--in-process", "--repository", repository, "--json")
    assert scored.returncode == 0, scored.stderr
    rows = [json.loads(line) for line in scored.stdout.splitlines()]
    assert [row["status"] for row in rows] == ["scored"] * 4
    assert all(row["demonstration"] for row in rows)  # for its operating point is of phantoms


def test_weights_of_another_network_are_refused_before_anything_is_prepared(
    tricorder: Tricorder, tmp_path: Path
) -> None:
    torch.save({"conv1.weight": torch.zeros(1), "fc.bias": torch.zeros(1)}, tmp_path / "weights.pth")
    done = tricorder("import-weights", MODEL, tmp_path / "weights.pth", *OPTIONS, "--repository", tmp_path / "made")
    assert done.returncode == 8
    assert "it lacks bn1.weight" in done.stderr
    assert str(tmp_path) not in done.stderr
    assert not (tmp_path / "made").exists()


def test_what_the_weights_are_measured_on_must_be_said(tricorder: Tricorder, tmp_path: Path) -> None:
    (tmp_path / "weights.pth").touch()
    done = tricorder("import-weights", MODEL, tmp_path / "weights.pth", "--data-set-name", "own radiographs")
    assert done.returncode == 2
    assert "--data" in done.stderr


def test_an_ensemble_has_no_weights_of_its_own(tricorder: Tricorder, tmp_path: Path) -> None:
    (tmp_path / "weights.pth").touch()
    done = tricorder("import-weights", "aortic_stenosis", tmp_path / "weights.pth", *OPTIONS)
    assert done.returncode == 2
    assert "aortic_stenosis_resnet50" in done.stderr


def test_a_model_that_makes_no_calls_has_no_sensitivity(tricorder: Tricorder, tmp_path: Path) -> None:
    (tmp_path / "weights.pth").touch()
    done = tricorder("import-weights", "xray_age", tmp_path / "weights.pth", *OPTIONS, "--sensitivity", 0.9)
    assert done.returncode == 2
    assert "makes no calls" in done.stderr
