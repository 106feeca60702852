"""A stand-in for `serving/tensorrt_builder.py` and for nvidia-smi: programs that take the same arguments."""

import sys
from pathlib import Path

import pytest

from serving.engine_builder import EngineBuilder

_BUILDER = """
import pathlib, sys, time
if sys.argv[1] == "version":
    print("{tensorrt}")
else:
    onnx, profile, timing_cache, plan = sys.argv[2:]
    {building}
    with open(timing_cache, "a") as times:
        times.write("timed\\n")
    pathlib.Path(plan).write_text("engine for " + profile)
"""


def write_builder(folder: Path, *, tensorrt: str = "10.9.0.34", building: str = "pass") -> EngineBuilder:
    """Write a builder that says that it is TensorRT; a statement of `building` runs before it writes."""
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "builder.py"
    script.write_text(_BUILDER.format(tensorrt=tensorrt, building=building), encoding="utf-8")
    return EngineBuilder(python=Path(sys.executable), script=script, timeout_s=20)


def put_gpu_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Put an nvidia-smi first on the PATH that prints a line for each GPU; without lines it fails."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "nvidia-smi"
    printed = "".join(f"echo '{line}'\n" for line in lines) or "exit 9\n"
    program.write_text(f'#!/bin/sh\n[ "$1" = --query-gpu=compute_cap,driver_version ] || exit 2\n{printed}')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
