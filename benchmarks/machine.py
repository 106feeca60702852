"""What a benchmark ran on."""

import platform
from importlib.metadata import version
from pathlib import Path

import psutil

from specs.declared import Declared

PACKAGES = ("imagecodecs", "numpy", "onnxruntime", "opencv-python-headless", "pydicom", "tritonclient")


class Machine(Declared):
    """Processor, cores, memory, Python and the packages that decide a timing."""

    processor: str
    cores: int
    memory_bytes: int
    python: str
    packages: dict[str, str]

    @classmethod
    def here(cls) -> "Machine":
        """Describe this machine."""
        return cls(
            processor=_processor(),
            cores=psutil.cpu_count() or 1,
            memory_bytes=psutil.virtual_memory().total,
            python=platform.python_version(),
            packages={package: version(package) for package in PACKAGES},
        )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
