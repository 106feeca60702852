"""From a training run of a model that answers with a volume to its repository entry, through the parity gate."""

import hashlib
from pathlib import Path
from typing import Any, assert_never

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from export.entry import write_entry
from export.errors import NotTrained
from export.onnx_file import onnx_bytes
from export.organ_parity import organ_parity
from export.parity import require_parity
from export.perfusion_parity import perfusion_parity
from export.run import PACKAGES, EntryVersion, Workplace, provenance, whole_run_expected
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
    with whole_run_expected(spec, preset):
        network, summary = load_volume_network(spec, weights)
    if summary.preset is not preset or summary.model != spec.name:
        raise NotTrained(model=spec.name, preset=preset)
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
    record = WeightsRecord(
        model=spec.name,
        version=target.resolved(spec.name),
        preset=summary.preset,
        demonstration=summary.demonstration,
        model_sha256=hashlib.sha256(content).hexdigest(),
        data_set=summary.data_set,
        performance=summary.performance,
        parity=(figures,),
        provenance=provenance(parameters=summary.parameters, packages=(*PACKAGES, "monai")),
    )
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
