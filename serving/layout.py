"""The run folder of one embedded Triton: its log, its backends, and the names that it shares memory under.

Triton's Python backend starts its stubs through a shell without quoting, so a checkout whose name has a space
in it would break them. Triton therefore works in this folder, and the paths that it is given start there.
"""

import fcntl
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from serving.installation import ServerInstallation
from serving.supervisor import remove_regions
from specs.deployment import Engine, PreferredEngine

BACKENDS_NAME = "backends"
MODELS_NAME = "models"
LOG_NAME = "triton.log"

_LIBRARIES_NAME = "lib"
_BACKENDS = Path(__file__).resolve().parent / "backends"
_OWN_BACKENDS = tuple(_BACKENDS / name for name in Engine)
_SHARED_BY_BACKENDS = _BACKENDS / "shared"
_NOT_COPIED = shutil.ignore_patterns("__pycache__")


@dataclass(frozen=True, kw_only=True)
class RunLayout:
    """A folder that belongs to one server as long as it lives.

    Attributes:
        folder: Triton's working directory.
        log: Triton's log, open for writing. Its lock marks the folder as taken, and Triton inherits it.
    """

    folder: Path
    log: BinaryIO

    @property
    def log_file(self) -> Path:
        """Where Triton's log is."""
        return self.folder / LOG_NAME

    @property
    def models(self) -> Path:
        """What Triton serves: a repository, or a link to one."""
        return self.folder / MODELS_NAME

    @property
    def libraries(self) -> Path:
        """A folder with libpython and nothing else, so that no other library of its folder is picked up."""
        return self.folder / _LIBRARIES_NAME

    @property
    def server_id(self) -> str:
        """A name that no other living server has: it is made of the folder, also across containers."""
        status = self.folder.stat()
        identity = f"{self.folder}\n{status.st_dev}\n{status.st_ino}"
        return f"tricorder-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"

    @property
    def region_prefix(self) -> str:
        """How the names of this server's shared memory regions begin."""
        return f"{self.server_id}-"


def claim_layout(run_folder: Path) -> RunLayout:
    """Take the first `server-N` in a run folder that no living server holds; clean up after a dead one."""
    number = 1
    while True:
        folder = run_folder.resolve() / f"server-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        log = (folder / LOG_NAME).open("ab")
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.close()
            number += 1
            continue
        log.truncate(0)
        layout = RunLayout(folder=folder, log=log)
        remove_regions(layout.region_prefix)
        return layout


def assemble(layout: RunLayout, installation: ServerInstallation) -> None:
    """Fill a run folder: our backends, Triton's Python backend, that for TensorRT where there is one, and libpython.

    Backends are copied: Triton refuses a library that a link leads out of its folder, and the stubs write
    `__pycache__` beside what they import.
    """
    backends = layout.folder / BACKENDS_NAME
    shutil.rmtree(backends, ignore_errors=True)
    for own in _OWN_BACKENDS:
        for part in (own, _SHARED_BY_BACKENDS):  # a stub imports from the folder of its backend alone
            shutil.copytree(part, backends / own.name, ignore=_NOT_COPIED, dirs_exist_ok=True)
    python_backend = backends / "python"
    python_backend.mkdir()
    for path in installation.python_backend_files:
        shutil.copy(path, python_backend)
    if (installation.backends / PreferredEngine.TENSORRT).is_dir():
        shutil.copytree(installation.backends / PreferredEngine.TENSORRT, backends / PreferredEngine.TENSORRT)
    layout.libraries.mkdir(exist_ok=True)
    libpython = layout.libraries / installation.libpython.name
    libpython.unlink(missing_ok=True)
    libpython.symlink_to(installation.libpython)
