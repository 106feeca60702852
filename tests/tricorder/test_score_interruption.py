"""`tricorder score` ended in mid-run: what is finished is kept, and no process is left."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.conftest import CLONE
from tests.tricorder.conftest import RADIOGRAPH_MODELS

RADIOGRAPHS = len(RADIOGRAPH_MODELS)
"""Rows of one."""


@contextmanager
def long_run(phantom_folder: Path, printed: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start to score 1,600 inputs and wait for the first rows."""
    folders = [str(phantom_folder)] * 400
    with printed.open("w", encoding="utf-8") as rows_file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tricorder", "score", *folders, "--in-process", "--json", "--readers", "2"],
            cwd=CLONE,
            env={**os.environ, "PYTHONPATH": str(CLONE)},
            stdout=rows_file,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        while printed.read_text(encoding="utf-8").count("\n") < 4:
            assert process.poll() is None
            time.sleep(0.05)
        yield process


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["to the process", "to all, as a terminal does"])
def test_ctrl_c_keeps_and_prints_what_is_finished_and_leaves_no_process(
    phantom_folder: Path, tmp_path: Path, send: Callable[[int, int], None]
) -> None:
    with long_run(phantom_folder, tmp_path / "rows.jsonl") as process:
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 3  # the fork server and two readers
        send(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finished = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert process.returncode == 130
    assert [row["status"] for row in finished[:3]] == ["scored"] * 3
    assert 4 <= len(finished) < 1600 * RADIOGRAPHS
    whole = len(finished) // RADIOGRAPHS  # the rows of an input come together, but for the last ones
    assert f"Ended early: {whole} of 1600 inputs are finished." in said
    assert psutil.wait_procs(family, timeout=20)[1] == []


def test_a_run_that_is_killed_leaves_no_process(phantom_folder: Path, tmp_path: Path) -> None:
    with long_run(phantom_folder, tmp_path / "rows.jsonl") as process:
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate(timeout=60)
    assert len(family) >= 3
    assert psutil.wait_procs(family, timeout=20)[1] == []
