"""From a training run of a model that answers with a volume to its repository entry, through the parity gate."""

from pathlib import Path
from typing import Any, assert_never

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from export.entry import write_entry
from export.finished_run import finished_run
from export.onnx_file import onnx_bytes
from export.organ_parity import organ_parity
from export.parity import require_parity
from export.perfusion_parity import perfusion_parity
from export.run import EntryVersion, Workplace
from export.weights_record import VOLUME_PACKAGES, provenance, weights_record
from phantoms import Part
from specs.network import Preset
from specs.volume import VolumeSpec
from specs.volume_head import OrganLabels, VirtualPerfusion
from specs.weights import Parity, WeightsRecord
from training.volume_data import VolumePart, phantom_volumes
from training.volume_fitting import volume_answers
from training.volume_run import load_volume_network

_PARITY_PATIENTS = 60
"""Each is two volumes: as many as take a minute."""

Volumes = NDArray[Any]
"""Shape (patients, volume, slice, row, column)."""


def export_volume_model(
    spec: VolumeSpec, preset: Preset, *, weights: Path, target: EntryVersion, workplace: Workplace
) -> WeightsRecord:
    """Export a trained network as one version of its entry.

    Args:
        spec: The model.
        preset: Which size of the network.
        weights: Folder that a training run left.
        target: Where it goes.
        workplace: Cache and progress.

    Raises:
        NotTrained: the folder holds no training run of that preset.
        ParityFailed: the ONNX file is too far from the network; nothing is written.
    """
    network, summary = finished_run(spec, preset, lambda: load_volume_network(spec, weights))
    content = onnx_bytes(network, inputs=spec.inputs, outputs=spec.outputs)
    with workplace.progress() as bar:
        part = phantom_volumes(
            Part.PARITY,
            spec.recipe,
            count=min(workplace.parity_studies, _PARITY_PATIENTS),
            cache=workplace.cache,
            progress=bar,
        )
    original = volume_answers(network, part.tensors, batch_size=spec.deployment.largest_batch)
    figures = _parity(spec, part, original=original, variant=_engine_volumes(content, spec, part.tensors))
    require_parity(figures, spec)
    made = provenance(parameters=summary.parameters, packages=VOLUME_PACKAGES)
    record = weights_record(summary, content, version=target.resolved(spec.name), figures=figures, made=made)
    write_entry(target.repository, spec, record, content)
    return record


def _parity(spec: VolumeSpec, part: VolumePart, *, original: Volumes, variant: Volumes) -> Parity:
    match spec.head:
        case VirtualPerfusion():
            return perfusion_parity(spec, part, original=original, variant=variant)
        case OrganLabels():
            return organ_parity(spec, part, original=original, variant=variant)
        case _:
            assert_never(spec.head)


def _engine_volumes(content: bytes, spec: VolumeSpec, tensors: NDArray[np.uint16]) -> Volumes:
    """Run an ONNX file in ONNX Runtime on the CPU."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    step, given = spec.deployment.largest_batch, spec.recipe.input.name
    parts = [
        session.run([spec.head.answer.name], {given: tensors[start : start + step]})[0]
        for start in range(0, len(tensors), step)
    ]
    return np.concatenate(parts)
