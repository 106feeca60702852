"""A backbone starts from a file of weights only where they are its own, and the file never runs."""

import pickle
from pathlib import Path

import pytest
import safetensors.torch
import torch

from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.network import Preset
from tests.training.tiny import tiny
from training.errors import WeightsMismatch
from training.pretrained import load_backbone
from training.radiograph_network import RadiographNetwork


@pytest.fixture
def network() -> RadiographNetwork:
    """A tiny ResNet50."""
    return RadiographNetwork(tiny(MITRAL_REGURGITATION), Preset.DEMONSTRATION)


def published(network: RadiographNetwork) -> dict[str, torch.Tensor]:
    """Weights of the same backbone with a classifier, as timm publishes them."""
    state = {name: torch.rand_like(tensor.float()) for name, tensor in network.backbone.state_dict().items()}
    return state | {"fc.weight": torch.zeros(1000, 8), "fc.bias": torch.zeros(1000)}


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_weights_of_the_same_backbone_are_taken_without_their_classifier(
    network: RadiographNetwork, suffix: str, tmp_path: Path
) -> None:
    weights, file = published(network), tmp_path / f"weights{suffix}"
    safetensors.torch.save_file(weights, file) if suffix == ".safetensors" else torch.save(weights, file)
    load_backbone(network, file)
    assert torch.equal(network.backbone.conv1.weight, weights["conv1.weight"])


def test_counters_of_batches_may_be_absent(network: RadiographNetwork, tmp_path: Path) -> None:
    weights = {name: tensor for name, tensor in published(network).items() if "num_batches" not in name}
    torch.save(weights, tmp_path / "weights.pth")
    load_backbone(network, tmp_path / "weights.pth")
    assert torch.equal(network.backbone.conv1.weight, weights["conv1.weight"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"conv1.weight": None}, "it lacks conv1.weight"),
        ({"stem.weight": torch.zeros(1)}, "it has beyond stem.weight"),
        ({"conv1.weight": torch.zeros(2, 3, 7, 7)}, r"conv1.weight is \(2, 3, 7, 7\) instead of \(4, 3, 7, 7\)"),
    ],
)
def test_other_names_and_shapes_are_named(
    network: RadiographNetwork, change: dict[str, torch.Tensor | None], said: str, tmp_path: Path
) -> None:
    before = network.backbone.conv1.weight.clone()
    weights = {name: tensor for name, tensor in (published(network) | change).items() if tensor is not None}
    torch.save(weights, tmp_path / "weights.pth")
    with pytest.raises(WeightsMismatch, match=said):
        load_backbone(network, tmp_path / "weights.pth")
    assert torch.equal(network.backbone.conv1.weight, before)


class _Touches:
    """Makes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.file,)


def test_a_file_that_would_run_something_is_refused_and_runs_nothing(
    network: RadiographNetwork, tmp_path: Path
) -> None:
    (tmp_path / "plain.pth").write_bytes(pickle.dumps({"conv1.weight": _Touches(tmp_path / "ran")}, protocol=2))
    torch.save({"conv1.weight": _Touches(tmp_path / "ran")}, tmp_path / "zipped.pth")
    for name in ("plain.pth", "zipped.pth"):
        with pytest.raises(WeightsMismatch):
            load_backbone(network, tmp_path / name)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pth"])
@pytest.mark.parametrize("content", [b"", b"not weights", b"\x80\x02}q\x00.", b"PK\x03\x04" + bytes(64)])
def test_what_holds_no_weights_is_refused(
    network: RadiographNetwork, name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(WeightsMismatch):
        load_backbone(network, tmp_path / name)
