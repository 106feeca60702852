"""How far an exported perfusion model is from its fp32 PyTorch original, in segments."""

import numpy as np
from numpy.typing import NDArray

from specs.deployment import Engine
from specs.volume import VolumeSpec
from specs.volume_figures import PerfusionParity
from training.perfusion_performance import percents_of
from training.volume_data import VolumePart

Volumes = NDArray[np.float32]
"""What was said of a part, axes (patient, state, slice, row, column)."""


def perfusion_parity(spec: VolumeSpec, part: VolumePart, *, original: Volumes, variant: Volumes) -> PerfusionParity:
    """Compare the answers of both.

    Args:
        spec: The model.
        part: What both were asked of.
        original: Answers in PyTorch.
        variant: Answers in ONNX Runtime, in the same order.
    """
    shift = np.abs(percents_of(spec, part, variant) - percents_of(spec, part, original)).max()
    return PerfusionParity(
        engine=Engine.ONNXRUNTIME, data_set=part.name, studies=len(part), segment_shift_percent=float(shift)
    )
