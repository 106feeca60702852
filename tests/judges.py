"""Judges of DICOM files that this project did not write."""

import shutil
import subprocess
from pathlib import Path

import pytest


def complaints(file: Path) -> list[str]:
    """Return what dciodvfy calls an error; where it is absent, the test is skipped."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy is not installed (Debian package dicom3tools)")
    done = subprocess.run([program, str(file)], capture_output=True, text=True, check=False)
    return [line for line in (done.stdout + done.stderr).splitlines() if "Error" in line]
