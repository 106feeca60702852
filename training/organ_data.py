"""Phantoms of cardiac MIBG as training data: what the client would send of each, and the labels of its true masks."""

import numpy as np
from numpy.typing import NDArray

from phantoms import MibgPhantom, OrganTruth
from preprocessing import NotEligible
from preprocessing.mibg_study import prepare_mibg
from preprocessing.organ_labels import organ_labels
from preprocessing.organ_masks import OrganMasks
from preprocessing.volume import Volume
from specs.mibg import MibgTime
from specs.mibg_organs import ORGANS
from specs.mibg_volumes import MibgVolumes
from training.volume_example import VolumeExample, as_read

NEARLY_NO_UPTAKE = "nearly_no_uptake"
"""The fact whether a heart has almost no uptake: 1 or 0."""


def organ_example(phantom: MibgPhantom, recipe: MibgVolumes) -> VolumeExample:
    """Prepare a phantom as the client would prepare the study, with the labels of its true masks at both times.

    Args:
        phantom: One patient.
        recipe: The model's recipe.

    Raises:
        ValueError: the phantom is not eligible for the recipe.
    """
    prepared = prepare_mibg(as_read(phantom.spect_dataset(time) for time in MibgTime), recipe)
    if isinstance(prepared, NotEligible):
        raise ValueError(f"a phantom is not eligible for the recipe: {prepared.reason}")
    labels = [
        _labels(organs, point.volume, recipe)
        for organs, point in ((phantom.early_organs, prepared.early), (phantom.late_organs, prepared.late))
    ]
    return VolumeExample(
        tensor=prepared.tensor,
        target=np.stack(labels),
        facts={NEARLY_NO_UPTAKE: float(phantom.truth.nearly_no_uptake)},
    )


def true_masks(organs: OrganTruth) -> OrganMasks:
    """Return the drawn masks that a model should find."""
    return OrganMasks(heart=organs.heart, lungs=organs.lungs, liver=organs.liver)


def _labels(organs: OrganTruth, volume: Volume, recipe: MibgVolumes) -> NDArray[np.uint8]:
    return organ_labels(true_masks(organs), volume, recipe=recipe, head=ORGANS)
