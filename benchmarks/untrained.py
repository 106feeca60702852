"""A network of any preset without training, as an entry that can be served: speed does not depend on what was learnt.

Needs the training tools (torch).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from client.engine import TensorValue
from export.entry import onnx_digests, records, write_entry
from export.lower_precision import in_int8
from export.onnx_file import onnx_bytes
from specs import member_specs
from specs.deployment import Engine, Precision
from specs.ensemble import EnsembleSpec
from specs.entry import RECORD_FILE
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import Variant, WeightsRecord, steps_sha256
from training.radiograph_network import RadiographNetwork
from tricorder.places import COMMITTED_REPOSITORY

_BRANCH_WEIGHT = 0.2
"""Small enough that values neither vanish nor overflow over the depth of a network."""


@dataclass(frozen=True, kw_only=True)
class Untrained:
    """The same weights as a network of PyTorch and as an ONNX file.

    Attributes:
        spec: The model.
        preset: Size of the network.
        network: In evaluation mode.
        content: The ONNX file.
        variant: What it was made of, where it is not the network's own graph in fp32 for ONNX Runtime.
    """

    spec: NetworkSpec
    preset: Preset
    network: RadiographNetwork
    content: bytes
    variant: Variant | None = None

    def in_variant(self, engine: Engine, precision: Precision, *, calibration: Sequence[TensorValue]) -> "Untrained":
        """Return the same weights for an engine and a precision; random ones cannot go through the parity gate.

        Args:
            engine: For which.
            precision: fp32, bf16 or int8.
            calibration: Inputs that the ranges of int8 are measured on.
        """
        name = self.spec.recipe.input.name
        variant = Variant(
            engine=engine,
            precision=precision,
            of_version=1,
            of_model_sha256=hashlib.sha256(self.content).hexdigest(),
            calibrated_on="phantoms" if precision is Precision.INT8 else None,
        )
        if precision is not Precision.INT8:
            return replace(self, variant=variant)
        feeds = ({name: tensor} for tensor in calibration)
        return replace(self, variant=variant, content=in_int8(self.content, feeds, answer=self.spec.head.answer.name))

    def write(self, repository: Path) -> None:
        """Write an entry with the committed record of the model, but its own digest and preset."""
        committed = COMMITTED_REPOSITORY / self.spec.name / "1" / RECORD_FILE
        record = WeightsRecord.from_json(committed.read_text(encoding="utf-8"))
        digest = hashlib.sha256(self.content).hexdigest()
        changed = {"model_sha256": digest, "preset": self.preset, "demonstration": True, "variant": self.variant}
        write_entry(repository, self.spec, record.model_copy(update=changed), self.content)


def write_untrained_ensemble(repository: Path, spec: EnsembleSpec, preset: Preset, *, seed: int) -> None:
    """Write the entries of an ensemble whose members have random weights, with the committed graphs that combine them.

    Args:
        repository: Folder of all entries.
        spec: The ensemble; committed.
        preset: Size of the members' networks.
        seed: Of the weights, the same for each member.
    """
    members = [untrained(member, preset, seed=seed) for member in member_specs(spec)]
    write_ensemble_of(repository, spec, members)


def write_ensemble_of(repository: Path, spec: EnsembleSpec, members: Sequence[Untrained]) -> None:
    """Write the entries of an ensemble with these members, of one preset, and the committed graphs that combine them.

    The ensemble counts as a variant where its members are.
    """
    for member in members:
        member.write(repository)
    for graph in spec.combining_graphs:
        (repository / graph.name).symlink_to(COMMITTED_REPOSITORY / graph.name)
    record = records(COMMITTED_REPOSITORY / spec.name)[-1]
    steps = tuple(
        step.model_copy(update={"model_sha256": onnx_digests(repository / step.model)[step.version]})
        for step in record.steps
    )
    changed = {
        "steps": steps,
        "model_sha256": steps_sha256(steps),
        "preset": members[0].preset,
        "demonstration": True,
        "variant": members[0].variant,
    }
    write_entry(repository, spec, record.model_copy(update=changed), None)


def untrained(spec: NetworkSpec, preset: Preset, *, seed: int) -> Untrained:
    """Make a network with random weights.

    Each residual branch starts at zero, as for fitting, and would leave its convolutions without effect: it gets a
    small weight instead.

    Args:
        spec: The model.
        preset: Size of the network.
        seed: Of the weights.
    """
    torch.manual_seed(seed)
    network = RadiographNetwork(spec, preset).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and not module.weight.any():
            nn.init.constant_(module.weight, _BRANCH_WEIGHT)
    return Untrained(
        spec=spec,
        preset=preset,
        network=network,
        content=onnx_bytes(network, inputs=spec.inputs, outputs=spec.outputs),
    )
