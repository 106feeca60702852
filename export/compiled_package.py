"""From a network to a package of AOTInductor beside its ONNX file, through the parity gate."""

import copy
import hashlib
import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from export.errors import PackageNotCompiled
from export.parity import Answers, Compared, parity_figures, require_numbers, require_parity
from specs.compiled_package import BEYOND_CAPABILITY, DeviceKind, PackageManifest, PackagePrecision, TorchMachine
from specs.deployment import Engine, Precision
from specs.model import NetworkSpec
from specs.weights import FindingParity, Performance, QuantityParity
from training.prepared_part import Pixels
from training.radiograph_network import RadiographNetwork

_EXAMPLE_BATCH = 2
"""Any batch above 1: torch.export specializes on 0 and 1."""

_COMPILING = {
    "cpp.march": "",  # by default "native": more than a manifest names
    "cpp.dynamic_threads": True,  # a server chooses their number
}

_TYPES = {Precision.FP32: torch.float32, Precision.BF16: torch.bfloat16}


@dataclass(frozen=True, kw_only=True)
class PackageChoice:
    """What a package computes in; None for bf16 on a GPU and fp32 on a CPU, of which few have bf16."""

    precision: PackagePrecision | None = None

    def on(self, device: DeviceKind) -> PackagePrecision:
        """Return the precision on a device."""
        if self.precision is not None:
            return self.precision
        return Precision.BF16 if device is DeviceKind.CUDA else Precision.FP32


@dataclass(frozen=True, kw_only=True)
class StudiesOfTheGate:
    """What the ONNX file of a network was compared on, and a package is too.

    Attributes:
        pixels: As on the wire, uint8 or uint16, shape (studies, view, row, column).
        compared: The answers of the network in fp32, and of the ONNX file.
        performance: Of the weights.
    """

    pixels: Pixels
    compared: Compared
    performance: Performance


@dataclass(frozen=True, kw_only=True)
class GatedPackage:
    """A package that has passed the gate, not written yet.

    Attributes:
        content: Its file.
        manifest: What stands beside it.
        compared: Its answers, and those of the network in fp32.
    """

    content: bytes
    manifest: PackageManifest
    compared: Compared


def this_machine() -> TorchMachine:
    """Return what a package is made for here: the GPU, or the CPU where there is none."""
    if torch.cuda.is_available():
        major, minor = torch.cuda.get_device_capability()
        return TorchMachine(torch=torch.__version__, device=DeviceKind.CUDA, capability=f"{major}.{minor}")
    known = torch.cpu.get_capabilities()
    beyond = [each for each in BEYOND_CAPABILITY if known.get(each)]
    capability = " ".join([torch.backends.cpu.get_cpu_capability(), *beyond])
    return TorchMachine(torch=torch.__version__, device=DeviceKind.CPU, capability=capability)


def gated_package(
    spec: NetworkSpec, network: RadiographNetwork, choice: PackageChoice, *, onnx: bytes, studies: StudiesOfTheGate
) -> GatedPackage:
    """Compile a network for this machine and compare it with itself in fp32; nothing is written.

    Args:
        spec: The model.
        network: In evaluation mode, with its weights.
        choice: What the package computes in.
        onnx: The ONNX file of the same network.
        studies: What that file was compared on.

    Returns:
        The package with its manifest and its answers.

    Raises:
        PackageNotCompiled: there is no C++ compiler, or AOTInductor cannot compile the network.
        ParityFailed: the package is too far from the network.
    """
    machine = this_machine()
    precision = choice.on(machine.device)
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        file = compile_network(network, spec, Path(folder), device=machine.device, precision=precision)
        content, answers = file.read_bytes(), package_answers(file, spec, studies.pixels, device=machine.device)
    require_numbers(answers, spec)
    compared = replace(studies.compared, variant=answers, engine=Engine.AOTINDUCTOR)
    figures = parity_figures(compared, studies.performance)
    require_parity(figures, spec, precision=precision)
    assert isinstance(figures, FindingParity | QuantityParity)  # for the type checker: a network has no other head
    manifest = PackageManifest(
        machine=machine,
        precision=precision,
        inputs=spec.inputs,
        outputs=spec.outputs,
        largest_batch=spec.deployment.largest_batch,
        onnx_sha256=hashlib.sha256(onnx).hexdigest(),
        package_sha256=hashlib.sha256(content).hexdigest(),
        parity=figures,
    )
    return GatedPackage(content=content, manifest=manifest, compared=compared)


def compile_network(
    network: RadiographNetwork, spec: NetworkSpec, folder: Path, *, device: DeviceKind, precision: PackagePrecision
) -> Path:
    """Compile a copy of a network with a free batch axis, its backbone channels last and in a precision.

    Args:
        network: In evaluation mode; takes pixels as on the wire, which it scales in fp32, and answers in fp32.
        spec: The model.
        folder: Where the package goes.
        device: What it is to run on.
        precision: What its convolutions compute in.

    Returns:
        The package's file.

    Raises:
        PackageNotCompiled: there is no C++ compiler, or AOTInductor cannot compile the network.
    """
    twin = copy.deepcopy(network)
    twin.backbone = ChannelsLast(twin.backbone, _TYPES[precision])
    (wire,) = spec.inputs
    batch = torch.export.Dim("batch", min=1, max=spec.deployment.largest_batch)
    file = folder / "network.pt2"
    with _translated_errors(spec), _quiet(), torch.no_grad(), full_fp32():
        twin = twin.to(device).eval()
        example = torch.zeros((_EXAMPLE_BATCH, *wire.shape), dtype=getattr(torch, wire.element_type), device=device)
        program = torch.export.export(twin, (example,), dynamic_shapes=({0: batch},))
        torch._inductor.aoti_compile_and_package(program, package_path=str(file), inductor_configs=_COMPILING)
    return file


def package_answers(package: Path, spec: NetworkSpec, pixels: Pixels, *, device: DeviceKind) -> Answers:
    """Run a package and return the answer for each study, shape (studies,), in the unit of the head.

    Args:
        package: Its file.
        spec: The model.
        pixels: As on the wire, uint8 or uint16, shape (studies, view, row, column).
        device: What it runs on.

    Raises:
        PackageNotCompiled: it cannot be loaded or run.
    """
    step = spec.deployment.largest_batch
    with _translated_errors(spec), _quiet(), torch.inference_mode(), full_fp32():
        run = torch._inductor.aoti_load_package(str(package))
        parts = [run(torch.from_numpy(pixels[i : i + step]).to(device))[0] for i in range(0, len(pixels), step)]
    answers: Answers = torch.cat(parts)[:, 0].double().cpu().numpy().astype(np.float64)
    return answers


class ChannelsLast(nn.Module):
    """A backbone that computes channels last, in a type, and returns its features in fp32.

    Batch norms keep their parameters in fp32.
    """

    def __init__(self, backbone: nn.Module, element_type: torch.dtype) -> None:
        """Change a backbone in place, and wrap it."""
        super().__init__()
        self.element_type = element_type
        self.backbone = backbone.to(memory_format=torch.channels_last)
        for layer in backbone.modules():
            if isinstance(layer, nn.Conv2d):
                layer.to(element_type)

    def forward(self, images: Tensor) -> Tensor:
        """Return the features of images, shape (image, 3, row, column)."""
        features: Tensor = self.backbone(images.to(self.element_type).contiguous(memory_format=torch.channels_last))
        return features.float()


@contextmanager
def full_fp32() -> Iterator[None]:
    """Compute no convolution in TF32, as PyTorch does by itself on GPUs; the backend does the same."""
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield


@contextmanager
def _translated_errors(spec: NetworkSpec) -> Iterator[None]:
    """Raise an error of this program for what PyTorch raises, whose text has paths of this machine."""
    try:
        yield
    except RuntimeError as error:  # as all errors of torch.export and of AOTInductor are
        kind = type(getattr(error, "inner_exception", error)).__name__
        raise PackageNotCompiled(model=spec.name, kind=kind) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what AOTInductor tells its developers from the terminal."""
    loggers = [logging.getLogger(name) for name in ("torch.utils.cpp_extension", "torch._inductor", "torch.export")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
