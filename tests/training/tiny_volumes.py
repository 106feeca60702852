"""Models of volumes small enough to be run within a test."""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from specs import SPECS
from specs.network import Preset
from specs.volume import VolumeSpec
from training.volume_network import VolumeNetwork

VOLUME_SPECS = {name: spec for name, spec in SPECS.items() if isinstance(spec, VolumeSpec)}


def tiny_volumes(spec: VolumeSpec) -> VolumeSpec:
    """Return a spec whose demonstration network has a sixteenth of the channels."""
    demonstration = spec.network.presets[Preset.DEMONSTRATION].model_copy(update={"width_divisor": 16})
    presets = {**spec.network.presets, Preset.DEMONSTRATION: demonstration}
    return spec.model_copy(update={"network": spec.network.model_copy(update={"presets": presets})})


def of_slices(spec: VolumeSpec) -> VolumeSpec:
    """Return a perfusion spec whose network takes each slice by itself, eight of them drawn from a volume."""
    network = spec.network.model_copy(update={"dimensions": 2, "joint": False, "patch": 1})
    training = spec.training.model_copy(update={"polar_map_weight": 0.0, "slices_per_volume": 8, "batch_size": 16})
    return spec.model_copy(update={"network": network, "training": training})


@cache
def random_network(name: str) -> VolumeNetwork:
    """Make a tiny network in evaluation mode; not to be changed."""
    torch.manual_seed(5)
    return VolumeNetwork(tiny_volumes(VOLUME_SPECS[name]), Preset.DEMONSTRATION).eval()


def random_volumes(spec: VolumeSpec, *, patients: int, seed: int = 0) -> NDArray[np.uint16]:
    """Draw wire values, shape (patients, *tensor), smooth enough that neighbors differ little."""
    coarse = np.random.default_rng(seed).uniform(
        0, 30_000, (patients, 2, *(side // 8 for side in spec.recipe.input.shape[1:]))
    )
    fine = coarse.repeat(8, axis=2).repeat(8, axis=3).repeat(8, axis=4)
    return fine.astype(np.uint16)
