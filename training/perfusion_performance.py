"""What a perfusion model is worth on its validation part, and what is normal by it and by SPECT."""

import numpy as np
from numpy.typing import NDArray

from evaluation.perfusion_scores import normal_limits
from preprocessing.perfusion_study import shares_on_wire
from specs.perfusion_scores import NormalLimits
from specs.perfusion_slices import PerfusionSlices
from specs.volume import VolumeSpec
from specs.volume_figures import PerfusionPerformance
from specs.volume_head import VirtualPerfusion
from training.perfusion_data import DISEASED
from training.perfusion_segments import Percents, segment_percents
from training.volume_data import VolumePart

Outputs = NDArray[np.float32]
"""What the network said of a part, the shape of its tensors."""


def perfusion_performance(
    spec: VolumeSpec,
    *,
    training: VolumePart,
    training_outputs: Outputs,
    validation: VolumePart,
    validation_outputs: Outputs,
) -> PerfusionPerformance:
    """Measure segments of the validation part, and learn normal limits from people without disease.

    The limits are of the training part, whose people are more, though the network has seen them.

    Args:
        spec: The model.
        training: What it was fitted on; at least two people without disease.
        training_outputs: Its answers there.
        validation: What it was not fitted on.
        validation_outputs: Its answers there.

    Raises:
        TypeError: the model answers with no perfusion.
        ValueError: there are fewer than two people without disease.
    """
    reference = percents_of(spec, validation, validation.targets)
    error = np.abs(percents_of(spec, validation, validation_outputs) - reference).mean()
    spect_error = np.abs(spect_percents(spec, validation) - reference).mean()
    stress, rest = _limits(training, percents_of(spec, training, training_outputs))
    spect_stress, spect_rest = _limits(training, spect_percents(spec, training))
    return PerfusionPerformance(
        data_set=validation.name,
        patients=len(validation),
        segment_error_percent=float(error),
        spect_segment_error_percent=float(spect_error),
        stress_limits=stress,
        rest_limits=rest,
        spect_stress_limits=spect_stress,
        spect_rest_limits=spect_rest,
    )


def percents_of(spec: VolumeSpec, part: VolumePart, volumes: NDArray[np.float32]) -> Percents:
    """Measure the segments of volumes on the slices of a part.

    Raises:
        TypeError: the model answers with no perfusion.
    """
    recipe, head = spec.recipe, spec.head
    if not isinstance(recipe, PerfusionSlices) or not isinstance(head, VirtualPerfusion):
        raise TypeError(f"{spec.name} answers with no perfusion")
    return segment_percents(volumes, part.facts, grid=recipe.grid, rules=head.polar_map)


def spect_percents(spec: VolumeSpec, part: VolumePart) -> Percents:
    """Measure the segments of the SPECT that a part holds.

    Raises:
        TypeError: the model answers with no perfusion.
    """
    if not isinstance(spec.recipe, PerfusionSlices):
        raise TypeError(f"{spec.name} takes no perfusion slices")
    return percents_of(spec, part, shares_on_wire(part.tensors, spec.recipe))


def _limits(part: VolumePart, percents: Percents) -> tuple[NormalLimits, NormalLimits]:
    healthy = percents[part.facts[DISEASED] == 0]
    return normal_limits(healthy[:, 0]), normal_limits(healthy[:, 1])
