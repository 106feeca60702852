"""The Python interpreters of this machine, and which of them can run Triton's Python backend."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from serving.errors import LibpythonMissing, PythonMissing

SUPPORTED_VERSIONS = ("3.12", "3.11")
"""NumPy 1 has wheels for these, onnxruntime 1.31 too, and nvidia-pytriton a stub."""

OVERRIDE_VARIABLE = "TRICORDER_SERVER_PYTHON"

_SYSTEM_FOLDERS = ("/usr/local/bin", "/usr/bin")
_PROBE_TIMEOUT_S = 20.0
_PROBE = """
import json, platform, sys, sysconfig
print(json.dumps({
    "implementation": platform.python_implementation(),
    "version": "%d.%d" % sys.version_info[:2],
    "executable": getattr(sys, "_base_executable", None) or sys.executable,
    "prefix": sys.base_prefix,
    "libdir": sysconfig.get_config_var("LIBDIR") or "",
    "multiarch": sysconfig.get_config_var("MULTIARCH") or "",
}))
"""


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """A Python that answered.

    Attributes:
        executable: The interpreter itself, never one of a virtual environment.
        version: Major and minor number, such as "3.11".
        libpython: Its shared library, or None where there is none.
    """

    executable: Path
    version: str
    libpython: Path | None


def find_server_python(override: str | None = None) -> Interpreter:
    """Find a CPython 3.11 or 3.12 with its shared library.

    Args:
        override: The one interpreter to consider; None looks for one: the running interpreter, PATH,
            the system's folders, pyenv's and uv's.

    Raises:
        LibpythonMissing: There is a fitting version, but none with a shared library.
        PythonMissing: There is no fitting version.
    """
    candidates = iter([Path(shutil.which(override) or override)]) if override else _list_candidates()
    seen: set[Path] = set()
    tried: list[str] = []
    without_library: list[Interpreter] = []
    for candidate in candidates:
        if candidate in seen:
            continue
        seen.add(candidate)
        interpreter = probe_interpreter(candidate)
        if interpreter is None or interpreter.version not in SUPPORTED_VERSIONS:
            tried.append(f"{candidate.name} is {interpreter.version if interpreter else 'not a working CPython'}")
        elif interpreter.libpython is None:
            without_library.append(interpreter)
        else:
            return interpreter
    if without_library:
        raise LibpythonMissing(version=without_library[0].version)
    raise PythonMissing(tried=list(dict.fromkeys(tried)))


def probe_interpreter(executable: Path) -> Interpreter | None:
    """Ask an interpreter what it is; None where it does not run, as a pyenv shim may, or is no CPython."""
    command = [str(executable), "-I", "-c", _PROBE]
    try:
        answer = subprocess.run(command, capture_output=True, timeout=_PROBE_TIMEOUT_S, check=True, text=True)
        facts: dict[str, str] = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    if facts["implementation"] != "CPython":
        return None
    return Interpreter(
        executable=Path(facts["executable"]),
        version=facts["version"],
        libpython=find_libpython(
            facts["version"], prefix=facts["prefix"], libdir=facts["libdir"], multiarch=facts["multiarch"]
        ),
    )


def find_libpython(version: str, *, prefix: str, libdir: str, multiarch: str) -> Path | None:
    """Find libpython3.X.so.1.0: where an interpreter says its libraries are, then where the system looks."""
    name = f"libpython{version}.so.1.0"
    folders = [Path(libdir), Path(libdir, multiarch), Path(prefix, "lib")]
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    return _find_in_loader_cache(name)


def _find_in_loader_cache(name: str) -> Path | None:
    # Debian keeps ldconfig out of a user's PATH.
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    try:
        listing = subprocess.run(
            [ldconfig, "-p"], capture_output=True, timeout=_PROBE_TIMEOUT_S, check=True, text=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    for line in listing.splitlines():
        soname, _, path = line.strip().partition(" => ")
        if soname.startswith(f"{name} ") and "x86-64" in soname and Path(path).is_file():
            return Path(path)
    return None


def _list_candidates() -> Iterator[Path]:
    """Yield interpreters to try, the likeliest first; the same one may come twice."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" in SUPPORTED_VERSIONS and sys.executable:
        yield Path(sys.executable)
    names = [f"python{version}" for version in SUPPORTED_VERSIONS]
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *_SYSTEM_FOLDERS]
    for name in [*names, "python3"]:
        for folder in folders:
            if folder and os.access(Path(folder, name), os.X_OK):
                yield Path(folder, name)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    uv = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "uv" / "python"
    for name, version in zip(names, SUPPORTED_VERSIONS, strict=True):
        yield from sorted((pyenv / "versions").glob(f"{version}.*/bin/{name}"), reverse=True)
        yield from sorted(uv.glob(f"cpython-{version}.*/bin/{name}"), reverse=True)
