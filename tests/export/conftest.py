"""One exported network for all tests of export, for every kind of head and classifier."""

import pytest

from export.onnx_file import onnx_bytes
from specs.model import NetworkSpec
from specs.network import Preset
from tests.specs.quantity import spec_of_every_kind
from tests.training.tiny import opinionated_network

__all__ = ["spec_of_every_kind"]

_EXPORTED: dict[str, bytes] = {}


@pytest.fixture
def content(spec: NetworkSpec) -> bytes:
    """The ONNX file of a tiny network with random weights; made once a model."""
    if spec.name not in _EXPORTED:
        network = opinionated_network(spec.name, Preset.DEMONSTRATION)
        _EXPORTED[spec.name] = onnx_bytes(network, inputs=spec.inputs, outputs=spec.outputs)
    return _EXPORTED[spec.name]
