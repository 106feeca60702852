"""The graph from wire pixels to the answer and its class activation map."""

import numpy as np
import pytest
import torch
from timm.models.senet import SEBottleneck
from torch import nn
from torch.nn import functional

from specs.head import FindingProbability
from specs.model import NetworkSpec
from specs.network import LinearClassifier, Preset, Sizing
from specs.tensors import ElementType, Tensor
from specs.xray_age import XRAY_AGE
from tests.specs.quantity import CONCAT_POOLED_AGE, EVERY_KIND, MAPPED_AGE
from tests.training.tiny import opinionated_network, random_pixels, tiny
from training.narrowing import parameter_count
from training.radiograph_network import RadiographNetwork

every_mapped_spec = pytest.mark.parametrize(
    "spec",
    [spec for spec in EVERY_KIND if spec.head.activation_map is not None],
    ids=lambda spec: spec.name,
)

XRAY_AGE_PARAMETERS = 115_147_377
"""Of SENet154 with the head of fastai 1; their size in bytes is that of the published weights (reference section 2)."""


def resized(spec: NetworkSpec, *, rows: int, columns: int) -> NetworkSpec:
    """Return a spec whose demonstration network sees another size."""
    sizing = Sizing(width_divisor=16, rows=rows, columns=columns)
    network = spec.network.model_copy(update={"presets": {**spec.network.presets, Preset.DEMONSTRATION: sizing}})
    return spec.model_copy(update={"network": network})


@pytest.mark.parametrize("preset", list(Preset))
def test_outputs_have_the_declared_shapes_and_types(spec: NetworkSpec, preset: Preset) -> None:
    with torch.inference_mode():
        outputs = opinionated_network(spec.name, preset, divided=False)(random_pixels(spec, studies=2))
    for output, declared in zip(outputs, spec.outputs, strict=True):
        assert output.shape == (2, *declared.shape)
        assert output.dtype is getattr(torch, declared.element_type)


@pytest.mark.parametrize("preset", list(Preset))
@every_mapped_spec
def test_the_map_averages_to_the_log_odds_or_to_the_value(spec: NetworkSpec, preset: Preset) -> None:
    with torch.inference_mode():
        answer, evidence = opinionated_network(spec.name, preset, divided=False)(random_pixels(spec, studies=2))
    assert evidence.std(dim=(1, 2)).min() > 0.01
    averages = evidence.double().mean(dim=(1, 2))
    if isinstance(spec.head, FindingProbability):
        averages = torch.sigmoid(averages)
    assert averages == pytest.approx(answer[:, 0].double(), rel=1e-6, abs=1e-5)


def test_different_radiographs_get_different_answers(spec: NetworkSpec) -> None:
    with torch.inference_mode():
        answer = opinionated_network(spec.name, Preset.DEMONSTRATION)(random_pixels(spec, studies=4))[0]
    assert len(answer.unique()) == 4


def test_score_and_forward_agree(spec: NetworkSpec) -> None:
    network, pixels = opinionated_network(spec.name, Preset.DEMONSTRATION), random_pixels(spec, studies=3)
    with torch.inference_mode():
        score = network.score(network.reduce(pixels))
        expected = torch.sigmoid(score) if isinstance(spec.head, FindingProbability) else 50 + 20 * score
        assert torch.allclose(expected, network(pixels)[0], atol=1e-6)


def test_center_and_deviation_are_weights_of_a_quantity_alone(spec: NetworkSpec) -> None:
    names = {"quantity_center", "quantity_deviation"}
    kept = names & set(opinionated_network(spec.name, Preset.DEMONSTRATION).state_dict())
    assert kept == (set() if isinstance(spec.head, FindingProbability) else names)


def test_concat_pooling_gives_the_largest_then_the_average_of_each_channel() -> None:
    network = opinionated_network(CONCAT_POOLED_AGE.name, Preset.DEMONSTRATION)
    with torch.inference_mode():
        reduced = network.reduce(random_pixels(CONCAT_POOLED_AGE, studies=2))
        places, pooled = network.places(reduced).numpy(), network.pooled(reduced).numpy()
    studies, channels = places.shape[:2]
    assert network.features == pooled.shape[1] == 2 * channels
    flat = places.reshape(studies, channels, -1)
    assert not np.allclose(flat.max(axis=2), flat.mean(axis=2))
    np.testing.assert_array_equal(pooled[:, :channels], flat.max(axis=2))
    np.testing.assert_allclose(pooled[:, channels:], flat.mean(axis=2), rtol=1e-5, atol=1e-7)


def test_the_linear_classifier_pools_by_the_average_alone() -> None:
    network = opinionated_network(MAPPED_AGE.name, Preset.DEMONSTRATION)
    with torch.inference_mode():
        reduced = network.reduce(random_pixels(MAPPED_AGE, studies=2))
        places, pooled = network.places(reduced).double(), network.pooled(reduced).double()
    assert torch.allclose(pooled, places.mean(dim=(2, 3)), atol=1e-6)


def test_the_concat_pooled_classifier_has_the_layers_of_fastai_at_any_width() -> None:
    layers = list(opinionated_network(CONCAT_POOLED_AGE.name, Preset.DEMONSTRATION).classifier.children())
    assert [type(layer) for layer in layers] == [
        nn.BatchNorm1d,
        nn.Dropout,
        nn.Linear,
        nn.ReLU,
        nn.BatchNorm1d,
        nn.Dropout,
        nn.Linear,
    ]
    assert [layer.p for layer in layers if isinstance(layer, nn.Dropout)] == [0.25, 0.5]
    assert [layer.out_features for layer in layers if isinstance(layer, nn.Linear)] == [512, 1]


@pytest.mark.slow
def test_the_paper_network_of_xray_age_has_the_published_number_of_parameters() -> None:
    assert parameter_count(RadiographNetwork(XRAY_AGE, Preset.PAPER)) == XRAY_AGE_PARAMETERS


def test_residual_branches_of_senet154_start_at_zero() -> None:
    modules = RadiographNetwork(tiny(XRAY_AGE), Preset.DEMONSTRATION).modules()
    blocks = [block for block in modules if isinstance(block, SEBottleneck)]
    assert len(blocks) == 3 + 8 + 36 + 3
    assert all(float(block.bn3.weight.detach().abs().max()) == 0.0 for block in blocks)


def test_pixels_are_scaled_to_one_and_reduced_by_the_mean_of_blocks(spec: NetworkSpec) -> None:
    network, pixels = opinionated_network(spec.name, Preset.DEMONSTRATION), random_pixels(spec, studies=1)
    sizing = tiny(spec).network.presets[Preset.DEMONSTRATION]
    blocks = (pixels.double() / 255).reshape(1, 1, sizing.rows, pixels.shape[2] // sizing.rows, sizing.columns, -1)
    assert torch.allclose(network.reduce(pixels).double(), blocks.mean(dim=(3, 5)), atol=1e-6)
    assert network.reduce(torch.full_like(pixels, 255)).max() == 1


def test_the_backbone_sees_normalized_gray_in_three_channels(spec: NetworkSpec) -> None:
    network = opinionated_network(spec.name, Preset.DEMONSTRATION)
    seen: list[torch.Tensor] = []
    hook = network.backbone.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.inference_mode():
        network(torch.full((1, *spec.recipe.pixels.shape), 255, dtype=torch.uint8))
    hook.remove()
    for channel, (mean, deviation) in enumerate(zip(spec.network.mean, spec.network.standard_deviation, strict=True)):
        assert seen[0][0, channel] == pytest.approx(torch.full_like(seen[0][0, channel], (1 - mean) / deviation))


@every_mapped_spec
def test_the_map_lies_over_the_image_in_its_own_orientation(spec: NetworkSpec) -> None:
    network = opinionated_network(spec.name, Preset.DEMONSTRATION, divided=False)
    pixels = random_pixels(spec, studies=1)
    with torch.inference_mode():
        _, evidence = network(pixels)
        places = network.places(network.reduce(pixels))[0]
        assert isinstance(network.classifier, nn.Linear)
        coarse = torch.einsum("c,crk->rk", network.classifier.weight[0], places)
        shrunk = functional.adaptive_avg_pool2d(evidence[:, None], (coarse.shape[0], coarse.shape[1]))[0, 0]
    assert torch.corrcoef(torch.stack([coarse.ravel(), shrunk.ravel()]))[0, 1] > 0.95


def test_a_size_that_is_no_whole_part_of_the_wire_image_is_refused(spec: NetworkSpec) -> None:
    with pytest.raises(ValueError, match="whole multiple"):
        RadiographNetwork(resized(spec, rows=150, columns=150), Preset.DEMONSTRATION)


def with_map(spec: NetworkSpec, *, rows: int, columns: int) -> NetworkSpec:
    """Return a tiny spec that declares a map of another size."""
    cam = Tensor(name="cam", element_type=ElementType.FLOAT32, shape=(rows, columns))
    return tiny(spec).model_copy(update={"head": spec.head.model_copy(update={"activation_map": cam})})


@every_mapped_spec
def test_a_map_that_is_no_whole_multiple_of_the_features_is_refused(spec: NetworkSpec) -> None:
    with pytest.raises(ValueError, match="whole multiple"):
        RadiographNetwork(with_map(spec, rows=11, columns=11), Preset.DEMONSTRATION)


def test_a_map_of_a_concat_pooled_classifier_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a linear classifier"):
        RadiographNetwork(with_map(CONCAT_POOLED_AGE, rows=10, columns=10), Preset.DEMONSTRATION)


def test_a_linear_classifier_without_a_declared_map_gives_the_answer_alone() -> None:
    linear = CONCAT_POOLED_AGE.network.model_copy(update={"classifier": LinearClassifier()})
    spec = tiny(CONCAT_POOLED_AGE.model_copy(update={"network": linear}))
    with torch.inference_mode():
        outputs = RadiographNetwork(spec, Preset.DEMONSTRATION).eval()(random_pixels(spec, studies=2))
    assert [tuple(output.shape) for output in outputs] == [(2, 1)]
