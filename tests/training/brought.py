"""Networks as other programs build and save them, with random weights."""

import warnings
from collections import OrderedDict
from functools import cache
from pathlib import Path

import safetensors.torch
import timm
import torch
from torch import Tensor, nn

from specs.network import IMAGENET_MEAN, IMAGENET_STANDARD_DEVIATION
from training.narrowing import narrow

FORMS = ("safetensors", "torch", "torchscript")
"""How a file may hold weights."""


class _AdaptiveConcatPool2d(nn.Module):
    """The largest value first, as fastai has it."""

    def __init__(self) -> None:
        super().__init__()
        self.ap, self.mp = nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)

    def forward(self, places: Tensor) -> Tensor:
        return torch.cat([self.mp(places), self.ap(places)], 1)


@cache
def fastai_senet154(*, divisor: int) -> nn.Sequential:
    """Build what `cnn_learner(data, models.senet154)` of fastai 1 trains, in evaluation mode; not to be changed.

    Source:
        fastai 1.0.61, `create_cnn_model`; pretrainedmodels 0.7.4, `senet154`, whose pool is the last part of layer0.
    """
    torch.manual_seed(7)
    senet = timm.create_model("legacy_senet154", num_classes=0, global_pool="")
    narrow(senet, divisor)
    layer0 = nn.Sequential(OrderedDict([*senet.layer0.named_children(), ("pool", senet.pool0)]))
    inputs, hidden = 2 * 2048 // divisor, 512
    last = nn.Linear(hidden, 1)
    nn.init.normal_(last.weight, std=3.0)  # so that ages differ by years
    head = nn.Sequential(
        _AdaptiveConcatPool2d(),
        nn.Flatten(),
        nn.BatchNorm1d(inputs),
        nn.Dropout(0.25),
        nn.Linear(inputs, hidden),
        nn.ReLU(inplace=True),
        nn.BatchNorm1d(hidden),
        nn.Dropout(0.5),
        last,
    )
    body = nn.Sequential(layer0, senet.layer1, senet.layer2, senet.layer3, senet.layer4)
    return _with_statistics(nn.Sequential(body, head))


def _with_statistics(network: nn.Sequential) -> nn.Sequential:
    """Draw the numbers of every batch normalization, as if it had seen data, so that none can stand for another."""
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                assert layer.running_mean is not None
                assert layer.running_var is not None
                layer.weight.uniform_(0.7, 1.3)
                layer.running_var.uniform_(0.7, 1.3)
                layer.bias.normal_(0.0, 0.1)
                layer.running_mean.normal_(0.0, 0.1)
    return network.eval()


def normalized(pixels: Tensor) -> Tensor:
    """Do what fastai and torchvision do before the network: gray three times, ImageNet's statistics.

    Args:
        pixels: Shape (studies, 1, row, column), 0 to 255.
    """
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STANDARD_DEVIATION))
    return (pixels.float().repeat(1, 3, 1, 1) / 255 - mean) / deviation


def saved(network: nn.Module, form: str, folder: Path, *, pixels: Tensor) -> Path:
    """Save a network in one of `FORMS`; TorchScript is traced with some pixels."""
    match form:
        case "safetensors":
            file = folder / "weights.safetensors"
            safetensors.torch.save_file(network.state_dict(), file)
        case "torch":
            file = folder / "weights.pth"
            torch.save(network.state_dict(), file)
        case _:
            file = folder / "weights.pt"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # TorchScript is deprecated
                traced = torch.jit.trace(network, pixels, check_trace=False)  # type: ignore[no-untyped-call]
                torch.jit.save(traced, file)
    return file
