"""A backbone, or a whole network, takes a file of weights only where they are its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import timm
import torch
import torchvision
from torch import nn

from specs.aortic_stenosis_densenet121 import AORTIC_STENOSIS_DENSENET121
from specs.aortic_stenosis_inceptionv3 import AORTIC_STENOSIS_INCEPTIONV3
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.network import Preset
from specs.xray_age import XRAY_AGE
from tests.specs.quantity import MAPPED_AGE
from tests.training.brought import fastai_senet154, normalized, saved
from tests.training.tiny import opinionated_network, random_pixels, tiny
from training.errors import WeightsMismatch
from training.narrowing import narrow
from training.pretrained import load_backbone, load_network_weights
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


def empty(spec: NetworkSpec, preset: Preset = Preset.DEMONSTRATION) -> RadiographNetwork:
    """Make a tiny network, or that of the paper, with weights of no meaning."""
    return RadiographNetwork(tiny(spec), preset).eval()


def tiny_pixels(*, studies: int = 3) -> torch.Tensor:
    """Draw what a tiny network of 64 x 64 pixels sees: wire pixels averaged, shape (studies, 1, row, column)."""
    return nn.functional.avg_pool2d(random_pixels(XRAY_AGE, studies=studies).float(), 5)


@pytest.mark.slow
def test_what_tricorder_trained_answers_the_same(spec: NetworkSpec, tmp_path: Path) -> None:
    trained, pixels = opinionated_network(spec.name, Preset.DEMONSTRATION), random_pixels(spec, studies=3)
    network = empty(spec)
    file = saved(trained, "safetensors", tmp_path, pixels=pixels)
    layout = load_network_weights(network, spec.network, file)
    assert layout.title == "tricorder train"
    with torch.inference_mode():
        for found, expected in zip(network(pixels), trained(pixels), strict=True):
            assert torch.equal(found, expected)


@pytest.mark.slow
@pytest.mark.parametrize(("form", "wrappers"), [("torch", 0), ("torchscript", 0), ("torchscript", 2)])
def test_weights_of_fastai_answer_as_the_network_of_fastai_does(form: str, wrappers: int, tmp_path: Path) -> None:
    original, pixels = fastai_senet154(divisor=16), tiny_pixels()
    brought = original
    for _ in range(wrappers):
        brought = nn.Sequential(brought)
    file = saved(brought, form, tmp_path, pixels=normalized(pixels))
    network = empty(XRAY_AGE)
    network.quantity_center.fill_(50.0)
    assert "fastai" in load_network_weights(network, XRAY_AGE.network, file).title
    with torch.inference_mode():
        expected, found = original(normalized(pixels)), network.answer(network.score(pixels / 255))
    assert expected.std() > 1
    assert torch.allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert (float(network.quantity_center), float(network.quantity_deviation)) == (0.0, 1.0)


PUBLISHED: dict[str, tuple[NetworkSpec, Callable[[], nn.Module]]] = {
    "timm resnet50": (MITRAL_REGURGITATION, lambda: timm.create_model("resnet50", num_classes=1)),
    "timm inception_v3": (AORTIC_STENOSIS_INCEPTIONV3, lambda: timm.create_model("inception_v3", num_classes=1)),
    "timm densenet121": (AORTIC_STENOSIS_DENSENET121, lambda: timm.create_model("densenet121", num_classes=1)),
    "timm resnet50 of a quantity": (MAPPED_AGE, lambda: timm.create_model("resnet50", num_classes=1)),
    "torchvision resnet50": (MITRAL_REGURGITATION, lambda: torchvision.models.resnet50(num_classes=1)),
    "torchvision inception_v3": (
        AORTIC_STENOSIS_INCEPTIONV3,
        lambda: torchvision.models.inception_v3(num_classes=1, init_weights=False),
    ),
    "torchvision densenet121": (
        AORTIC_STENOSIS_DENSENET121,
        lambda: torchvision.models.densenet121(num_classes=1),
    ),
}
"""Networks of one output as two libraries build them, with the model that takes their weights."""


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_network_of_timm_or_torchvision_with_one_output_answers_as_it_does_there(name: str, tmp_path: Path) -> None:
    spec, build = PUBLISHED[name]
    torch.manual_seed(11)
    original, pixels = build().eval(), random_pixels(spec, studies=2)
    network = RadiographNetwork(spec, Preset.PAPER).eval()
    file = saved(original, "torch", tmp_path, pixels=pixels)
    assert "timm or torchvision" in load_network_weights(network, spec.network, file).title
    with torch.inference_mode():
        score = original(normalized(pixels))
        expected = score if spec is MAPPED_AGE else torch.sigmoid(score)
        assert torch.allclose(network(pixels)[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("spec", "change", "said"),
    [
        (MITRAL_REGURGITATION, {"fc.weight": torch.zeros(2, 128)}, r"fc.weight is \(2, 128\) instead of \(1, 128\)"),
        (MITRAL_REGURGITATION, {"fc.bias": None}, r"it lacks fc\.bias"),
        (MITRAL_REGURGITATION, {"maxpool.weight": torch.zeros(1)}, r"it has beyond maxpool\.weight"),
        (XRAY_AGE, {"1.8.weight": None, "1.8.bias": None}, r"it lacks 1\.8\.weight, 1\.8\.bias"),
        (XRAY_AGE, {"0.3.5.se_module.fc1.weight": torch.zeros(3)}, r"0\.3\.5\.se_module\.fc1\.weight is \(3,\)"),
    ],
)
def test_differences_are_told_by_the_names_in_the_file_and_change_nothing(
    spec: NetworkSpec, change: dict[str, torch.Tensor | None], said: str, tmp_path: Path
) -> None:
    state = (fastai_senet154(divisor=16) if spec is XRAY_AGE else narrow_resnet50()).state_dict() | change
    torch.save({name: tensor for name, tensor in state.items() if tensor is not None}, tmp_path / "weights.pth")
    network = empty(spec)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with pytest.raises(WeightsMismatch, match=said):
        load_network_weights(network, spec.network, tmp_path / "weights.pth")
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def narrow_resnet50() -> nn.Module:
    """Build timm's ResNet50 of one output with a sixteenth of its channels."""
    network: nn.Module = timm.create_model("resnet50", num_classes=0)
    narrow(network, 16)
    network.fc = nn.Linear(128, 1)
    return network


@pytest.mark.slow
def test_weights_of_another_width_are_refused(tmp_path: Path) -> None:
    torch.save(fastai_senet154(divisor=16).state_dict(), tmp_path / "weights.pth")
    with pytest.raises(WeightsMismatch, match=r"other shapes: 0\.0\.conv1\.weight"):
        load_network_weights(empty(XRAY_AGE, Preset.PAPER), XRAY_AGE.network, tmp_path / "weights.pth")
