"""A model small enough to be trained within a test."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress
from torch import nn

from specs.head import MeasuredQuantity
from specs.model import NetworkSpec
from specs.network import Architecture, Preset, Sizing
from tests.specs.quantity import EVERY_SPEC
from training import run
from training.fit_settings import FitSettings
from training.prepared_part import ChosenPixels, PreparedPart
from training.radiograph_network import RadiographNetwork
from training.summary import TrainingSummary
from training.training_data import TrainingData, phantom_training_data

PHANTOMS = 64
"""Studies in the training part of a tiny run."""

silent_progress = partial(Progress, disable=True)
"""Makes a progress bar that shows nothing."""


def tiny(spec: NetworkSpec, *, half_weights: bool = False) -> NetworkSpec:
    """Return a spec whose demonstration network has a sixteenth of the channels and sees 64 pixels a row.

    Of a ResNet18 it has an eighth: with 4 channels oneDNN 3.13 writes beyond a gradient on processors without AVX-512,
    which ends the process.
    """
    _, rows, columns = spec.recipe.pixels.shape
    divisor = 8 if spec.network.architecture is Architecture.RESNET18 else 16
    narrowest = Sizing(width_divisor=divisor, rows=64 * rows // columns, columns=64, half_weights=half_weights)
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
    """Draw wire pixels, shape (studies, view, row, column), that differ in brightness and from place to place."""
    generator = torch.Generator().manual_seed(seed)
    views, *shape = spec.recipe.pixels.shape
    coarse = torch.rand((studies, views, 8, 8), generator=generator)
    coarse *= torch.rand((studies, 1, 1, 1), generator=generator)
    return (torch.nn.functional.interpolate(coarse, size=shape) * 255).to(torch.uint8)


def drawn_part(spec: NetworkSpec, truth: Sequence[float], *, seed: int = 1) -> PreparedPart:
    """Draw a study for each truth: no phantom, and quicker than one."""
    return PreparedPart(
        name="drawn studies",
        seed=seed,
        pixels=ChosenPixels.all_of(random_pixels(spec, studies=len(truth), seed=seed).numpy()),
        truth=np.array(truth, dtype=np.float32),
        measurements=np.empty((len(truth), 0), dtype=np.float32),
    )


def drawn_data(spec: NetworkSpec) -> TrainingData:
    """Draw a training part of one batch and a validation part, the truth of every other study one above the rest."""
    return TrainingData(
        name="drawn studies",
        description="noise, for tests",
        demonstration=False,
        seed=1,
        training=drawn_part(spec, [0, 1] * 6, seed=1),
        validation=drawn_part(spec, [0, 1] * 4, seed=2),
    )


def tiny_data(spec: NetworkSpec, prepared: Path) -> TrainingData:
    """Prepare the phantoms of a tiny run."""
    return phantom_training_data(tiny(spec), phantoms=PHANTOMS, cache=prepared, progress=silent_progress)


def tiny_settings(folder: Path) -> FitSettings:
    """Say how a tiny run is done: one epoch."""
    return FitSettings(epochs=1, seed=3, balanced=False, folder=folder, show_progress=False)


def train(spec: NetworkSpec, folder: Path, prepared: Path, *, seed: int = 3) -> TrainingSummary:
    """Train a tiny network for one epoch."""
    settings = replace(tiny_settings(folder), seed=seed)
    return run.train(tiny(spec), Preset.DEMONSTRATION, tiny_data(spec, prepared), settings=settings)
