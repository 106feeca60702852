"""From a training run to a repository entry, through the parity gate."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from export.compiled_package import GatedPackage, PackageChoice, StudiesOfTheGate, gated_package
from export.entry import records, write_entry, write_package
from export.finished_run import finished_run
from export.onnx_file import onnx_bytes
from export.parity import Compared, engine_answers, parity_figures, require_parity
from export.weight_storage import stored_in_half
from export.weights_record import provenance, weights_record
from phantoms import Part
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import Parity, WeightsRecord
from training.fitting import answers
from training.phantom_data import prepared_phantoms
from training.radiograph_network import RadiographNetwork
from training.run import load_network
from training.summary import TrainingSummary


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
        package: What AOTInductor's package of each network computes in; None for no package.
    """

    cache: Path
    progress: Callable[[], Progress]
    parity_studies: int = 500
    package: PackageChoice | None = None


@dataclass(frozen=True, kw_only=True)
class GatedNetwork:
    """A network's ONNX file that has passed the gate, and its package where one was asked for; not written yet."""

    spec: NetworkSpec
    summary: TrainingSummary
    content: bytes
    compared: Compared
    figures: Parity
    package: GatedPackage | None

    def write(self, target: EntryVersion, *, weights_sha256: str | None = None) -> WeightsRecord:
        """Write it as one version of its entry; the digest is of the file that its weights were imported from."""
        made = provenance(parameters=self.summary.parameters, weights_sha256=weights_sha256)
        version = target.resolved(self.spec.name)
        record = weights_record(self.summary, self.content, version=version, figures=self.figures, made=made)
        entry = write_entry(target.repository, self.spec, record, self.content)
        if self.package is not None:
            write_package(entry / str(version), self.package.content, self.package.manifest)
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
        PackageNotCompiled: AOTInductor cannot compile the network here; nothing is written.
        ParityFailed: the ONNX file or the package is too far from the network; nothing is written.
    """
    return gated_network(spec, preset, weights=weights, workplace=workplace).write(target)


def gated_network(spec: NetworkSpec, preset: Preset, *, weights: Path, workplace: Workplace) -> GatedNetwork:
    """Turn a trained network into an ONNX file, and a package, and compare them; nothing is written.

    Raises:
        NotTrained: the folder holds no training run of that preset.
        PackageNotCompiled: AOTInductor cannot compile the network here.
        ParityFailed: the ONNX file or the package is too far from the network.
    """
    network, summary = finished_run(spec, preset, lambda: load_network(spec, weights))
    return gated(spec, network, summary, workplace=workplace)


def gated(
    spec: NetworkSpec, network: RadiographNetwork, summary: TrainingSummary, *, workplace: Workplace
) -> GatedNetwork:
    """Turn a network into an ONNX file, and a package, and compare them; nothing is written.

    Args:
        spec: The model.
        network: In evaluation mode, with its weights.
        summary: What is known of the weights.
        workplace: Cache and progress.

    Raises:
        PackageNotCompiled: AOTInductor cannot compile the network here.
        ParityFailed: the ONNX file or the package is too far from the network.
    """
    content = onnx_bytes(network, inputs=spec.inputs, outputs=spec.outputs)
    if spec.network.presets[summary.preset].half_weights:
        content = stored_in_half(content)
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
    package = None
    if workplace.package is not None:
        with workplace.progress() as bar:
            bar.add_task(f"compiling the package of {spec.name}", total=None)
            studies = StudiesOfTheGate(pixels=pixels, compared=compared, performance=summary.performance)
            package = gated_package(spec, network, workplace.package, onnx=content, studies=studies)
    return GatedNetwork(
        spec=spec, summary=summary, content=content, compared=compared, figures=figures, package=package
    )
