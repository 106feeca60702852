"""The server environment as it lies on the disk: what is where, and whether it is whole and current."""

import csv
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from serving.errors import EnvironmentBroken, EnvironmentNotBuilt, NumpyTooNew
from specs.deployment import Engine

DEFAULT_ROOT = Path(__file__).resolve().parents[1] / ".venv-server"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"
OPTIONAL_REQUIREMENTS = {
    engine: REQUIREMENTS.with_name(f"requirements-{engine}.txt") for engine in (Engine.OPENVINO, Engine.AOTINDUCTOR)
}
"""What an environment holds more where it has an engine beside ONNX Runtime, by the engine."""

_STAMP = "tricorder-stamp.json"


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What a finished build leaves behind; an unfinished one leaves none.

    Attributes:
        root: Where the environment was built; a moved one is built again.
        requirements_sha256: Digest of the exact versions that were installed.
        python: The interpreter that the environment was made from.
        python_version: Major and minor number, such as "3.11".
        libpython: The shared library of that interpreter.
    """

    root: str
    requirements_sha256: str
    python: str
    python_version: str
    libpython: str


@dataclass(frozen=True, kw_only=True)
class ServerInstallation:
    """A server environment that was found whole and current.

    Attributes:
        root: The environment's folder.
        python_version: Major and minor number, such as "3.11".
        libpython: The shared library that the Python backend's stub links.
    """

    root: Path
    python_version: str
    libpython: Path

    @classmethod
    def open(cls, root: Path = DEFAULT_ROOT) -> "ServerInstallation":
        """Read an environment and check it, without starting a process.

        Raises:
            EnvironmentNotBuilt: It is missing, unfinished, moved or of other requirements.
            EnvironmentBroken: A file or a package that belongs to it is missing.
            NumpyTooNew: NumPy 2 was installed into it.
        """
        stamp = read_stamp(root)
        installation = cls(root=root.absolute(), python_version=stamp.python_version, libpython=Path(stamp.libpython))
        installation._check_files()
        installation._check_packages()
        return installation

    @property
    def python(self) -> Path:
        """The environment's own interpreter."""
        return self.root / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """Where pip installed."""
        return self.root / "lib" / f"python{self.python_version}" / "site-packages"

    @property
    def libraries(self) -> Path:
        """The shared libraries that Triton's binaries link."""
        return self.site_packages / "nvidia_pytriton.libs"

    @property
    def tritonserver(self) -> Path:
        """Triton's binary."""
        return self._triton / "bin" / "tritonserver"

    @property
    def backends(self) -> Path:
        """Triton's own backends; the wheel has one, for Python."""
        return self._triton / "backends"

    @property
    def python_backend_files(self) -> tuple[Path, ...]:
        """What makes a folder Triton's Python backend for this Python version."""
        backend = self.backends / "python"
        return (
            backend / "libtriton_python.so",
            backend / "triton_python_backend_utils.py",
            self._triton / "python_backend_stubs" / self.python_version / "triton_python_backend_stub",
        )

    def has(self, engine: Engine) -> bool:
        """Whether it holds an engine, in the version that belongs to it and whole; ONNX Runtime is in every one."""
        if engine not in OPTIONAL_REQUIREMENTS:
            return True
        file = OPTIONAL_REQUIREMENTS[engine]
        records = [self._record(name, version) for name, version in read_requirements(file)]
        return all(record.is_file() and _is_whole(record) for record in records)

    def packages(self) -> dict[str, str]:
        """Each package that it was asked to hold, with its version."""
        optional = [file for engine, file in OPTIONAL_REQUIREMENTS.items() if self.has(engine)]
        return {name: version for file in (REQUIREMENTS, *optional) for name, version in read_requirements(file)}

    def _record(self, name: str, version: str) -> Path:
        """Where pip records the files of a package."""
        return self.site_packages / f"{name.replace('-', '_')}-{version}.dist-info" / "RECORD"

    @property
    def _triton(self) -> Path:
        return self.site_packages / "pytriton" / "tritonserver"

    def _check_files(self) -> None:
        for path in (
            self.python,
            self.libpython,
            self.libraries,
            self.tritonserver,
            *self.python_backend_files,
        ):
            if not path.exists():
                raise EnvironmentBroken(defect=f"{path.name} is missing")

    def _check_packages(self) -> None:
        for folder in self.site_packages.glob("numpy-*.dist-info"):
            version = folder.name.removeprefix("numpy-").removesuffix(".dist-info")
            if not version.startswith("1."):
                raise NumpyTooNew(found=version)
        for name, version in read_requirements():
            record = self._record(name, version)
            if not record.is_file():
                raise EnvironmentBroken(defect=f"{name} {version} is missing")
            if not _is_whole(record):
                raise EnvironmentBroken(defect=f"files of {name} are missing")


def _is_whole(record: Path) -> bool:
    """Whether every file that pip recorded is there; compiled ones may be deleted at will."""
    with record.open(encoding="utf-8", newline="") as lines:
        names = [row[0] for row in csv.reader(lines) if row and not row[0].endswith(".pyc")]
    return all((record.parents[1] / name).exists() for name in names)


def read_stamp(root: Path) -> Stamp:
    """Read what the last finished build of an environment left.

    Raises:
        EnvironmentNotBuilt: There was none, or it was for another folder or other requirements.
    """
    try:
        stamp = Stamp(**json.loads((root / _STAMP).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise EnvironmentNotBuilt(reason="is not built") from None
    except (OSError, TypeError, ValueError):
        raise EnvironmentNotBuilt(reason="has no readable stamp") from None
    if Path(stamp.root) != root.resolve():
        raise EnvironmentNotBuilt(reason="was built in another folder")
    if stamp.requirements_sha256 != digest_requirements():
        raise EnvironmentNotBuilt(reason="was built for other requirements")
    return stamp


def write_stamp(root: Path, stamp: Stamp) -> None:
    """Declare an environment finished, in one step."""
    unfinished = root / f"{_STAMP}.unfinished"
    unfinished.write_text(json.dumps(asdict(stamp), indent=1, sort_keys=True), encoding="utf-8")
    unfinished.replace(root / _STAMP)


def digest_requirements() -> str:
    """SHA-256 of the list of exact versions, in hexadecimal digits."""
    return hashlib.sha256("\n".join(f"{name}=={version}" for name, version in read_requirements()).encode()).hexdigest()


def read_requirements(file: Path = REQUIREMENTS) -> list[tuple[str, str]]:
    """The packages of the server environment, each with its exact version."""
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("==") for line in lines if line and not line.startswith("#"))
    return [(name, version) for name, _, version in pairs]
