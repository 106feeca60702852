"""A network of any preset without training, as an entry that can be served: speed does not depend on what was learnt.

Needs the training tools (torch).
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from export.entry import write_entry
from export.onnx_file import onnx_bytes
from specs.entry import RECORD_FILE
from specs.model import NetworkSpec
from specs.network import Preset
from specs.weights import WeightsRecord
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
