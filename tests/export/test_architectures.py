"""Every backbone at demonstration width: narrowed, run and exported, with the same answers in the engine."""

from functools import cache

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from export.onnx_file import onnx_bytes
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.model import NetworkSpec
from specs.network import Architecture, Preset, Sizing
from specs.tensors import ElementType, Tensor
from tests.export.shifts import tolerated_shift
from tests.specs.quantity import CONCAT_POOLED_AGE
from tests.training.tiny import random_pixels, with_opinions
from training.narrowing import parameter_count
from training.radiograph_network import RadiographNetwork

SIDE = 160
MAP_SIDE = {
    Architecture.RESNET18: 10,
    Architecture.RESNET50: 10,  # of 5 x 5 features, at paper size of 10 x 10
    Architecture.INCEPTION_V3: 24,  # of 3 x 3 features, at paper size of 8 x 8
    Architecture.DENSENET121: 10,
    Architecture.SENET154: None,  # its head has no map
}
MOST_PARAMETERS = 8_000_000
"""So that four models fit into the repository's budget."""


def demonstration(architecture: Architecture) -> NetworkSpec:
    """Return a spec with a backbone at demonstration width and the map that its features allow."""
    side = MAP_SIDE[architecture]
    spec = CONCAT_POOLED_AGE if side is None else MITRAL_REGURGITATION
    small = Sizing(width_divisor=8 if architecture is Architecture.SENET154 else 4, rows=SIDE, columns=SIDE)
    presets = {**spec.network.presets, Preset.DEMONSTRATION: small}
    cam = None if side is None else Tensor(name="cam", element_type=ElementType.FLOAT32, shape=(side, side))
    return spec.model_copy(
        update={
            "network": spec.network.model_copy(update={"architecture": architecture, "presets": presets}),
            "head": spec.head.model_copy(update={"activation_map": cam}),
        }
    )


@cache
def exported(architecture: Architecture) -> tuple[RadiographNetwork, bytes]:
    """Make a network with random weights and its ONNX file; not to be changed."""
    torch.manual_seed(5)
    spec = demonstration(architecture)
    network = with_opinions(RadiographNetwork(spec, Preset.DEMONSTRATION))
    spread_scores(network, random_pixels(spec, studies=8, seed=2))
    return network, onnx_bytes(network, inputs=spec.inputs, outputs=spec.outputs)


def spread_scores(network: RadiographNetwork, pixels: torch.Tensor) -> None:
    """Bring the scores of some radiographs to mean 0 and deviation 1, as training would; random weights saturate."""
    last = [layer for layer in network.classifier.modules() if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        scores = network.score(network.reduce(pixels))
        last.weight.div_(scores.std())
        last.bias.sub_(scores.mean()).div_(scores.std())


@pytest.mark.slow
@pytest.mark.parametrize("studies", [1, 5])
@pytest.mark.parametrize("architecture", list(Architecture))
def test_a_narrow_backbone_answers_the_same_in_the_engine(architecture: Architecture, studies: int) -> None:
    spec, (network, content) = demonstration(architecture), exported(architecture)
    assert parameter_count(network) < MOST_PARAMETERS
    pixels = random_pixels(spec, studies=studies)
    with torch.inference_mode():
        expected = [output.numpy() for output in network(pixels)]
    assert len(np.unique(expected[0])) == studies
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    outputs = session.run(None, {spec.inputs[0].name: pixels.numpy()})
    for tensor, output, original in zip(spec.outputs, outputs, expected, strict=True):
        assert output.shape == original.shape == (studies, *tensor.shape)
        assert np.isfinite(original).all()
        assert np.abs(output - original).max() <= tolerated_shift(spec) * max(1.0, np.abs(original).max())
