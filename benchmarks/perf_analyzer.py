"""NVIDIA's perf_analyzer as a peer: its own load on our server, in closed loop.

It is inside the wheel of tritonclient 2.50.0; `make build/perf_analyzer` unpacks it beside two libraries of the server
environment that it is linked to. It asks for all outputs of a model; it cannot be told to ask for fewer.
"""

import csv
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tricorder.places import BUILD

FOLDER = BUILD / "perf_analyzer"
_ANY_SPREAD_PERCENT = 1000
"""Its windows count as stable whatever they differ by: a spread is ours to judge, not a reason to have no figure."""


@dataclass(frozen=True, kw_only=True)
class AnalyzedLoad:
    """What it found."""

    answered_per_s: float
    p50_ms: float
    p99_ms: float


def found_perf_analyzer() -> Path | None:
    """Return the program: that of `make build/perf_analyzer`, or one on the PATH; None where there is none."""
    own = FOLDER / "perf_analyzer"
    elsewhere = shutil.which("perf_analyzer")
    if own.is_file():
        return own
    return Path(elsewhere) if elsewhere else None


def analyzed_load(program: Path, address: str, model: str, *, clients: int, window_s: float) -> AnalyzedLoad:
    """Let it measure three windows.

    Args:
        program: perf_analyzer.
        address: gRPC endpoint of the server, HOST:PORT.
        model: Which model it asks.
        clients: Requests under way at any time.
        window_s: Length of a window.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        table = Path(folder) / "load.csv"
        asked = ["-m", model, "-u", address, "-i", "grpc", "--concurrency-range", str(clients), "-f", str(table)]
        limits = ["--measurement-interval", str(round(1e3 * window_s)), "-s", str(_ANY_SPREAD_PERCENT)]
        libraries = f"{program.parent}{os.pathsep}{os.environ.get('LD_LIBRARY_PATH', '')}"
        subprocess.run(
            [program, *asked, *limits],
            env={**os.environ, "LD_LIBRARY_PATH": libraries},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return read_table(table.read_text(encoding="utf-8"))


def read_table(text: str) -> AnalyzedLoad:
    """Read what it writes as CSV: one line, times in microseconds."""
    (row,) = csv.DictReader(text.splitlines())
    return AnalyzedLoad(
        answered_per_s=float(row["Inferences/Second"]),
        p50_ms=1e-3 * float(row["p50 latency"]),
        p99_ms=1e-3 * float(row["p99 latency"]),
    )
