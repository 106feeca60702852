"""Why the embedded Triton cannot start: one class a reason, one sentence each.

The family is a branch of `client/errors.py`:

    ServerStartError
    ├── UnsupportedPlatform    not Linux on x86-64
    ├── GlibcTooOld            Triton's binaries need glibc 2.35
    ├── PythonMissing          no Python 3.11 or 3.12
    ├── LibpythonMissing       a Python 3.11 or 3.12, but not its shared library
    ├── EnvironmentNotBuilt    `.venv-server` is missing, or an older one
    ├── EnvironmentBroken      `.venv-server` lacks something it had
    ├── EnvironmentBuildFailed pip or venv failed
    ├── NumpyTooNew            NumPy 2 in `.venv-server`
    ├── EngineNotInstalled     a model for an engine that `.venv-server` does not hold
    ├── RepositoryMissing      no such folder
    ├── RepositoryEmpty        a folder without a model
    ├── PortTaken              another program listens there
    ├── PortForbidden          the system does not let this user listen there
    ├── AddressUnusable        the host is no address of this machine
    ├── RunFolderUnusable      its log and backends cannot be written
    ├── ModelNotLoaded         Triton refused a model, with its reason
    ├── StartTimeout           not ready in time
    └── ServerDied             Triton ended by itself

No sentence holds a path or patient data.
"""

from collections.abc import Sequence
from typing import ClassVar

from specs.errors import TricorderError

BUILD = "Run `make .venv-server` to build it."
REBUILD = "Run `make .venv-server` to build it again."


class ServerStartError(TricorderError):
    """The embedded Triton cannot start.

    Attributes:
        problem: What is wrong and what would be accepted, one sentence.
        remedy: What to do, one sentence.
    """

    exit_code: ClassVar[int] = 5

    def __init__(self, *, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


class UnsupportedPlatform(ServerStartError):
    """Triton's binaries are for Linux on x86-64 only."""

    def __init__(self, *, system: str, machine: str) -> None:
        super().__init__(
            problem=f"This machine is {system} on {machine}; the embedded Triton runs on Linux on x86-64.",
            remedy="Score in process, or name a Triton that runs elsewhere.",
        )


class GlibcTooOld(ServerStartError):
    """Triton's binaries need a newer C library."""

    def __init__(self, *, found: str, needed: str) -> None:
        super().__init__(
            problem=f"This system has {found}; Triton needs glibc {needed} or newer.",
            remedy="Use Debian 12, Ubuntu 22.04 or newer, or score in process.",
        )


class PythonMissing(ServerStartError):
    """No interpreter that the server environment could be made from."""

    def __init__(self, *, tried: Sequence[str]) -> None:
        found = f" (found: {'; '.join(tried)})" if tried else ""
        super().__init__(
            problem=f"No Python 3.11 or 3.12 was found for the server{found}.",
            remedy="Install one (apt install python3.11 or python3.12, or pyenv), "
            "or name it in TRICORDER_SERVER_PYTHON.",
        )


class LibpythonMissing(ServerStartError):
    """Triton's Python backend links the interpreter as a shared library."""

    def __init__(self, *, version: str) -> None:
        # Ubuntu 24.04 and Debian 13 renamed the package in the 64-bit time transition.
        package = "libpython3.12t64 (libpython3.12 before Ubuntu 24.04)" if version == "3.12" else "libpython3.11"
        super().__init__(
            problem=f"Python {version} is here, but not its shared library libpython{version}.so.1.0.",
            remedy=f"Run `sudo apt install {package}`, or build Python with --enable-shared.",
        )


class EnvironmentNotBuilt(ServerStartError):
    """There is no server environment, or it was built for other requirements or elsewhere."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(problem=f"The server environment .venv-server {reason}.", remedy=BUILD)


class EnvironmentBroken(ServerStartError):
    """The server environment was complete and is not any more."""

    def __init__(self, *, defect: str) -> None:
        super().__init__(problem=f"The server environment .venv-server is broken: {defect}.", remedy=REBUILD)


class EnvironmentBuildFailed(ServerStartError):
    """A step of building the server environment failed."""

    def __init__(self, *, step: str) -> None:
        super().__init__(
            problem=f"Building the server environment .venv-server failed at this step: {step}.",
            remedy="Read the lines above, check the network and the disk, and run `make .venv-server` again.",
        )


class NumpyTooNew(ServerStartError):
    """With NumPy 2 Triton's Python backend returns empty arrays without an error."""

    def __init__(self, *, found: str) -> None:
        super().__init__(
            problem=f"The server environment .venv-server holds NumPy {found}; Triton needs NumPy 1.",
            remedy=REBUILD,
        )


class EngineNotInstalled(ServerStartError):
    """A model is made for an engine that is an optional part of the server environment."""

    def __init__(self, *, model: str, engine: str) -> None:
        super().__init__(
            problem=f"The model {model} is made for {engine}, which the server environment .venv-server does not hold.",
            remedy=f"Run `make .venv-server {engine.upper()}=yes` to add it, or serve a version for ONNX Runtime.",
        )


class RepositoryMissing(ServerStartError):
    """The folder of models does not exist."""

    def __init__(self) -> None:
        super().__init__(
            problem="The model repository does not exist; it is a folder with one folder a model.",
            remedy="Name an existing folder, such as model_repository.",
        )


class RepositoryEmpty(ServerStartError):
    """The folder of models holds none."""

    def __init__(self) -> None:
        super().__init__(
            problem="The model repository holds no model; a model is a folder with a config.pbtxt in it.",
            remedy="Export a model into it, or name another folder, such as model_repository.",
        )


class PortTaken(ServerStartError):
    """Another program listens on the port."""

    def __init__(self, *, endpoint: str, port: int) -> None:
        super().__init__(
            problem=f"Port {port} for {endpoint} is taken by another program.",
            remedy="Choose another port, or 0 to have a free one picked.",
        )


class PortForbidden(ServerStartError):
    """The system does not let this user listen on the port."""

    def __init__(self, *, endpoint: str, port: int) -> None:
        super().__init__(
            problem=f"This user may not listen on port {port} for {endpoint}; ports from 1024 up are open.",
            remedy="Choose another port, or 0 to have a free one picked.",
        )


class AddressUnusable(ServerStartError):
    """Nothing can listen on the host that was named."""

    def __init__(self, *, host: str) -> None:
        super().__init__(
            problem=f"The host {host} is no address that this machine can listen on.",
            remedy="Use 127.0.0.1, or an IPv4 address of this machine.",
        )


class RunFolderUnusable(ServerStartError):
    """The folder for the log and the assembled backends cannot be written."""

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            problem=f"The run folder cannot be written ({reason}); it takes Triton's log and its backends.",
            remedy="Free 10 MB on its disk, and see that you may write there (build/serving in the clone).",
        )


class ModelNotLoaded(ServerStartError):
    """Triton refused a model."""

    def __init__(self, *, model: str, reason: str, others: Sequence[str] = ()) -> None:
        also = f" Not loaded either: {', '.join(others)}." if others else ""
        super().__init__(
            problem=f"The model {model} does not load: {reason.rstrip('.')}.{also}",
            remedy="Mend or remove it; triton.log under build/serving has the rest.",
        )
        self.model = model
        self.reason = reason


class StartTimeout(ServerStartError):
    """Triton was not ready in time and was stopped."""

    def __init__(self, *, timeout_s: float, loaded: int, models: int) -> None:
        super().__init__(
            problem=f"Triton was not ready after {timeout_s:g} s ({loaded} of {models} models loaded).",
            remedy="Allow more time (--start-timeout), serve fewer models, or read triton.log under build/serving.",
        )


class ServerDied(ServerStartError):
    """Triton ended without being asked to."""

    def __init__(self, *, last_line: str) -> None:
        said = f" Its last words: {last_line.rstrip('.')}." if last_line else ""
        super().__init__(
            problem=f"Triton ended by itself.{said}",
            remedy="Read triton.log under build/serving.",
        )
