"""From weights that somebody else trained to a repository entry, through the same parity gate."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.run import EntryVersion, Workplace, gated
from specs.head import FindingProbability, ImageHead, OperatingPointPolicy
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import DataSet, WeightsRecord
from training.fitting import answers
from training.narrowing import parameter_count
from training.performance import performance
from training.prepared_part import PreparedPart
from training.pretrained import load_network_weights
from training.radiograph_network import RadiographNetwork
from training.summary import TrainingSummary


@dataclass(frozen=True, kw_only=True)
class ImportedNetwork:
    """A network with the weights of a file.

    Attributes:
        spec: The model.
        preset: Size of the network.
        network: In evaluation mode.
        layout: How the names in the file were understood, for people.
        weights_sha256: Digest of the file.
    """

    spec: NetworkSpec
    preset: Preset
    network: RadiographNetwork
    layout: str
    weights_sha256: str


@dataclass(frozen=True, kw_only=True)
class FittedOn:
    """What the weights were fitted on, as whoever imports them says; it cannot be checked here."""

    name: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """Studies with truth, on which weights are measured and the operating point of a finding is chosen.

    Attributes:
        part: The studies.
        phantoms: Whether they are phantoms.
        policy: How the operating point is chosen; None for the spec's own.
    """

    part: PreparedPart
    phantoms: bool
    policy: OperatingPointPolicy | None = None

    def head(self, spec: NetworkSpec) -> ImageHead:
        """Return a model's head with the policy that holds here."""
        if self.policy is None or not isinstance(spec.head, FindingProbability):
            return spec.head
        return spec.head.model_copy(update={"operating_point_policy": self.policy})


def read_network(spec: NetworkSpec, preset: Preset, file: Path) -> ImportedNetwork:
    """Read the weights of a whole network from a file, in any form and layout that `load_network_weights` takes.

    Raises:
        WeightsMismatch: the weights are not of this network.
        UnsafeWeights: reading the file could run what it holds.
    """
    network = RadiographNetwork(spec, preset).eval()
    layout = load_network_weights(network, spec.network, file)
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return ImportedNetwork(spec=spec, preset=preset, network=network, layout=layout.title, weights_sha256=digest)


def export_imported(
    imported: ImportedNetwork, said: FittedOn, *, yardstick: Yardstick, target: EntryVersion, workplace: Workplace
) -> WeightsRecord:
    """Make imported weights one version of their model's entry.

    Args:
        imported: Network with weights.
        said: For the record.
        yardstick: What they are measured on: no figure in a record is taken on trust.
        target: Where the entry goes.
        workplace: Cache and progress.

    Raises:
        NotMeasurable: the studies give no figures.
        OperatingPointUnreachable: no point is as sensitive or specific as wanted.
        ParityFailed: the ONNX file is too far from the network. Whatever is raised, nothing is written.
    """
    spec, part = imported.spec, yardstick.part
    found = _answers(imported, part, workplace)
    summary = TrainingSummary(
        model=spec.name,
        preset=imported.preset,
        demonstration=yardstick.phantoms,
        parameters=parameter_count(imported.network),
        data_set=DataSet(
            name=said.name,
            description=said.description,
            training_studies=None,
            validation_studies=len(part.truth),
            seed=None,
        ),
        performance=performance(yardstick.head(spec), part.truth, found, data_set=part.name),
    )
    passed = gated(spec, imported.network, summary, workplace=workplace)
    return passed.write(target, weights_sha256=imported.weights_sha256)


def _answers(imported: ImportedNetwork, part: PreparedPart, workplace: Workplace) -> NDArray[np.float64]:
    """Return the answer to each study, shape (studies,), with a bar while they are computed."""
    step, found = imported.spec.deployment.largest_batch, []
    with workplace.progress() as bar:
        task = bar.add_task(f"Measuring on {part.name}", total=len(part.truth))
        for start in range(0, len(part.truth), step):
            found.append(answers(imported.network, part.pixels[start : start + step], batch_size=step))
            bar.advance(task, len(found[-1]))
    return np.concatenate(found)
