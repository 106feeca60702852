"""From a training run to a repository entry, through the parity gate."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as package_version
from pathlib import Path
from zipfile import BadZipFile

from pydantic import ValidationError
from rich.progress import Progress
from safetensors import SafetensorError

from export.entry import records, write_entry
from export.errors import NotTrained
from export.onnx_file import onnx_bytes
from export.parity import Compared, engine_answers, parity_figures, require_parity
from phantoms import Part
from specs.entry import ONNX_IR_VERSION, ONNX_OPSET
from specs.model import ModelSpec, NetworkSpec
from specs.network import Preset
from specs.weights import Parity, Provenance, WeightsRecord
from training.fitting import answers
from training.phantom_data import prepared_phantoms
from training.radiograph_network import RadiographNetwork
from training.run import load_network
from training.summary import TrainingSummary

PACKAGES = ("torch", "timm", "lightning", "onnx", "onnxruntime", "numpy", "opencv-python-headless", "pydicom")
"""Packages whose versions go into the record."""


@dataclass(frozen=True, kw_only=True)
class EntryVersion:
    """Where an export goes: a repository, and a version number or the next free one."""

    repository: Path
    number: int | None = None

    def resolved(self, model: str) -> int:
        """Return the number that a model's export gets."""
        taken = [record.version for record in records(self.repository / model)]
        return self.number or max(taken, default=0) + 1


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """What every export needs beside the weights.

    Attributes:
        cache: Folder for prepared phantoms.
        progress: Makes the bar shown while phantoms are prepared.
        parity_studies: Phantoms that a variant and its original both score.
    """

    cache: Path
    progress: Callable[[], Progress]
    parity_studies: int = 500


@dataclass(frozen=True, kw_only=True)
class GatedNetwork:
    """A network's ONNX file that has passed the gate, not written yet."""

    spec: NetworkSpec
    summary: TrainingSummary
    content: bytes
    compared: Compared
    figures: Parity

    def write(self, target: EntryVersion, *, weights_sha256: str | None = None) -> WeightsRecord:
        """Write it as one version of its entry; the digest is of the file that its weights were imported from."""
        record = WeightsRecord(
            model=self.spec.name,
            version=target.resolved(self.spec.name),
            preset=self.summary.preset,
            demonstration=self.summary.demonstration,
            model_sha256=hashlib.sha256(self.content).hexdigest(),
            data_set=self.summary.data_set,
            performance=self.summary.performance,
            parity=(self.figures,),
            provenance=provenance(parameters=self.summary.parameters, weights_sha256=weights_sha256),
        )
        write_entry(target.repository, self.spec, record, self.content)
        return record


def export_network(
    spec: NetworkSpec, preset: Preset, *, weights: Path, target: EntryVersion, workplace: Workplace
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
    return gated_network(spec, preset, weights=weights, workplace=workplace).write(target)


@contextmanager
def whole_run_expected(spec: ModelSpec, preset: Preset) -> Iterator[None]:
    """Read from a folder in which a training run of this version has ended.

    Raises:
        NotTrained: a file is missing, or has another form than this version writes.
    """
    try:
        yield
    except (FileNotFoundError, ValidationError, SafetensorError, BadZipFile):
        raise NotTrained(model=spec.name, preset=preset) from None


def gated_network(spec: NetworkSpec, preset: Preset, *, weights: Path, workplace: Workplace) -> GatedNetwork:
    """Turn a trained network into an ONNX file and compare the two; nothing is written.

    Raises:
        NotTrained: the folder holds no training run of that preset.
        ParityFailed: the ONNX file is too far from the network.
    """
    with whole_run_expected(spec, preset):
        network, summary = load_network(spec, weights)
    if summary.preset is not preset or summary.model != spec.name:
        raise NotTrained(model=spec.name, preset=preset)
    return gated(spec, network, summary, workplace=workplace)


def gated(
    spec: NetworkSpec, network: RadiographNetwork, summary: TrainingSummary, *, workplace: Workplace
) -> GatedNetwork:
    """Turn a network into an ONNX file and compare the two; nothing is written.

    Args:
        spec: The model.
        network: In evaluation mode, with its weights.
        summary: What is known of the weights.
        workplace: Cache and progress.

    Raises:
        ParityFailed: the ONNX file is too far from the network.
    """
    content = onnx_bytes(network, inputs=spec.inputs, outputs=spec.outputs)
    with workplace.progress() as bar:
        part = prepared_phantoms(Part.PARITY, spec, count=workplace.parity_studies, cache=workplace.cache, progress=bar)
    pixels = part.pixels[:]
    compared = Compared(
        original=answers(network, pixels, batch_size=spec.deployment.largest_batch),
        variant=engine_answers(content, spec, pixels),
        truth=part.truth,
        data_set=part.name,
    )
    figures = parity_figures(compared, summary.performance)
    require_parity(figures, spec)
    return GatedNetwork(spec=spec, summary=summary, content=content, compared=compared, figures=figures)


def provenance(*, parameters: int, weights_sha256: str | None = None, packages: Sequence[str] = PACKAGES) -> Provenance:
    """Say what makes an ONNX file here and now, and of imported weights the digest of their file."""
    return Provenance(
        created=datetime.now(UTC).replace(microsecond=0),
        onnx_opset=ONNX_OPSET,
        onnx_ir_version=ONNX_IR_VERSION,
        parameters=parameters,
        packages={package: package_version(package) for package in packages},
        weights_sha256=weights_sha256,
    )
