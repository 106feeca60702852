"""A network with the same topology and a fraction of its channels."""

import copy

from torch import nn

_GRAY_AS_RGB = 3
"""Channels of the network's input, which stay."""


def narrow(module: nn.Module, divisor: int) -> None:
    """Rebuild every convolution, batch normalization and linear layer with channels and groups divided.

    The input channels of the first convolution stay. Weights are drawn anew by each layer's own rule.

    Args:
        module: A backbone without its classifier; changed in place.
        divisor: At least 1; 1 changes nothing.

    Raises:
        ValueError: a layer has fewer channels than `divisor`.
    """
    if divisor == 1:
        return
    for name, child in module.named_children():
        match child:
            case nn.Conv2d():
                setattr(module, name, _narrow_convolution(child, divisor))
            case nn.BatchNorm2d():
                setattr(module, name, _narrow_normalization(child, divisor))
            case nn.Linear():
                bias = child.bias is not None
                setattr(
                    module,
                    name,
                    nn.Linear(_part(child.in_features, divisor), _part(child.out_features, divisor), bias),
                )
            case _:
                narrow(child, divisor)


def _narrow_convolution(layer: nn.Conv2d, divisor: int) -> nn.Conv2d:
    inputs = layer.in_channels if layer.in_channels == _GRAY_AS_RGB else _part(layer.in_channels, divisor)
    rebuilt = nn.Conv2d(
        inputs,
        _part(layer.out_channels, divisor),
        kernel_size=layer.kernel_size,  # type: ignore[arg-type]  # torch stores the pair as tuple[int, ...]
        stride=layer.stride,  # type: ignore[arg-type]
        padding=layer.padding,  # type: ignore[arg-type]
        dilation=layer.dilation,  # type: ignore[arg-type]
        groups=max(1, layer.groups // divisor),
        bias=layer.bias is not None,
    )
    nn.init.kaiming_normal_(rebuilt.weight, mode="fan_out", nonlinearity="relu")
    return rebuilt


def _narrow_normalization(layer: nn.BatchNorm2d, divisor: int) -> nn.BatchNorm2d:
    """Rebuild with the same class: timm's variants hold an activation too."""
    channels = _part(layer.num_features, divisor)
    fresh = nn.BatchNorm2d(channels, eps=layer.eps, momentum=layer.momentum)
    rebuilt = copy.deepcopy(layer)
    rebuilt.num_features = channels
    rebuilt.weight, rebuilt.bias = fresh.weight, fresh.bias
    rebuilt.running_mean, rebuilt.running_var = fresh.running_mean, fresh.running_var
    return rebuilt


def _part(channels: int, divisor: int) -> int:
    if channels < divisor:
        raise ValueError(f"{channels} channels cannot be divided by {divisor}")
    return channels // divisor


def parameter_count(module: nn.Module) -> int:
    """Return the number of weights that training changes."""
    return sum(parameter.numel() for parameter in module.parameters())
