"""Fitting a model that answers with a volume, with Lightning."""

from typing import Any

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from specs.network import Preset
from specs.perfusion_slices import PerfusionSlices
from specs.volume import VolumeSpec
from specs.volume_head import VirtualPerfusion
from training.adversarial_fit import AdversarialFit
from training.checkpoints import BEST_CHECKPOINT
from training.fit_settings import FitSettings
from training.polar_map_loss import sampling_places
from training.trainer import fit_module
from training.volume_data import VolumePart
from training.volume_fit import VolumeBatch, VolumeFit
from training.volume_network import VolumeNetwork


def fit_volumes(
    spec: VolumeSpec, network: VolumeNetwork, *, training: VolumePart, validation: VolumePart, settings: FitSettings
) -> None:
    """Fit a network in place and keep the weights of the epoch that is best on the validation part.

    Args:
        spec: Its loss, optimizer and schedule.
        network: Freshly made; left in evaluation mode.
        training: At least one patient.
        validation: At least one patient.
        settings: Epochs, folder of checkpoints and log.

    Raises:
        FitDiverged: the answers became no numbers.
        KeyboardInterrupt: the user has interrupted it.
    """
    batches = DataLoader(_items(training, spec, drawing=True), batch_size=_batch_size(spec, drawing=True), shuffle=True)
    checked = DataLoader(_items(validation, spec, drawing=False), batch_size=_batch_size(spec, drawing=False))
    network.train()
    last = torch.channels_last if network.dimensions == 2 else torch.channels_last_3d
    network.to(memory_format=last)
    kind = AdversarialFit if spec.training.adversarial_weight else VolumeFit
    module = kind(network, spec, steps=len(batches) * settings.epochs)
    fit_module(module, batches, checked, settings=settings, patience_epochs=settings.epochs)
    module.load_state_dict(torch.load(settings.folder / BEST_CHECKPOINT, weights_only=True)["state_dict"])
    network.to(memory_format=torch.contiguous_format)
    network.eval()


def _batch_size(spec: VolumeSpec, *, drawing: bool) -> int:
    """Return how many patients or volumes make a batch of the declared size, which counts slices where they are items.

    Args:
        spec: Of the network that is fitted.
        drawing: Whether slices are drawn; else each volume has all.
    """
    if spec.network.dimensions == 3:
        return spec.training.batch_size
    slices = spec.recipe.input.shape[1]
    return max(1, spec.training.batch_size // (spec.training.slices_per_volume or slices if drawing else slices))


def _items(part: VolumePart, spec: VolumeSpec, *, drawing: bool) -> Dataset[VolumeBatch]:
    """Make items of a part: both volumes of a patient at a time, or one.

    Args:
        part: The patients.
        spec: Of the network that is fitted.
        drawing: Whether chance may choose slices and the order of a patient's two volumes.
    """
    places = torch.empty((len(part), 0))
    head, recipe = spec.head, spec.recipe
    if spec.training.polar_map_weight and isinstance(head, VirtualPerfusion) and isinstance(recipe, PerfusionSlices):
        places = sampling_places(part.facts, grid=recipe.grid, rules=head.polar_map)
    if spec.network.joint:
        return _Studies(part, places, drawing=drawing)
    return _Volumes(part, drawn=spec.training.slices_per_volume if drawing else None)


class _Studies(Dataset[VolumeBatch]):
    """Both volumes of a patient at a time, half of the patients in the other order if chance may choose.

    What attenuation and blur do to perfusion is the same at stress and rest.
    """

    def __init__(self, part: VolumePart, places: Tensor, *, drawing: bool) -> None:
        self._part = part
        self._places = places
        self._drawing = drawing

    def __len__(self) -> int:
        return len(self._part)

    def __getitem__(self, index: int) -> VolumeBatch:
        item = torch.from_numpy(self._part.tensors[index]), torch.from_numpy(self._part.targets[index])
        places = self._places[index]
        if self._drawing and bool(torch.rand(()) < 0.5):
            tensor, target = (each.flip(0) for each in item)
            return tensor, target, places.flip(0)
        return *item, places


class _Volumes(Dataset[VolumeBatch]):
    """One volume of a patient at a time, of it some slices that are drawn anew each time, or all."""

    def __init__(self, part: VolumePart, *, drawn: int | None) -> None:
        self._tensors = part.tensors.reshape(-1, *part.tensors.shape[2:])
        self._targets = part.targets.reshape(-1, *part.targets.shape[2:])
        self._drawn = drawn

    def __len__(self) -> int:
        return len(self._tensors)

    def __getitem__(self, index: int) -> VolumeBatch:
        tensor, target = torch.from_numpy(self._tensors[index]), torch.from_numpy(self._targets[index])
        nothing = torch.empty(0)
        if self._drawn is None:
            return tensor, target, nothing
        chosen = torch.randperm(len(tensor))[: self._drawn]
        return tensor[chosen], target[chosen], nothing


def volume_answers(network: VolumeNetwork, tensors: NDArray[np.uint16], *, batch_size: int) -> NDArray[Any]:
    """Run a network in fp32 on whole studies.

    Args:
        network: Its answer has the shape of its input.
        tensors: Shape (patients, *tensor).
        batch_size: Patients at a time.

    Returns:
        The same shape.
    """
    network.eval()
    with torch.inference_mode():
        parts = [
            network(torch.from_numpy(tensors[start : start + batch_size]))[0].numpy()
            for start in range(0, len(tensors), batch_size)
        ]
    return np.concatenate(parts)


def made_network(spec: VolumeSpec, preset: Preset, *, seed: int) -> VolumeNetwork:
    """Make a network with random weights of a seed, which also draws order and slices."""
    lightning.seed_everything(seed, verbose=False)
    return VolumeNetwork(spec, preset)
