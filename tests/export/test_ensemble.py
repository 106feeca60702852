"""Packages of the members of an ensemble pass the gate together, as well as each of them."""

import numpy as np
import pytest

from export.compiled_package import GatedPackage
from export.ensemble import require_parity_of_packages
from export.errors import ParityFailed
from export.onnx_file import onnx_bytes
from export.parity import Compared
from export.voting import Vote
from specs import member_specs
from specs.aortic_stenosis import AORTIC_STENOSIS
from specs.deployment import Precision
from tests.serving.stand_in_pytorch import CONTENT, CPU, stand_in_manifest
from tests.specs.records import performance

GRAPH = AORTIC_STENOSIS.vote_graph
TRUTH = np.array([0, 1] * 5, dtype=np.float32)
NETWORKS = np.where(TRUTH > 0, 0.9, 0.1)


def packages(shift: float) -> list[GatedPackage]:
    """Return a package of every member, whose answers are a little higher than its network's."""
    return [
        GatedPackage(
            content=CONTENT,
            manifest=stand_in_manifest(member, CPU, onnx_sha256="a" * 64, precision=Precision.BF16),
            compared=Compared(original=NETWORKS, variant=NETWORKS + shift, truth=TRUTH, data_set="drawn"),
        )
        for member in member_specs(AORTIC_STENOSIS)
    ]


def test_a_vote_of_packages_is_held_to_the_vote_of_the_networks() -> None:
    vote = onnx_bytes(Vote().eval(), inputs=GRAPH.inputs, outputs=GRAPH.outputs)
    found = performance(AORTIC_STENOSIS)
    require_parity_of_packages(AORTIC_STENOSIS, packages(0.01), vote, found)
    with pytest.raises(ParityFailed, match="aortic_stenosis: the largest shift of a probability"):
        require_parity_of_packages(AORTIC_STENOSIS, packages(0.06), vote, found)
