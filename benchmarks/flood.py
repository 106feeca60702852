"""A screening flood: a process of its own that keeps so many ordinary requests waiting at a server.

`python -m benchmarks.flood HOST:PORT MODEL CLIENTS` says "flooding" once it has its inputs, and ends with its standard
input.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress

from benchmarks.load_generation import closed_loop
from benchmarks.prepared_tensors import asked_in_turn, prepared_tensors
from client.call_settings import CallSettings
from client.triton import TritonEngine
from specs import SPECS

INPUTS = 16
_LONGEST_END_S = 30.0


@contextmanager
def flooded(address: str, model: str, *, clients: int) -> Iterator[None]:
    """Flood a server while the context runs.

    Args:
        address: gRPC endpoint, HOST:PORT.
        model: Which model is asked.
        clients: Requests that are under way at any time.
    """
    command = [sys.executable, "-m", "benchmarks.flood", address, model, str(clients)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or process.stdout.readline() != "flooding\n":
                raise RuntimeError("the flood did not start")
            yield
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(_LONGEST_END_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _flood(address: str, model: str, *, clients: int) -> None:
    """Ask without an end; the process ends with its standard input."""
    tensors = prepared_tensors(SPECS[model].recipe, count=INPUTS, progress=Progress(disable=True))
    with TritonEngine(CallSettings(address=address)) as engine:
        ask = asked_in_turn(engine, engine.served_model(model), tensors)
        threading.Thread(target=_end_with_input, daemon=True).start()
        sys.stdout.write("flooding\n")
        sys.stdout.flush()
        closed_loop(ask, clients=clients, duration_s=float("inf"))


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    _flood(sys.argv[1], sys.argv[2], clients=int(sys.argv[3]))
