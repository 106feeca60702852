"""Builds the server's own Python environment, as a container would hold it: `python -m serving.environment`.

It runs from the client's environment, on any Python from 3.11 up, and finds the server's Python by itself.
"""

import argparse
import contextlib
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from serving.errors import (
    EnvironmentBroken,
    EnvironmentBuildFailed,
    EnvironmentNotBuilt,
    NumpyTooNew,
    ServerStartError,
)
from serving.installation import (
    DEFAULT_ROOT,
    OPTIONAL_REQUIREMENTS,
    REQUIREMENTS,
    ServerInstallation,
    Stamp,
    digest_requirements,
    read_stamp,
    write_stamp,
)
from serving.interpreters import OVERRIDE_VARIABLE, SUPPORTED_VERSIONS, Interpreter, find_server_python
from serving.platform_support import check_platform
from specs.deployment import Engine

Progress = Callable[[str], None]

_MODULES = {Engine.OPENVINO: "openvino", Engine.AOTINDUCTOR: "torch"}
"""What is imported to try an engine beside ONNX Runtime."""

_STDERR = 2
"""File descriptor that pip's own progress goes to, like ours: stdout is for results."""


def build_environment(
    root: Path = DEFAULT_ROOT,
    *,
    python: str | None = None,
    engines: Collection[Engine] = (),
    progress: Progress = lambda _line: None,
) -> ServerInstallation:
    """Build the server environment, or leave it as it is where it is whole and current.

    A build that was killed left no stamp and is done again. Two builds at once wait for each other.

    Args:
        root: Folder of the environment; what is in it is deleted before a build.
        python: The interpreter to make it from; None finds one.
        engines: What it shall hold beside ONNX Runtime; one that it has already stays.
        progress: Takes a line about each step.

    Raises:
        ServerStartError: This machine cannot have one (glibc, Python, libpython), or a step failed.
    """
    check_platform()
    with _lock_folder(root.parent):
        installation = _built(root, python, progress=progress)
        for engine in engines:
            if not installation.has(engine):
                progress(f"adding {engine}")
                _install(_pip(installation.python), OPTIONAL_REQUIREMENTS[engine])
                module = _MODULES[engine]
                _run([installation.python, "-I", "-c", f"import numpy, {module}"], step=f"import of {module}")
        return installation


def _built(root: Path, python: str | None, *, progress: Progress) -> ServerInstallation:
    try:
        return _open_current(root, python)
    except (EnvironmentNotBuilt, EnvironmentBroken, NumpyTooNew) as defect:
        progress(defect.problem)
    _create(root, find_server_python(python), progress=progress)
    return ServerInstallation.open(root)


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the environment from the command line; 0, or the exit code of the error."""
    parser = argparse.ArgumentParser(prog="python -m serving.environment", description="Build the server environment.")
    parser.add_argument("--root", type=Path, default=DEFAULT_ROOT, help="its folder (default: .venv-server)")
    parser.add_argument(
        "--python",
        default=os.environ.get(OVERRIDE_VARIABLE) or None,
        help=f"its Python, {' or '.join(SUPPORTED_VERSIONS)} (default: ${OVERRIDE_VARIABLE}, or found)",
    )
    parser.add_argument(
        "--engine",
        dest="engines",
        action="append",
        default=[],
        type=Engine,
        choices=list(OPTIONAL_REQUIREMENTS),
        help="what it shall hold beside ONNX Runtime; may be given again",
    )
    options = parser.parse_args(arguments)
    started_s = time.monotonic()

    def say(line: str) -> None:
        sys.stderr.write(f"server environment [{time.monotonic() - started_s:4.1f} s] {line}\n")
        sys.stderr.flush()

    try:
        build_environment(options.root, python=options.python, engines=options.engines, progress=say)
    except ServerStartError as error:
        say(str(error))
        return error.exit_code
    return 0


def _open_current(root: Path, python: str | None) -> ServerInstallation:
    installation = ServerInstallation.open(root)
    if python and Path(shutil.which(python) or python).resolve() != Path(read_stamp(root).python).resolve():
        raise EnvironmentNotBuilt(reason="was built from another Python")
    return installation


def _create(root: Path, interpreter: Interpreter, *, progress: Progress) -> None:
    progress(f"building it from Python {interpreter.version}")
    _clear(root)
    # The pip that runs here installs into the new environment, so Debian's python3.X-venv is not needed.
    without_pip = ["--without-pip"] if _has_pip() else []
    _run([interpreter.executable, "-I", "-m", "venv", *without_pip, root], step="python -m venv")
    python = root / "bin" / "python"
    progress("installing Triton, ONNX Runtime and NumPy (about 110 MB to fetch)")
    _install(_pip(python), REQUIREMENTS)
    progress("trying it")
    _run([python, "-I", "-c", "import numpy, onnx, onnxruntime"], step="import of ONNX Runtime with NumPy 1")
    write_stamp(
        root,
        Stamp(
            root=str(root.resolve()),
            requirements_sha256=digest_requirements(),
            python=str(interpreter.executable),
            python_version=interpreter.version,
            libpython=str(interpreter.libpython),
        ),
    )
    progress("ready")


def _has_pip() -> bool:
    return importlib.util.find_spec("pip") is not None


def _pip(python: Path) -> list[str | Path]:
    """Return the command of a pip that installs into an environment, by its interpreter."""
    return [sys.executable, "-m", "pip", "--python", python] if _has_pip() else [python, "-m", "pip"]


def _install(pip: Sequence[str | Path], requirements: Path) -> None:
    options = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"]
    _run([*pip, "install", *options, "-r", requirements], step="pip install")


def _clear(root: Path) -> None:
    """Delete an old environment, and nothing that was never one."""
    if not root.exists():
        return
    is_environment = root.name == DEFAULT_ROOT.name or (root / "pyvenv.cfg").is_file()
    if not is_environment and any(root.iterdir()):
        raise EnvironmentBuildFailed(step="clearing its folder, which holds something else")
    shutil.rmtree(root)


def _run(command: Sequence[str | Path], *, step: str) -> None:
    # With a PYTHONPATH pip would take what lies there for installed.
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        subprocess.run([str(word) for word in command], stdout=_STDERR, env=variables, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise EnvironmentBuildFailed(step=step) from None


@contextlib.contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Hold the folder's advisory lock: no file is left, and it goes when the process does."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
