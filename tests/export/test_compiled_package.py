"""Packages of AOTInductor: what they compute in, and that none passes the gate that is too far from its network."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch

from export import compiled_package
from export.compiled_package import ChannelsLast, PackageChoice, StudiesOfTheGate, gated_package
from export.errors import PackageNotCompiled, ParityFailed
from export.parity import Compared
from specs import SPECS
from specs.compiled_package import DeviceKind, PackageManifest
from specs.deployment import Engine, Precision
from specs.model import NetworkSpec
from specs.network import Preset
from tests.specs.records import performance
from tests.training.tiny import drawn_part, opinionated_network, random_pixels

MODEL = "mitral_regurgitation"
FP32, BF16 = PackageChoice(precision=Precision.FP32), PackageChoice(precision=Precision.BF16)


@pytest.fixture
def network_spec() -> NetworkSpec:
    spec = SPECS[MODEL]
    assert isinstance(spec, NetworkSpec)
    return spec


def studies(spec: NetworkSpec) -> StudiesOfTheGate:
    """Return studies with answers whose order no small shift changes."""
    part = drawn_part(spec, [0, 1] * 5)
    answers = np.where(part.truth > 0, 0.9, 0.1)
    compared = Compared(original=answers, variant=answers, truth=part.truth, data_set=part.name)
    return StudiesOfTheGate(pixels=part.pixels, compared=compared, performance=performance(spec))


def gated(
    spec: NetworkSpec, choice: PackageChoice, monkeypatch: pytest.MonkeyPatch, *, shift: float
) -> PackageManifest:
    """Gate a file that is not compiled, whose answers are a little higher than the network's."""

    def write(_network: object, _spec: object, folder: Path, **_chosen: object) -> Path:
        (folder / "network.pt2").write_bytes(b"package")
        return folder / "network.pt2"

    given = studies(spec)
    monkeypatch.setattr(compiled_package, "compile_network", write)
    monkeypatch.setattr(compiled_package, "package_answers", lambda *_a, **_k: given.compared.original + shift)
    network = opinionated_network(MODEL, Preset.DEMONSTRATION)
    return gated_package(spec, network, choice, onnx=b"network", studies=given).manifest


def test_bf16_is_for_gpus_and_fp32_for_cpus_unless_somebody_says_otherwise() -> None:
    assert PackageChoice().on(DeviceKind.CUDA) is Precision.BF16
    assert PackageChoice().on(DeviceKind.CPU) is Precision.FP32
    assert BF16.on(DeviceKind.CPU) is Precision.BF16


def test_a_package_in_bf16_may_be_farther_from_its_network_than_one_in_fp32(
    network_spec: NetworkSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = gated(network_spec, BF16, monkeypatch, shift=1e-3)
    assert manifest.parity.engine is Engine.AOTINDUCTOR
    assert manifest.precision is Precision.BF16
    gated(network_spec, FP32, monkeypatch, shift=0.0)
    with pytest.raises(ParityFailed, match="largest shift of a probability"):
        gated(network_spec, FP32, monkeypatch, shift=1e-3)
    with pytest.raises(ParityFailed, match="largest shift of a probability"):
        gated(network_spec, BF16, monkeypatch, shift=0.06)
    with pytest.raises(ParityFailed, match="no numbers"):
        gated(network_spec, BF16, monkeypatch, shift=float("nan"))


@pytest.mark.parametrize(("precision", "farthest"), [(torch.float32, 1e-5), (torch.bfloat16, 0.02)])
def test_a_backbone_channels_last_has_the_features_of_its_network_in_fp32(
    network_spec: NetworkSpec, precision: torch.dtype, farthest: float
) -> None:
    network = opinionated_network(MODEL, Preset.DEMONSTRATION)
    with torch.inference_mode():
        images = network.reduce(random_pixels(network_spec, studies=3)).expand(-1, 3, -1, -1)
        expected = network.backbone(images)
        found = ChannelsLast(copy.deepcopy(network.backbone), precision)(images)
    assert found.dtype == torch.float32
    assert float((found - expected).abs().max()) <= farthest * float(expected.abs().max())
    assert all(weight.dtype == torch.float32 for weight in network.parameters())


@pytest.mark.slow
def test_without_a_compiler_nothing_is_made_of_a_network(network_spec: NetworkSpec, tmp_path: Path) -> None:
    # Not by monkeypatch: it takes what stands behind `config.cpp` for a class, and undoes by removing the setting.
    absent = torch._inductor.config.patch({"cpp.cxx": (str(tmp_path / "none"),)})
    with absent, pytest.raises(PackageNotCompiled, match="needs a C\\+\\+ compiler"):
        gated_package(
            network_spec,
            opinionated_network(MODEL, Preset.DEMONSTRATION),
            FP32,
            onnx=b"network",
            studies=studies(network_spec),
        )
