"""Weights rounded to half precision behind their batch norms: the same state, the same answers but for the rounding."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from specs.network import Architecture, Network, Preset
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from tests.training.tiny import drawn_data, random_pixels, tiny, tiny_settings, with_opinions
from training.half_weights import keep_half
from training.radiograph_network import RadiographNetwork
from training.run import load_network, train

SPEC = tiny(SARCOIDOSIS_LYMPHOMA, half_weights=True)


def fitted() -> RadiographNetwork:
    """Make a network whose batch norms have seen something: none is the identity."""
    torch.manual_seed(3)
    network = with_opinions(RadiographNetwork(SPEC, Preset.DEMONSTRATION))
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.normal_(layer.bias, 0.0, 0.1)
            layer.running_mean = torch.randn(layer.num_features) / 10
            layer.running_var = torch.rand(layer.num_features) + 0.5
    return network


def log_odds(network: RadiographNetwork) -> Tensor:
    with torch.inference_mode():
        return torch.logit(network(random_pixels(SPEC, studies=4))[0])


def convolutions(network: RadiographNetwork) -> list[Tensor]:
    return [each.weight.detach() for each in network.backbone.modules() if isinstance(each, nn.Conv2d)]


def test_answers_move_by_the_rounding_alone() -> None:
    network = fitted()
    before, state = log_odds(network), set(network.state_dict())
    for backbone in network.backbones:
        keep_half(backbone)
    assert all(torch.equal(weight, weight.half().float()) for weight in convolutions(network))
    assert set(network.state_dict()) == state
    after = log_odds(network)
    assert not torch.equal(before, after)
    torch.testing.assert_close(after, before, atol=0.02, rtol=0.0)


def test_to_round_twice_changes_nothing_more() -> None:
    network = fitted()
    for backbone in network.backbones:
        keep_half(backbone)
    once = convolutions(network)
    once, answers = [weight.clone() for weight in once], log_odds(network)
    for backbone in network.backbones:
        keep_half(backbone)
    torch.testing.assert_close(convolutions(network), once, atol=0.0, rtol=1e-6)
    torch.testing.assert_close(log_odds(network), answers, atol=1e-5, rtol=0.0)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([nn.BatchNorm2d(3), nn.Conv2d(3, 4, 1, bias=False)], "behind every convolution"),
        ([nn.Conv2d(3, 4, 1, bias=False)], "behind every convolution"),
        ([nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4)], "without a bias"),
    ],
)
def test_a_backbone_that_cannot_be_folded_is_refused_and_stays_as_it_is(layers: list[nn.Module], message: str) -> None:
    backbone = nn.Sequential(nn.Conv2d(3, 3, 1, bias=False), nn.BatchNorm2d(3), *layers)
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    with pytest.raises(ValueError, match=message):
        keep_half(backbone)
    assert all(torch.equal(value, before[name]) for name, value in backbone.state_dict().items())


def test_a_weight_beyond_half_precision_is_refused() -> None:
    convolution = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.constant_(convolution.weight, 1e5)
    backbone = nn.Sequential(convolution, nn.BatchNorm2d(1)).eval()
    with pytest.raises(ValueError, match="beyond half precision"):
        keep_half(backbone)


def test_a_run_ends_with_weights_of_half_precision(tmp_path: Path) -> None:
    train(SPEC, Preset.DEMONSTRATION, drawn_data(SPEC), settings=tiny_settings(tmp_path))
    network, _ = load_network(SPEC, tmp_path)
    assert all(torch.equal(weight, weight.half().float()) for weight in convolutions(network))


def test_only_a_network_with_batch_norms_behind_its_convolutions_is_rounded() -> None:
    with pytest.raises(ValueError, match="only a ResNet"):
        Network.model_validate(
            SPEC.network.model_dump() | {"architecture": Architecture.DENSENET121, "stem_pool": True}
        )
