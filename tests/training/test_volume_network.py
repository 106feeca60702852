"""The graph of a model of volumes: each item by itself, the declared shape and type, the same in ONNX Runtime."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from export.onnx_file import onnx_bytes
from specs.network import Preset
from specs.volume import VolumeSpec
from specs.volume_head import VirtualPerfusion
from tests.export.test_onnx_file import SHARED_OPERATORS
from tests.training.tiny_volumes import VOLUME_SPECS, of_slices, random_network, random_volumes, tiny_volumes
from training.volume_fitting import volume_answers
from training.volume_network import VolumeNetwork

each = pytest.mark.parametrize("spec", VOLUME_SPECS.values(), ids=lambda spec: spec.name)


@each
def test_the_answer_has_the_declared_shape_and_type(spec: VolumeSpec) -> None:
    answer = volume_answers(random_network(spec.name), random_volumes(spec, patients=2), batch_size=2)
    assert answer.shape == (2, *spec.head.answer.shape)
    assert answer.dtype == spec.head.answer.element_type


@each
def test_no_patient_sees_another_and_no_volume_unless_both_are_answered_at_once(spec: VolumeSpec) -> None:
    network, volumes = random_network(spec.name), random_volumes(spec, patients=2)
    whole = volume_answers(network, volumes, batch_size=2)
    swapped = volume_answers(network, volumes[::-1].copy(), batch_size=1)
    np.testing.assert_allclose(swapped[::-1].astype(float), whole.astype(float), atol=1e-5)
    turned = volume_answers(network, volumes[:, ::-1].copy(), batch_size=2)[:, ::-1]
    difference = np.abs(turned.astype(float) - whole.astype(float)).max()
    assert (difference > 1e-3) == spec.network.joint


@each
def test_perfusion_is_never_below_none_and_labels_are_those_of_organs(spec: VolumeSpec) -> None:
    answer = volume_answers(random_network(spec.name), random_volumes(spec, patients=1), batch_size=1)
    most = np.inf if isinstance(spec.head, VirtualPerfusion) else len(spec.head.organs)
    assert answer.min() >= 0
    assert answer.max() <= most
    assert np.unique(answer).size > 1


def test_a_network_of_slices_answers_each_by_itself() -> None:
    spec = of_slices(tiny_volumes(VOLUME_SPECS["virtual_pet"]))
    torch.manual_seed(5)
    network, volumes = VolumeNetwork(spec, Preset.DEMONSTRATION).eval(), random_volumes(spec, patients=1)
    turned = volumes[:, :, ::-1].copy()
    np.testing.assert_allclose(
        volume_answers(network, turned, batch_size=1)[:, :, ::-1],
        volume_answers(network, volumes, batch_size=1),
        atol=1e-5,
    )


def test_a_network_that_adds_nothing_answers_perfusion_as_it_came() -> None:
    spec = tiny_volumes(VOLUME_SPECS["virtual_pet"])
    network = VolumeNetwork(spec, Preset.DEMONSTRATION).eval()
    for parameter in network.unet.final_conv.parameters():
        torch.nn.init.zeros_(parameter)
    volumes = np.random.default_rng(3).integers(0, 65_536, (1, *spec.recipe.input.shape), dtype=np.uint16)
    answer = volume_answers(network, volumes, batch_size=1)
    np.testing.assert_allclose(answer, volumes * np.float32(network.input_scale / 65_535), atol=1e-6)


def test_voxels_come_back_from_channels_to_where_they_were() -> None:
    spec = tiny_volumes(VOLUME_SPECS["virtual_pet"])
    network = VolumeNetwork(spec, Preset.DEMONSTRATION).eval()
    torch.manual_seed(0)
    items = torch.rand((2, *spec.recipe.input.shape))
    with torch.inference_mode():
        network.unet = torch.nn.Identity()
        assert torch.equal(network.raw(items), 2 * items)


@pytest.mark.slow
@each
def test_onnx_runtime_answers_as_pytorch_does_for_any_batch(spec: VolumeSpec) -> None:
    network = random_network(spec.name)
    content = onnx_bytes(network, inputs=spec.inputs, outputs=spec.outputs)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    for patients in (1, 3):
        volumes = random_volumes(spec, patients=patients)
        (answer,) = session.run([spec.head.answer.name], {spec.recipe.input.name: volumes})
        expected = volume_answers(network, volumes, batch_size=patients)
        if isinstance(spec.head, VirtualPerfusion):
            np.testing.assert_allclose(answer, expected, atol=1e-4)
        else:
            assert np.mean(answer != expected) < 1e-4  # a tie may fall either way
    operators = {node.op_type for node in onnx.load_from_string(content).graph.node}
    own = {"ArgMax", "ConvTranspose", "InstanceNormalization", "LeakyRelu", "Pad", "Transpose"}
    assert operators <= SHARED_OPERATORS | own


@pytest.mark.slow
@each
def test_the_paper_network_takes_a_study(spec: VolumeSpec) -> None:
    network = VolumeNetwork(spec, Preset.PAPER).eval()
    with torch.inference_mode():
        (answer,) = network(torch.from_numpy(random_volumes(spec, patients=1)))
    assert answer.shape == (1, *spec.head.answer.shape)
