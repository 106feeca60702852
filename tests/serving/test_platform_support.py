"""Which systems can run Triton's binaries."""

import pytest

from serving.errors import GlibcTooOld, UnsupportedPlatform
from serving.platform_support import check_platform, require_glibc, require_linux_x86_64


def test_this_machine_will_do() -> None:
    check_platform()


@pytest.mark.parametrize("found", ["glibc 2.35", "glibc 2.36", "glibc 3.0"])
def test_glibc_from_2_35_up_will_do(found: str) -> None:
    require_glibc(found)


@pytest.mark.parametrize("found", ["glibc 2.31", "glibc 2.4", "another C library", "musl 1.2"])
def test_an_older_or_another_c_library_is_refused_by_name(found: str) -> None:
    with pytest.raises(GlibcTooOld, match=rf"This system has {found}; Triton needs glibc 2\.35 or newer"):
        require_glibc(found)


@pytest.mark.parametrize(("system", "machine"), [("Darwin", "arm64"), ("Linux", "aarch64"), ("Windows", "AMD64")])
def test_other_systems_are_refused_by_name(system: str, machine: str) -> None:
    with pytest.raises(UnsupportedPlatform, match=f"This machine is {system} on {machine}"):
        require_linux_x86_64(system, machine)
