"""A network of any preset without training, as an entry that can be served: speed does not depend on what was learnt.

Needs the training tools (torch).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from export.entry import onnx_digests, records, write_entry
from export.onnx_file import onnx_bytes
from specs import member_specs
from specs.ensemble import EnsembleSpec
from specs.entry import RECORD_FILE
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import WeightsRecord, steps_sha256
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
    """

    spec: NetworkSpec
    preset: Preset
    network: RadiographNetwork
    content: bytes

    def write(self, repository: Path) -> None:
        """Write an entry with the committed record of the model, but its own digest and preset."""
        committed = COMMITTED_REPOSITORY / self.spec.name / "1" / RECORD_FILE
        record = WeightsRecord.from_json(committed.read_text(encoding="utf-8"))
        digest = hashlib.sha256(self.content).hexdigest()
        changed = {"model_sha256": digest, "preset": self.preset, "demonstration": True}
        write_entry(repository, self.spec, record.model_copy(update=changed), self.content)


def write_untrained_ensemble(repository: Path, spec: EnsembleSpec, preset: Preset, *, seed: int) -> None:
    """Write the entries of an ensemble whose members have random weights, with the committed graphs that combine them.

    Args:
        repository: Folder of all entries.
        spec: The ensemble; committed.
        preset: Size of the members' networks.
        seed: Of the weights, the same for each member.
    """
    for member in member_specs(spec):
        untrained(member, preset, seed=seed).write(repository)
    for graph in spec.combining_graphs:
        (repository / graph.name).symlink_to(COMMITTED_REPOSITORY / graph.name)
    record = records(COMMITTED_REPOSITORY / spec.name)[-1]
    steps = tuple(
        step.model_copy(update={"model_sha256": onnx_digests(repository / step.model)[step.version]})
        for step in record.steps
    )
    changed = {"steps": steps, "model_sha256": steps_sha256(steps), "preset": preset, "demonstration": True}
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
