"""A narrow network has the topology of the wide one and a fraction of its channels."""

import pytest
import timm
import torch
from torch import nn

from training.narrowing import narrow, parameter_count

BACKBONES = [("resnet50", 64), ("inception_v3", 96), ("densenet121", 64)]
"""timm name and the side of a small input, in pixels."""


def backbone(name: str) -> nn.Module:
    """Make a backbone without its classifier."""
    made: nn.Module = timm.create_model(name, pretrained=False, num_classes=0, global_pool="")
    return made.eval()


@pytest.mark.parametrize(("name", "side"), BACKBONES)
def test_every_channel_count_is_divided_and_the_network_still_runs(name: str, side: int) -> None:
    wide, slim = backbone(name), backbone(name)
    narrow(slim, 4)
    for (path, before), (same_path, after) in zip(wide.named_modules(), slim.named_modules(), strict=True):
        assert path == same_path
        assert type(before) is type(after)
        if isinstance(before, nn.Conv2d) and isinstance(after, nn.Conv2d):
            assert after.out_channels == before.out_channels // 4
            assert after.in_channels == (3 if before.in_channels == 3 else before.in_channels // 4)
            assert (after.kernel_size, after.stride, after.padding) == (
                before.kernel_size,
                before.stride,
                before.padding,
            )
        if isinstance(before, nn.BatchNorm2d) and isinstance(after, nn.BatchNorm2d):
            assert after.num_features == before.num_features // 4 == after.weight.numel()
            assert (after.eps, after.momentum) == (before.eps, before.momentum)
    with torch.inference_mode():
        features = slim(torch.rand(2, 3, side, side))
    assert features.shape[0] == 2
    assert torch.isfinite(features).all()
    assert parameter_count(slim) == pytest.approx(parameter_count(wide) / 16, rel=0.1)


def test_a_narrow_network_learns_in_every_layer() -> None:
    slim = backbone("resnet50").train()
    narrow(slim, 8)
    slim(torch.rand(4, 3, 64, 64)).square().mean().backward()
    assert all(parameter.grad is not None for parameter in slim.parameters())


def test_the_divisor_one_changes_nothing() -> None:
    plain = backbone("resnet50")
    before = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    modules = list(plain.modules())
    narrow(plain, 1)
    assert all(left is right for left, right in zip(modules, plain.modules(), strict=True))
    assert all(torch.equal(before[name], tensor) for name, tensor in plain.state_dict().items())


def test_linear_layers_and_groups_are_divided() -> None:
    layers = nn.Sequential(nn.Conv2d(8, 16, 3, groups=4, bias=False), nn.Linear(16, 8, bias=False))
    narrow(layers, 4)
    convolution, linear = layers[0], layers[1]
    assert isinstance(convolution, nn.Conv2d)
    assert isinstance(linear, nn.Linear)
    assert (convolution.in_channels, convolution.out_channels, convolution.groups) == (2, 4, 1)
    assert convolution.bias is None
    assert (linear.in_features, linear.out_features) == (4, 2)
    assert linear.bias is None


def test_fewer_channels_than_the_divisor_are_refused() -> None:
    with pytest.raises(ValueError, match="2 channels cannot be divided by 4"):
        narrow(nn.Sequential(nn.Conv2d(3, 2, 1)), 4)
