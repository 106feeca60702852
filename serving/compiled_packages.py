"""The packages of AOTInductor in a repository, and whether this machine can serve them."""

import hashlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter, ValidationError

from serving.engine_builder import EngineUnavailable
from specs.compiled_package import DeviceKind, PackageManifest, TorchMachine
from specs.contract import Contract
from specs.deployment import PreferredEngine
from specs.entry import PACKAGE_FILE, PACKAGE_MANIFEST_FILE

NO_PYTORCH = "no PyTorch here"
"""Why a model is served without its package where the server's Python has none, or a Triton no backend for packages."""

_MACHINES = TypeAdapter(tuple[TorchMachine, ...])
_SCRIPT = Path(__file__).resolve().parent / "backends" / PreferredEngine.AOTINDUCTOR / "machine.py"
_PROCESSORS = {DeviceKind.CPU: "a CPU with", DeviceKind.CUDA: "a GPU of compute capability"}


@dataclass(frozen=True, kw_only=True)
class PackageFacts:
    """What a package has to fit.

    Attributes:
        machines: The processors at hand, as PyTorch sees them; the CPU is always one.
        onnx_sha256: Of the ONNX file in whose place it is to be served.
        package_sha256: Of its file; None where there is none.
        largest_batch: That Triton makes.
    """

    machines: Sequence[TorchMachine]
    onnx_sha256: str
    package_sha256: str | None
    largest_batch: int


def objection(kept: PackageManifest | None, facts: PackageFacts) -> str | None:
    """Say why a version is not to be served by its package, in words that follow its name; None where it is.

    Args:
        kept: The manifest of the package; None where there is none that can be read.
        facts: What it has to fit.
    """
    if facts.package_sha256 is None:
        return "has no AOTInductor package"
    if kept is None:
        return "has a package without a manifest that can be read"
    if kept.onnx_sha256 != facts.onnx_sha256:
        return "has a package of another ONNX file"
    if kept.package_sha256 != facts.package_sha256:
        return "has a damaged package"
    if kept.largest_batch < facts.largest_batch:
        return f"has a package for batches up to {kept.largest_batch}, not {facts.largest_batch}"
    return _misfit(kept.machine, [machine for machine in facts.machines if machine.device is kept.machine.device])


def _misfit(was: TorchMachine, alike: Sequence[TorchMachine]) -> str | None:
    """Compare what a package was made for with all processors of its kind: any of them may get an instance."""
    if not alike:
        return "has a package for a GPU, and PyTorch finds none"
    for now in alike:
        if now.torch != was.torch:
            return f"has a package for PyTorch {was.torch}, and here is {now.torch}"
        if now.capability != was.capability:
            return f"has a package for {_PROCESSORS[was.device]} {was.capability}, and here is {now.capability}"
    return None


@dataclass(frozen=True, kw_only=True)
class CompiledPackages:
    """What serves packages on this machine.

    Attributes:
        python: The interpreter that has PyTorch, if any has.
        timeout_s: How long that may take to say what it sees.
    """

    python: Path
    timeout_s: float = 120.0

    @classmethod
    def open(cls, *, python: Path, backends: Path) -> Self | None:
        """Return them for a Triton; None where that has no backend for packages.

        Args:
            python: The interpreter that has PyTorch, if any has.
            backends: Folder of the backends of the Triton.
        """
        return cls(python=python) if (backends / PreferredEngine.AOTINDUCTOR).is_dir() else None

    @cached_property
    def machines(self) -> tuple[TorchMachine, ...] | str:
        """The processors at hand, as PyTorch sees them, or why it says nothing of them."""
        command = (str(self.python), "-I", str(_SCRIPT))
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", check=False, timeout=self.timeout_s
            )
        except OSError:
            return NO_PYTORCH
        except subprocess.TimeoutExpired:
            return f"PyTorch did not start within {self.timeout_s:g} s"
        if "No module named 'torch'" in done.stderr:
            return NO_PYTORCH
        if done.returncode != 0:
            return f"PyTorch does not start here (exit code {done.returncode})"
        try:
            return _MACHINES.validate_json(done.stdout)
        except ValidationError:
            return "PyTorch's Python does not say what processors it sees"

    def device(self, version: Path, contract: Contract, *, largest_batch: int) -> DeviceKind:
        """Return what the package of a version is to run on.

        Args:
            version: Folder of the version.
            contract: Of the version.
            largest_batch: That Triton makes.

        Raises:
            EngineUnavailable: it has no package that can be served here.
        """
        if isinstance(self.machines, str):
            raise EngineUnavailable(self.machines)
        manifest = _manifest(version / PACKAGE_MANIFEST_FILE)
        try:
            facts = PackageFacts(
                machines=self.machines,
                onnx_sha256=contract.weights.model_sha256,
                package_sha256=_sha256(version / PACKAGE_FILE),
                largest_batch=largest_batch,
            )
            why_not = objection(manifest, facts)
        except OSError:
            why_not = "has a package that cannot be read"
        if manifest is None or why_not is not None:
            raise EngineUnavailable(f"its version {contract.weights.version} {why_not}")
        return manifest.machine.device


def _sha256(file: Path) -> str | None:
    """Digest a file; None where there is none."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def _manifest(file: Path) -> PackageManifest | None:
    """Read a manifest; None where there is none, or one of another version of this program."""
    try:
        return PackageManifest.from_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # pydantic's error is a ValueError, as is that of bytes that are no UTF-8
        return None
