"""Whether this system can run Triton's binaries at all."""

import os
import platform

from serving.errors import GlibcTooOld, UnsupportedPlatform

NEEDED_GLIBC = (2, 35)
"""Of the wheel's tag, manylinux_2_35_x86_64."""


def check_platform() -> None:
    """Check system, processor and C library.

    Raises:
        UnsupportedPlatform: Not Linux on x86-64.
        GlibcTooOld: The C library is older than 2.35, or is another one.
    """
    require_linux_x86_64(platform.system(), platform.machine())
    require_glibc(read_libc_version())


def require_linux_x86_64(system: str, machine: str) -> None:
    """Check names as `platform.system` and `platform.machine` give them.

    Raises:
        UnsupportedPlatform: Anything but Linux on x86-64.
    """
    if (system, machine) != ("Linux", "x86_64"):
        raise UnsupportedPlatform(system=system, machine=machine)


def require_glibc(found: str) -> None:
    """Check a version as `confstr` gives it, such as "glibc 2.36".

    Raises:
        GlibcTooOld: It is older than 2.35, or no glibc.
    """
    name, _, version = found.partition(" ")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if name != "glibc" or numbers < NEEDED_GLIBC:
        raise GlibcTooOld(found=found, needed=".".join(map(str, NEEDED_GLIBC)))


def read_libc_version() -> str:
    """The C library's name and version, or "another C library"."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or "another C library"
    except (OSError, ValueError):
        return "another C library"
