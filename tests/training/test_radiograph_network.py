"""The graph from wire pixels to probability and class activation map."""

import pytest
import torch
from torch.nn import functional

from specs.model import ModelSpec
from specs.network import Preset, Sizing
from specs.tensors import Tensor
from tests.training.tiny import opinionated_network, random_pixels, tiny
from training.radiograph_network import RadiographNetwork


def resized(spec: ModelSpec, *, rows: int, columns: int) -> ModelSpec:
    """Return a spec whose demonstration network sees another size."""
    sizing = Sizing(width_divisor=16, rows=rows, columns=columns)
    network = spec.network.model_copy(update={"presets": {**spec.network.presets, Preset.DEMONSTRATION: sizing}})
    return spec.model_copy(update={"network": network})


@pytest.mark.parametrize("preset", list(Preset))
def test_outputs_have_the_declared_shapes_and_the_map_averages_to_the_log_odds(spec: ModelSpec, preset: Preset) -> None:
    network = opinionated_network(spec.name, preset, divided=False)
    with torch.inference_mode():
        probability, evidence = network(random_pixels(spec, studies=2))
    for output, declared in zip((probability, evidence), spec.outputs, strict=True):
        assert output.shape == (2, *declared.shape)
        assert output.dtype is getattr(torch, declared.element_type)
    assert evidence.std(dim=(1, 2)).min() > 0.01
    assert torch.sigmoid(evidence.double().mean(dim=(1, 2))) == pytest.approx(probability[:, 0].double(), abs=1e-5)


def test_different_radiographs_get_different_probabilities(spec: ModelSpec) -> None:
    with torch.inference_mode():
        probability, _ = opinionated_network(spec.name, Preset.DEMONSTRATION)(random_pixels(spec, studies=4))
    assert len(probability.unique()) == 4


def test_log_odds_and_forward_agree(spec: ModelSpec) -> None:
    network, pixels = opinionated_network(spec.name, Preset.DEMONSTRATION), random_pixels(spec, studies=3)
    with torch.inference_mode():
        assert torch.allclose(torch.sigmoid(network.log_odds(network.reduce(pixels))), network(pixels)[0], atol=1e-6)


def test_pixels_are_scaled_to_one_and_reduced_by_the_mean_of_blocks(spec: ModelSpec) -> None:
    network, pixels = opinionated_network(spec.name, Preset.DEMONSTRATION), random_pixels(spec, studies=1)
    sizing = tiny(spec).network.presets[Preset.DEMONSTRATION]
    blocks = (pixels.double() / 255).reshape(1, 1, sizing.rows, pixels.shape[2] // sizing.rows, sizing.columns, -1)
    assert torch.allclose(network.reduce(pixels).double(), blocks.mean(dim=(3, 5)), atol=1e-6)
    assert network.reduce(torch.full_like(pixels, 255)).max() == 1


def test_the_backbone_sees_normalized_gray_in_three_channels(spec: ModelSpec) -> None:
    network = opinionated_network(spec.name, Preset.DEMONSTRATION)
    seen: list[torch.Tensor] = []
    hook = network.backbone.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.inference_mode():
        network(torch.full((1, *spec.recipe.pixels.shape), 255, dtype=torch.uint8))
    hook.remove()
    for channel, (mean, deviation) in enumerate(zip(spec.network.mean, spec.network.standard_deviation, strict=True)):
        assert seen[0][0, channel] == pytest.approx(torch.full_like(seen[0][0, channel], (1 - mean) / deviation))


def test_the_map_lies_over_the_image_in_its_own_orientation(spec: ModelSpec) -> None:
    network = opinionated_network(spec.name, Preset.DEMONSTRATION, divided=False)
    pixels = random_pixels(spec, studies=1)
    with torch.inference_mode():
        _, evidence = network(pixels)
        places = network.places(network.reduce(pixels))[0]
        coarse = torch.einsum("c,crk->rk", network.classifier.weight[0], places)
        shrunk = functional.adaptive_avg_pool2d(evidence[:, None], (coarse.shape[0], coarse.shape[1]))[0, 0]
    assert torch.corrcoef(torch.stack([coarse.ravel(), shrunk.ravel()]))[0, 1] > 0.95


def test_a_size_that_is_no_whole_part_of_the_wire_image_is_refused(spec: ModelSpec) -> None:
    with pytest.raises(ValueError, match="whole multiple"):
        RadiographNetwork(resized(spec, rows=150, columns=150), Preset.DEMONSTRATION)


def test_a_map_that_is_no_whole_multiple_of_the_features_is_refused(spec: ModelSpec) -> None:
    odd = Tensor(name="cam", element_type=spec.outputs[1].element_type, shape=(11, 11))
    head = spec.head.model_copy(update={"activation_map": odd})
    with pytest.raises(ValueError, match="whole multiple"):
        RadiographNetwork(tiny(spec).model_copy(update={"head": head}), Preset.DEMONSTRATION)
