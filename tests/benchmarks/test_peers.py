"""Peers get the same files and the same weights, and one that is not here is named."""

from pathlib import Path

import numpy as np
import pytest
import torch
from pydicom import uid
from rich.progress import Progress

from benchmarks import mlserver_peer, perf_analyzer
from benchmarks.encodings import encoded_file, windowed_radiograph, written_copies
from benchmarks.mlserver_peer import found_mlserver, mlserver_serving
from benchmarks.passes import Window
from benchmarks.peer_passes import PeerPlan, measure
from benchmarks.peers import PeerName, PeersRecord
from benchmarks.prepared_tensors import prepared_tensor
from benchmarks.script_peers import eager_loop, prepared_by_pydicom
from benchmarks.untrained import Untrained, untrained
from client.in_process import InProcessEngine
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.network import Preset
from specs.recipe import CHEST_RADIOGRAPH_320


@pytest.fixture(scope="module")
def made() -> Untrained:
    return untrained(MITRAL_REGURGITATION, Preset.DEMONSTRATION, seed=3)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    shape = (3, *CHEST_RADIOGRAPH_320.pixels.shape)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_network_and_entry_are_of_one_set_of_weights(made: Untrained, pixels: np.ndarray, tmp_path: Path) -> None:
    made.write(tmp_path)
    with torch.inference_mode():
        original = made.network(torch.from_numpy(pixels))[0].numpy()
    with InProcessEngine(tmp_path) as engine:
        model = engine.served_model(MITRAL_REGURGITATION.name)
        answers = engine.infer(model, {"pixels": pixels}, ["probability"])["probability"]
    assert np.abs(original - answers).max() < 1e-5
    assert len(np.unique(answers)) == 3  # weights that have an effect
    assert model.contract.weights.preset is Preset.DEMONSTRATION


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.JPEG2000Lossless], ids=lambda each: each.keyword)
def test_the_script_makes_nearly_the_same_tensor(syntax: uid.UID) -> None:
    source, image = windowed_radiograph(500, 410, syntax=syntax)
    with written_copies(encoded_file(source, image, syntax), count=1) as (file,):
        theirs, ours = prepared_by_pydicom(file).astype(int), prepared_tensor(file, CHEST_RADIOGRAPH_320)[0].astype(int)
    assert theirs.shape == ours.shape
    assert np.abs(theirs - ours).mean() < 8  # it stretches every image to the full scale


def test_the_loop_goes_on_until_the_end(made: Untrained) -> None:
    source, image = windowed_radiograph(500, 410, syntax=uid.ExplicitVRLittleEndian)
    with written_copies(encoded_file(source, image, uid.ExplicitVRLittleEndian), count=2) as files:
        done_s = eager_loop(files, made.network, Window(start_s=0.0, end_s=0.5))
    assert done_s == sorted(done_s)
    assert done_s[-1] >= 0.5
    assert all(each < 0.5 for each in done_s[:-1])


def test_mlserver_gives_the_answers_of_the_network(made: Untrained, pixels: np.ndarray) -> None:
    command = found_mlserver()
    if command is None:
        pytest.skip("MLServer is not here: make .venv-bench")
    with torch.inference_mode():
        original = made.network(torch.from_numpy(pixels))[0].numpy()
    with mlserver_serving(command, made.content, name="peer") as ask:
        assert np.abs(ask(pixels) - original).max() < 1e-5


@pytest.mark.slow
def test_peers_that_are_not_here_are_named_and_the_others_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setattr(mlserver_peer, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(perf_analyzer, "FOLDER", tmp_path)
    plan = PeerPlan(preset=Preset.DEMONSTRATION, syntaxes=(), clients=2, seconds=2.0, repetitions=1, seed=0)
    record = measure(plan, Progress(disable=True))
    assert PeersRecord.from_json(record.readable_json()) == record
    assert {PeerName.MLSERVER, PeerName.PERF_ANALYZER} <= set(record.absent)
    assert [each.peer for each in record.serving] == [PeerName.TRICORDER, PeerName.ENGINE]
    assert all(each.answer_difference is not None and each.answer_difference < 1e-5 for each in record.serving)
    assert record.entry.weights_sha256 is not None
