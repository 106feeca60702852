"""A region of POSIX shared memory, and names that tell whether the client that made it still lives.

A name is `tricorder-wire-PLACE-OWNER-NUMBER`: digits that say nothing but where, by which client and as which of its
regions it was made. While it lives, a client holds an abstract Unix socket named after it, which the kernel takes away
with the process, however that ends: whoever can bind the socket knows that its client is gone. Process IDs would not
do: they are used again, and a container counts its own.
"""

import contextlib
import hashlib
import mmap
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from client.engine import TensorValue

_FOLDER = Path("/dev/shm")  # noqa: S108  where POSIX shared memory is on Linux
_PREFIX = "tricorder-wire-"
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NETWORK = Path("/proc/self/ns/net")

ALIGNMENT_BYTES = 64
"""Where a tensor may begin, so that one of any type lies aligned."""

_SMALLEST_REGION_BYTES = 1 << 18


@dataclass(frozen=True, kw_only=True)
class Span:
    """Where in a region a tensor lies, bytes."""

    offset_bytes: int
    size_bytes: int


class Region:
    """Memory of this process that a server on the same machine can map by its name, until it is hidden.

    Attributes:
        name: Name of the file in /dev/shm; the region is registered under it too.
        size_bytes: How much it holds.
        proven: Whether an answer has come of what was put into it.
    """

    def __init__(self, name: str, *, size_bytes: int) -> None:
        """Make the file, readable by this user alone, with all of its space.

        Raises:
            OSError: there is no shared memory here, or too little.
        """
        self.name = name
        self.size_bytes = size_bytes
        self.proven = False
        self._file = _FOLDER / name
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            # Without its space taken now, a full /dev/shm would end the process by SIGBUS at the first write.
            os.posix_fallocate(descriptor, 0, size_bytes)
            self._memory = mmap.mmap(descriptor, size_bytes)
        except OSError:
            self.hide()
            raise
        finally:
            os.close(descriptor)

    def write(self, inputs: Mapping[str, TensorValue]) -> dict[str, Span]:
        """Copy tensors, of any shape and of a type of numbers, one behind the other; `required_bytes` of them fit."""
        spans, offset = {}, 0
        for name, value in inputs.items():
            np.ndarray(value.shape, value.dtype, buffer=self._memory, offset=offset)[...] = value
            spans[name] = Span(offset_bytes=offset, size_bytes=value.nbytes)
            offset += _aligned(value.nbytes)
        return spans

    def hide(self) -> None:
        """Take the name away: whoever has mapped the region keeps it, and nothing of it outlives them."""
        self._file.unlink(missing_ok=True)

    def close(self) -> None:
        """Give the memory back as far as this process holds it."""
        self._memory.close()


class Owner:
    """The identity of one client, alive until it is closed or its process ends."""

    def __init__(self) -> None:
        """Claim an identity.

        Raises:
            OSError: this system has no way to tell living clients from dead ones.
        """
        self._place = _place()
        self._token = secrets.token_hex(8)
        self._made = 0
        self._sign = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._sign.bind(_sign_of_life(self._place, self._token))
        except OSError:
            self._sign.close()
            raise

    def close(self) -> None:
        """Give the identity up: what regions are left may be removed by anyone from now on."""
        self._sign.close()

    def region(self, *, at_least_bytes: int) -> Region:
        """Make a region of the next power of two, so that requests of like size find it large enough.

        Raises:
            OSError: there is no shared memory here, or too little.
        """
        self._made += 1
        size_bytes = max(_SMALLEST_REGION_BYTES, 1 << (at_least_bytes - 1).bit_length())
        return Region(f"{_PREFIX}{self._place}-{self._token}-{self._made}", size_bytes=size_bytes)

    def is_left_behind(self, name: str) -> bool:
        """Tell whether a region's client was one of this boot and network, where it could be seen, and is gone."""
        place, _, rest = name.removeprefix(_PREFIX).partition("-")
        token = rest.partition("-")[0]
        if not name.startswith(_PREFIX) or place != self._place or not token:
            return False
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as sign:
            try:
                sign.bind(_sign_of_life(place, token))
            except OSError:
                return False
        return True

    def remove_files_left_behind(self) -> None:
        """Unlink the files of clients that ended between making a region and hiding it."""
        for file in _FOLDER.glob(f"{_PREFIX}{self._place}-*"):
            if self.is_left_behind(file.name):
                with contextlib.suppress(OSError):  # another client was quicker, or it is another user's
                    file.unlink()


def required_bytes(inputs: Mapping[str, TensorValue]) -> int:
    """Return how much a region must hold for these tensors."""
    return sum(_aligned(value.nbytes) for value in inputs.values())


def _aligned(size_bytes: int) -> int:
    return -(-size_bytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES


def _place() -> str:
    """Name this boot of this machine and its network, in which alone a sign of life can be seen.

    Raises:
        OSError: the system is not Linux.
    """
    boot_and_network = f"{_BOOT.read_text(encoding='ascii').strip()}\n{_NETWORK.readlink()}"
    return hashlib.sha256(boot_and_network.encode()).hexdigest()[:12]


def _sign_of_life(place: str, token: str) -> str:
    return f"\0{_PREFIX}{place}-{token}"
