"""A network that sees a view with its mirror image, and without the pool of its stem: exact maps, twice the detail."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from specs.model import NetworkSpec
from specs.network import Architecture, Network, Preset
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from tests.training.test_two_views import gradient_maps
from tests.training.tiny import drawn_data, random_pixels, tiny, tiny_settings, with_opinions
from training.fitting import fit
from training.radiograph_network import RadiographNetwork
from training.two_scales import scales

SPEC = SARCOIDOSIS_LYMPHOMA
SCALES = dict(scales(SPEC))
VIEWS = SPEC.recipe.pixels.shape[0]


@pytest.fixture(scope="module")
def network() -> RadiographNetwork:
    """Return a network whose answers differ; not to be changed."""
    torch.manual_seed(5)
    return with_opinions(RadiographNetwork(SPEC, Preset.DEMONSTRATION))


def test_the_maps_are_the_published_grad_cam(network: RadiographNetwork) -> None:
    pixels = random_pixels(SPEC, studies=3)
    with torch.inference_mode():
        _, maps = network(pixels)
    expected = gradient_maps(network, pixels).detach()
    assert SPEC.head.activation_map is not None
    assert maps.shape == expected.shape == (3, *SPEC.head.activation_map.shape)
    assert (expected > 0).any()
    np.testing.assert_allclose(maps, expected, rtol=1e-4, atol=1e-6)


def mirrored(pixels: torch.Tensor) -> torch.Tensor:
    """Reverse the columns of the views whose sides mean the same, shape (batch, view, row, column)."""
    views = [view.flip(-1) if n in SPEC.network.symmetric_views else view for n, view in enumerate(pixels.unbind(1))]
    return torch.stack(views, dim=1)


def unmirrored(network: RadiographNetwork) -> RadiographNetwork:
    """Return a network of the same weights that sees no mirror image."""
    spec = SPEC.model_copy(update={"network": SPEC.network.model_copy(update={"symmetric_views": ()})})
    single = RadiographNetwork(spec, Preset.DEMONSTRATION)
    single.load_state_dict(network.state_dict())
    return single.eval()


def test_the_log_odds_are_the_mean_of_those_of_the_frontal_view_and_of_its_mirror_image(
    network: RadiographNetwork,
) -> None:
    pixels, single = random_pixels(SPEC, studies=3), unmirrored(network)
    with torch.inference_mode():
        log_odds = torch.logit(network(pixels)[0])
        seen, mirror_image = (torch.logit(single(each)[0]) for each in (pixels, mirrored(pixels)))
    assert not torch.allclose(seen, mirror_image, atol=1e-3)
    np.testing.assert_allclose(log_odds, (seen + mirror_image) / 2, atol=1e-5)


def test_a_mirrored_frontal_view_has_the_same_answer_and_the_mirrored_map(network: RadiographNetwork) -> None:
    pixels = random_pixels(SPEC, studies=3)
    with torch.inference_mode():
        answers, maps = network(pixels)
        answers_mirrored, maps_mirrored = network(mirrored(pixels))
    np.testing.assert_allclose(answers_mirrored, answers, atol=1e-6)
    np.testing.assert_allclose(maps_mirrored, mirrored(maps), rtol=1e-4, atol=1e-6)
    assert not torch.allclose(maps, mirrored(maps), rtol=1e-3, atol=1e-5)


def test_the_maps_are_the_evidence_in_the_features_of_both_images_mirrored_back(network: RadiographNetwork) -> None:
    pixels, seen = random_pixels(SPEC, studies=1), []
    handle = network.backbone.register_forward_hook(lambda _module, _inputs, features: seen.append(features))
    probability, maps = network(pixels)
    handle.remove()
    (gradients,) = torch.autograd.grad(torch.logit(probability).sum(), seen[0])
    evidence = (gradients.mean(dim=(2, 3), keepdim=True) * seen[0]).sum(dim=1).detach()
    frontal, lateral, mirror_image = evidence
    expected = functional.relu(torch.stack([frontal + mirror_image.flip(-1), lateral]))
    np.testing.assert_allclose(maps[0].detach(), expected, rtol=1e-4, atol=1e-6)


def test_a_network_that_is_fitted_sees_each_image_alone(network: RadiographNetwork) -> None:
    pixels, single = random_pixels(SPEC, studies=4), unmirrored(network)
    reduced = network.reduce(pixels)
    with torch.no_grad():
        expected = single.train().places(reduced)
        fitted = RadiographNetwork(SPEC, Preset.DEMONSTRATION)
        fitted.load_state_dict(network.state_dict())
        np.testing.assert_array_equal(fitted.train().places(reduced), expected)


def test_without_the_pool_of_its_stem_a_network_sees_twice_the_detail(network: RadiographNetwork) -> None:
    pooling, detailed = (RadiographNetwork(spec, Preset.DEMONSTRATION).eval() for spec in SCALES.values())
    reduced = network.reduce(random_pixels(SPEC, studies=1))
    with torch.inference_mode():
        shapes = [each.places(reduced).shape for each in (pooling, detailed)]
    assert shapes == [(VIEWS, pooling.features // VIEWS, 8, 4), (VIEWS, pooling.features // VIEWS, 16, 8)]
    assert set(pooling.state_dict()) == set(detailed.state_dict())


def test_only_a_resnet_can_be_without_the_pool_of_its_stem() -> None:
    declared = SPEC.network.model_dump() | {"architecture": Architecture.DENSENET121, "coarse_backbone": False}
    with pytest.raises(ValueError, match="only a ResNet"):
        Network.model_validate(declared)


def test_the_pool_of_the_stem_is_there_in_the_first_epochs_of_fitting_alone(tmp_path: Path) -> None:
    spec = tiny(SCALES["detailed"])
    network, seen = RadiographNetwork(spec, Preset.DEMONSTRATION), []
    stem_rows = spec.network.presets[Preset.DEMONSTRATION].rows // 2
    network.backbone.layer1.register_forward_hook(
        lambda _layer, inputs, _features: seen.append((network.training, inputs[0].shape[2]))
    )
    data = drawn_data(spec)
    settings = replace(tiny_settings(tmp_path), epochs=3)
    defaults = spec.training.model_copy(update={"stem_pool_share": 0.6, "averaging_decay": None})
    fit(network, defaults, training=data.training, validation=data.validation, settings=settings)
    assert {rows for is_fitted, rows in seen if not is_fitted} == {stem_rows}
    assert [rows for is_fitted, rows in seen if is_fitted] == [stem_rows // 2, stem_rows // 2, stem_rows]
    assert isinstance(network.backbone.maxpool, nn.Identity)


def test_a_pool_for_the_first_epochs_needs_a_network_without() -> None:
    spec = SCALES["detailed"]
    pooled = spec.network.model_copy(update={"stem_pool": True})
    with pytest.raises(ValueError, match="already has"):
        NetworkSpec.model_validate(spec.model_dump() | {"network": pooled.model_dump()})
