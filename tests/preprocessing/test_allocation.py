"""Freed memory is used again without asking the system for it."""

import subprocess
import sys

import pytest

from tests.conftest import CLONE

BLOCK_BYTES = 10 * 2**20
ROUNDS = 5

_PROGRAM = f"""
import resource, sys
from preprocessing.allocation import keep_freed_memory

def hold_and_free():
    blocks = [b"x" * {BLOCK_BYTES}, b"y" * {BLOCK_BYTES}]
    del blocks

if sys.argv[1] == "kept" and not keep_freed_memory():
    sys.exit("the C library has no mallopt")
for _ in range(2):
    hold_and_free()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({ROUNDS}):
    hold_and_free()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def new_pages(how: str) -> int:
    """Let a process take and free two images again and again; return how many pages it asked for after the first."""
    command = [sys.executable, "-c", _PROGRAM, how]
    done = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, check=False, timeout=60)
    if "no mallopt" in done.stderr:
        pytest.skip(done.stderr.strip())
    return int(done.stdout)


def test_memory_of_one_image_is_used_for_the_next() -> None:
    pages = ROUNDS * 2 * BLOCK_BYTES // 4096
    assert new_pages("given back") > pages // 2
    assert new_pages("kept") < pages // 100
