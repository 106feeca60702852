"""What the weights of an organ model are worth on their validation part."""

import numpy as np
from numpy.typing import NDArray

from evaluation.dice import dice
from specs.volume import VolumeSpec
from specs.volume_figures import OrganDice, OrganPerformance
from specs.volume_head import OrganLabels
from training.volume_data import VolumePart


def organ_performance(spec: VolumeSpec, validation: VolumePart, outputs: NDArray[np.uint8]) -> OrganPerformance:
    """Compare labels with the true ones, on the grid of the tensor: the mean Dice over volumes, early and late.

    Args:
        spec: The model.
        validation: Patients that it was not fitted on.
        outputs: What the network says of them, shape (patients, time, slice, row, column).

    Raises:
        TypeError: the model labels no organs.
        ValueError: the shapes differ.
    """
    if not isinstance(spec.head, OrganLabels):
        raise TypeError(f"{spec.name} labels no organs")
    if outputs.shape != validation.targets.shape:
        raise ValueError(f"labels have shape {outputs.shape}, the true ones {validation.targets.shape}")
    found, true = (labels.reshape(-1, *labels.shape[2:]) for labels in (outputs, validation.targets))
    return OrganPerformance(
        data_set=validation.name,
        patients=len(validation),
        dice=tuple(
            OrganDice(
                organ=organ.name,
                dice=float(
                    np.mean(
                        [dice(one == organ.label, other == organ.label) for one, other in zip(found, true, strict=True)]
                    )
                ),
            )
            for organ in spec.head.organs
        ),
    )
