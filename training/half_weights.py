"""Weights that half precision holds exactly, so that their file is half as large; they are computed with in fp32."""

from collections.abc import Sequence
from itertools import zip_longest

import torch
from torch import nn
from torch.nn.utils import fuse_conv_bn_weights


def keep_half(backbone: nn.Module) -> None:
    """Fold each batch norm into the convolution before it and round what comes out to half precision, in place.

    The batch norms stay, each adding its bias alone, so that the state has the same names and shapes. An export folds
    those too: only what is rounded behind the folding is still a number of half precision in its file.

    Args:
        backbone: A ResNet in evaluation mode, whose batch norms each follow the convolution that they normalize.

    Raises:
        ValueError: a convolution has no batch norm behind it, or the other way round, or has a bias of its own; or a
            folded weight is beyond half precision, and only then has anything been changed.
    """
    layers = [each for each in backbone.modules() if isinstance(each, nn.Conv2d | nn.BatchNorm2d)]
    for convolution, normalization in _pairs(layers):
        _fold(convolution, normalization)


def _pairs(layers: Sequence[nn.Module]) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Return each convolution with the batch norm behind it."""
    pairs = []
    for convolution, normalization in zip_longest(layers[::2], layers[1::2]):
        if not isinstance(convolution, nn.Conv2d) or not isinstance(normalization, nn.BatchNorm2d):
            raise ValueError("a batch norm is wanted behind every convolution")
        if convolution.bias is not None:
            raise ValueError("a convolution is wanted without a bias: that of its batch norm takes its place")
        pairs.append((convolution, normalization))
    return pairs


def _fold(convolution: nn.Conv2d, normalization: nn.BatchNorm2d) -> None:
    mean, variance = normalization.running_mean, normalization.running_var
    assert mean is not None  # for the type checker: timm's batch norms track both
    assert variance is not None
    weight, bias = fuse_conv_bn_weights(
        convolution.weight,
        None,
        mean,
        variance,
        normalization.eps,
        normalization.weight,
        normalization.bias,
    )
    if not torch.isfinite(weight.half()).all():
        raise ValueError("a folded weight is beyond half precision, whose largest number is 65504")
    with torch.no_grad():
        convolution.weight.copy_(weight.half())
        normalization.bias.copy_(bias)
        normalization.weight.fill_((1 + normalization.eps) ** 0.5)
        mean.zero_()
        variance.fill_(1.0)
