"""A stand-in for the server's PyTorch, and for a package: programs and files that say what real ones would."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from export.entry import records, write_package
from serving.compiled_packages import CompiledPackages
from specs import SPECS
from specs.compiled_package import DeviceKind, PackageManifest, PackagePrecision, TorchMachine
from specs.deployment import Precision
from specs.model import NetworkSpec
from specs.weights import FindingParity, QuantityParity
from tests.specs.records import parity

CPU = TorchMachine(torch="2.15.0+cu132", device=DeviceKind.CPU, capability="AVX2")
GPU = TorchMachine(torch="2.15.0+cu132", device=DeviceKind.CUDA, capability="9.0")

CONTENT = b"no package"


def write_python(folder: Path, machines: Sequence[TorchMachine]) -> CompiledPackages:
    """Write a Python that says what its PyTorch sees, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "python"
    said = ",".join(machine.canonical_json() for machine in machines)
    program.write_text(f'#!/bin/sh\n[ "$1" = -I ] && [ -f "$2" ] || exit 2\necho \'[{said}]\'\n')
    program.chmod(0o755)
    return CompiledPackages(python=program)


def stand_in_manifest(
    spec: NetworkSpec, machine: TorchMachine, *, onnx_sha256: str, precision: PackagePrecision = Precision.FP32
) -> PackageManifest:
    """Build the manifest of what is no package."""
    figures = parity(spec)
    assert isinstance(figures, FindingParity | QuantityParity)
    return PackageManifest(
        machine=machine,
        precision=precision,
        inputs=spec.inputs,
        outputs=spec.outputs,
        largest_batch=spec.deployment.largest_batch,
        onnx_sha256=onnx_sha256,
        package_sha256=hashlib.sha256(CONTENT).hexdigest(),
        parity=figures,
    )


def write_stand_in_package(repository: Path, model: str, machine: TorchMachine, *, version: int = 1) -> PackageManifest:
    """Write what is no package into a version, and a manifest that fits it."""
    spec = SPECS[model]
    assert isinstance(spec, NetworkSpec)
    (record,) = [each for each in records(repository / model) if each.version == version]
    manifest = stand_in_manifest(spec, machine, onnx_sha256=record.model_sha256)
    write_package(repository / model / str(version), CONTENT, manifest)
    return manifest
