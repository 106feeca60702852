"""Clients in processes of their own, to be killed or to be shut out of this machine's shared memory."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.conftest import CLONE

_ASKS = """
import sys, time
import numpy as np
from client.call_settings import CallSettings
from client.triton import TritonEngine

engine = TritonEngine(CallSettings(address=sys.argv[1])).__enter__()
model = engine.served_model("mitral_regurgitation")
pixels = np.random.default_rng(0).integers(0, 256, (16, 1, 320, 320), dtype=np.uint8)
for batch in (16, 8, 16):
    answer = engine.infer(model, {"pixels": pixels[:batch]}, ["probability"])["probability"]
print(engine.uses_shared_memory, *answer[:, 0], flush=True)
"""
_MAKES_A_REGION = """
import time
from client.shared_region import Owner

owner = Owner()
region = owner.region(at_least_bytes=1)
print(region.name, flush=True)
"""
_STAYS = "time.sleep(600)\n"


@contextmanager
def client_to_kill(address: str) -> Iterator[subprocess.Popen[str]]:
    """Start a client that has sent a large request, holds its region, and stays."""
    with _started(_ASKS + _STAYS, address) as process:
        yield process


@contextmanager
def maker_to_kill() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a client that stays between making a region, whose name is given, and having it registered."""
    with _started(_MAKES_A_REGION + _STAYS) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()


def answer_with_other_memory(address: str, *, size: str) -> tuple[bool, list[float]] | None:
    """Ask from a process with a /dev/shm of its own, as a container's: whether it shares memory, and probabilities.

    None where this system does not let one make such a process.
    """
    isolated = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--mount", "sh", "-c"]
    mounting = f"mount -t tmpfs -o size={size} tmpfs /dev/shm"
    if subprocess.run([*isolated, mounting], capture_output=True, check=False).returncode:
        return None
    done = subprocess.run(
        [*isolated, f'{mounting} && exec "$0" "$@"', sys.executable, "-c", _ASKS, address],
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not done.stderr
    shares, *probabilities = done.stdout.split()
    return shares == "True", [float(probability) for probability in probabilities]


@contextmanager
def _started(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=CLONE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
