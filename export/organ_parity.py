"""A variant of an organ model against its original: in masks, and in the counts that they measure."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.dice import dice
from preprocessing.count_scale import in_levels
from specs.deployment import Engine
from specs.mibg_volumes import MibgVolumes
from specs.volume import VolumeSpec
from specs.volume_figures import OrganParity
from specs.volume_head import OrganLabels
from training.volume_data import VolumePart

_Labels = NDArray[np.uint8]


def organ_parity(spec: VolumeSpec, part: VolumePart, *, original: _Labels, variant: _Labels) -> OrganParity:
    """Compare the labels of a variant with those of the original, on the grid of the tensor.

    Args:
        spec: The model.
        part: Patients that both were given.
        original: Labels, shape (patients, time, slice, row, column).
        variant: The same shape.

    Raises:
        TypeError: the model does not label organs of MIBG.
        ValueError: the shapes differ.
    """
    if not isinstance(spec.head, OrganLabels) or not isinstance(spec.recipe, MibgVolumes):
        raise TypeError(f"{spec.name} does not label organs of MIBG")
    if not original.shape == variant.shape == part.tensors.shape:
        raise ValueError(f"shapes differ: {original.shape}, {variant.shape}, {part.tensors.shape}")
    losses = [
        1 - dice(first == organ.label, second == organ.label)
        for organ in spec.head.organs
        for first, second in zip(_volumes(original), _volumes(variant), strict=True)
    ]
    heart = next(organ.label for organ in spec.head.organs if organ.name == "heart")
    return OrganParity(
        engine=Engine.ONNXRUNTIME,
        data_set=part.name,
        studies=len(part),
        dice_loss=max(losses),
        heart_counts_shift=max(_shifts(part, original == heart, variant == heart, spec.recipe)),
    )


def _volumes(labels: NDArray[Any]) -> NDArray[Any]:
    """Return every volume of every patient, shape (volume, slice, row, column)."""
    return labels.reshape(-1, *labels.shape[2:])


def _shifts(
    part: VolumePart, original: NDArray[np.bool_], variant: NDArray[np.bool_], recipe: MibgVolumes
) -> Iterator[float]:
    """Yield by what share of the original's mean counts those of the variant's heart differ; 1 where one has none."""
    for tensor, first, second in zip(*map(_volumes, (part.tensors, original, variant)), strict=True):
        if first.any() and second.any():
            counts = in_levels(tensor, recipe.scale)
            expected = float(counts[first].mean())
            yield abs(float(counts[second].mean()) - expected) / expected
        else:
            yield float(first.any() != second.any())
