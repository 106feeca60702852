"""A model small enough to be trained within a test."""

from functools import cache, partial
from pathlib import Path

import torch
from rich.progress import Progress

from specs import SPECS
from specs.model import ModelSpec
from specs.network import Preset, Sizing
from training.fitting import FitSettings
from training.radiograph_network import RadiographNetwork
from training.run import TrainingSummary, train_on_phantoms

PHANTOMS = 64
"""Studies in the training part of a tiny run."""

silent_progress = partial(Progress, disable=True)
"""Makes a progress bar that shows nothing."""


def tiny(spec: ModelSpec) -> ModelSpec:
    """Return a spec whose demonstration network has a sixteenth of the channels and sees 64 x 64 pixels."""
    narrowest = Sizing(width_divisor=16, rows=64, columns=64)
    network = spec.network.model_copy(update={"presets": {**spec.network.presets, Preset.DEMONSTRATION: narrowest}})
    return spec.model_copy(update={"network": network})


@cache
def opinionated_network(name: str, preset: Preset, *, divided: bool = True) -> RadiographNetwork:
    """Make a network in evaluation mode whose random weights give probabilities that differ; not to be changed.

    Args:
        name: Of the spec.
        preset: Size of the network.
        divided: Whether the demonstration network is a tiny one.
    """
    torch.manual_seed(5)
    network = RadiographNetwork(tiny(SPECS[name]) if divided else SPECS[name], preset).eval()
    with torch.no_grad():
        network.classifier.weight.normal_(0.0, 3.0 / network.classifier.in_features**0.5)
        network.classifier.bias.fill_(0.3)
    return network


def random_pixels(spec: ModelSpec, *, studies: int, seed: int = 1) -> torch.Tensor:
    """Draw wire pixels, shape (studies, 1, row, column), that differ in brightness and from place to place."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand((studies, 1, 8, 8), generator=generator) * torch.rand((studies, 1, 1, 1), generator=generator)
    shape = list(spec.recipe.pixels.shape[1:])
    return (torch.nn.functional.interpolate(coarse, size=shape) * 255).to(torch.uint8)


def train(spec: ModelSpec, folder: Path, prepared: Path, *, seed: int = 3) -> TrainingSummary:
    """Train a tiny network for one epoch."""
    return train_on_phantoms(
        tiny(spec),
        Preset.DEMONSTRATION,
        phantoms=PHANTOMS,
        settings=FitSettings(epochs=1, seed=seed, folder=folder, show_progress=False),
        cache=prepared,
        progress=silent_progress,
    )
