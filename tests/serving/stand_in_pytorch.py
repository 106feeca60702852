"""A stand-in for the server's PyTorch, and for a package: programs and files that say what real ones would."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from export.entry import records, write_package
from serving.compiled_packages import CompiledPackages
from specs import SPECS
from specs.compiled_package import DeviceKind, PackageManifest, TorchMachine
from specs.deployment import Precision
from specs.model import NetworkSpec
from tests.specs.records import parity

CPU = TorchMachine(torch="2.15.0+cu132", device=DeviceKind.CPU, capability="AVX2")
GPU = TorchMachine(torch="2.15.0+cu132", device=DeviceKind.CUDA, capability="9.0")


def write_python(folder: Path, machines: Sequence[TorchMachine]) -> CompiledPackages:
    """Write a Python that says what its PyTorch sees, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "python"
    said = ",".join(machine.canonical_json() for machine in machines)
    program.write_text(f'#!/bin/sh\n[ "$1" = -I ] && [ -f "$2" ] || exit 2\necho \'[{said}]\'\n')
    program.chmod(0o755)
    return CompiledPackages(python=program)


def write_stand_in_package(repository: Path, model: str, machine: TorchMachine, *, version: int = 1) -> PackageManifest:
    """Write what is no package into a version, and a manifest that fits it."""
    spec = SPECS[model]
    assert isinstance(spec, NetworkSpec)
    (record,) = [each for each in records(repository / model) if each.version == version]
    content = b"no package"
    manifest = PackageManifest.model_validate(
        {
            "machine": machine,
            "precision": Precision.FP32,
            "inputs": spec.inputs,
            "outputs": spec.outputs,
            "largest_batch": spec.deployment.largest_batch,
            "onnx_sha256": record.model_sha256,
            "package_sha256": hashlib.sha256(content).hexdigest(),
            "parity": parity(spec),
        }
    )
    write_package(repository / model / str(version), content, manifest)
    return manifest
