"""What this machine has and lacks for the embedded Triton: named checks, one line each, with the remedy."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from serving.errors import ServerStartError
from serving.installation import DEFAULT_ROOT, ServerInstallation, read_requirements
from serving.interpreters import OVERRIDE_VARIABLE, find_server_python
from serving.platform_support import check_platform, read_libc_version
from serving.repository import list_models
from serving.supervisor import SHARED_MEMORY

_NEEDED_SHARED_MEMORY_BYTES = 64 * 2**20
"""Docker's default for /dev/shm, in which the demonstration models run."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One fact about this machine.

    Attributes:
        name: What was looked at.
        ok: Whether it will do.
        line: What was found, one sentence or less.
        remedy: What to do where it will not do; empty otherwise.
    """

    name: str
    ok: bool
    line: str
    remedy: str = ""


def run_preflight_checks(*, environment: Path = DEFAULT_ROOT, repository: Path | None = None) -> list[Check]:
    """Look at everything that a start needs, without starting anything.

    Args:
        environment: Folder of the server environment.
        repository: Model repository; not looked at where None.
    """
    checks: list[tuple[str, Callable[[], str]]] = [
        ("system", _describe_platform),
        ("server Python", _describe_python),
        ("server environment", lambda: _describe_environment(environment)),
    ]
    if repository is not None:
        checks.append(("model repository", lambda: f"holds {', '.join(list_models(repository))}"))
    return [
        *(_run(name, look) for name, look in checks),
        _check_shell(),
        _check_shared_memory(),
        _check_engine(),
    ]


def _run(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name=name, ok=True, line=look())
    except ServerStartError as error:
        return Check(name=name, ok=False, line=error.problem, remedy=error.remedy)


def _describe_platform() -> str:
    check_platform()
    return f"Linux on x86-64 with {read_libc_version()}"


def _describe_python() -> str:
    return f"Python {find_server_python(os.environ.get(OVERRIDE_VARIABLE)).version} with its shared library"


def _describe_environment(root: Path) -> str:
    installation = ServerInstallation.open(root)
    packages = (f"{name} {version}" for name, version in installation.packages().items())
    return f"Python {installation.python_version}, {', '.join(packages)}"


def _check_shell() -> Check:
    # Triton's Python backend starts its stubs through it.
    found = shutil.which("bash") is not None
    return Check(
        name="shell",
        ok=found,
        line="bash" if found else "bash was not found; Triton starts its Python backend with it.",
        remedy="" if found else "Install bash, or put it on the PATH.",
    )


def _check_shared_memory() -> Check:
    free_bytes = shutil.disk_usage(SHARED_MEMORY).free if SHARED_MEMORY.is_dir() else 0
    ok = free_bytes >= _NEEDED_SHARED_MEMORY_BYTES
    return Check(
        name="shared memory",
        ok=ok,
        line=f"{free_bytes >> 20} MiB free in /dev/shm, of at least {_NEEDED_SHARED_MEMORY_BYTES >> 20} MiB",
        remedy="" if ok else "Enlarge /dev/shm (docker run --shm-size), or end what fills it.",
    )


def _check_engine() -> Check:
    """The in-process engine and the server agree bit for bit only where they are the same ONNX Runtime."""
    theirs = dict(read_requirements())["onnxruntime"]
    try:
        ours = metadata.version("onnxruntime")
    except metadata.PackageNotFoundError:
        ours = "none"
    return Check(
        name="ONNX Runtime",
        ok=ours == theirs,
        line=f"client {ours}, server {theirs}",
        remedy="" if ours == theirs else f"Install onnxruntime {theirs} into the client's environment.",
    )
