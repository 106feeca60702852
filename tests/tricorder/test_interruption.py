"""Ctrl-C at any moment of the start ends with a sentence and its exit code, never with a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from client.errors import INTERRUPTED_EXIT_CODE
from tests.conftest import CLONE

SITE = """
import os, signal, sys

class InterruptedImport:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, InterruptedImport())
"""
"""What Python runs first: it sends the process a SIGINT as soon as a module is asked for."""


@pytest.mark.parametrize("module", ["click", "pydantic", "specs.errors", "tricorder.score", "client.in_process"])
def test_ctrl_c_within_an_import_ends_with_a_sentence(module: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(SITE.format(module=module), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tricorder", "score", str(tmp_path), "--in-process"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{CLONE}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (INTERRUPTED_EXIT_CODE, "")
    assert done.stderr.lstrip("\n") == "Interrupted.\n"  # click ends the line of ^C
