"""A model small enough to be trained within a test."""

from functools import cache, partial
from pathlib import Path

import torch
from rich.progress import Progress
from torch import nn

from specs.head import MeasuredQuantity
from specs.model import NetworkSpec
from specs.network import Preset, Sizing
from tests.specs.quantity import EVERY_SPEC
from training import run
from training.fitting import FitSettings
from training.radiograph_network import RadiographNetwork
from training.run import phantom_training_data
from training.summary import TrainingSummary

PHANTOMS = 64
"""Studies in the training part of a tiny run."""

silent_progress = partial(Progress, disable=True)
"""Makes a progress bar that shows nothing."""


def tiny(spec: NetworkSpec) -> NetworkSpec:
    """Return a spec whose demonstration network has a sixteenth of the channels and sees 64 x 64 pixels."""
    narrowest = Sizing(width_divisor=16, rows=64, columns=64)
    network = spec.network.model_copy(update={"presets": {**spec.network.presets, Preset.DEMONSTRATION: narrowest}})
    return spec.model_copy(update={"network": network})


@cache
def opinionated_network(name: str, preset: Preset, *, divided: bool = True) -> RadiographNetwork:
    """Make a network in evaluation mode whose random weights give answers that differ; not to be changed.

    Args:
        name: Of the spec.
        preset: Size of the network.
        divided: Whether the demonstration network is a tiny one.
    """
    torch.manual_seed(5)
    return with_opinions(RadiographNetwork(tiny(EVERY_SPEC[name]) if divided else EVERY_SPEC[name], preset))


def with_opinions(network: RadiographNetwork) -> RadiographNetwork:
    """Draw the last layer anew so that answers differ, a quantity's about 50; in evaluation mode."""
    last = [layer for layer in network.classifier.modules() if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        last.weight.normal_(0.0, 3.0 / last.in_features**0.5)
        last.bias.fill_(0.3)
    if isinstance(network.head, MeasuredQuantity):
        network.quantity_center.fill_(50.0)
        network.quantity_deviation.fill_(20.0)
    return network.eval()


def random_pixels(spec: NetworkSpec, *, studies: int, seed: int = 1) -> torch.Tensor:
    """Draw wire pixels, shape (studies, 1, row, column), that differ in brightness and from place to place."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand((studies, 1, 8, 8), generator=generator) * torch.rand((studies, 1, 1, 1), generator=generator)
    shape = list(spec.recipe.pixels.shape[1:])
    return (torch.nn.functional.interpolate(coarse, size=shape) * 255).to(torch.uint8)


def train(spec: NetworkSpec, folder: Path, prepared: Path, *, seed: int = 3) -> TrainingSummary:
    """Train a tiny network for one epoch."""
    smallest = tiny(spec)
    data = phantom_training_data(smallest, phantoms=PHANTOMS, cache=prepared, progress=silent_progress)
    settings = FitSettings(epochs=1, seed=seed, folder=folder, show_progress=False)
    return run.train(smallest, Preset.DEMONSTRATION, data, settings=settings)
