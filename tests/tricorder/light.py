"""The command in the client's light environment: where the extras are not installed, and nothing finds them."""

import os
import subprocess
import sys

from tests.conftest import CLONE
from tricorder.report_extra import REPORT_PACKAGES

_HEAVY = {"torch", "torchvision", "timm", "lightning", *REPORT_PACKAGES}

_LIGHT = (
    f"HEAVY = {_HEAVY!r}"
    """
import sys
from importlib.machinery import PathFinder

class LightEnvironment(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in HEAVY else super().find_spec(name, path, target)

sys.meta_path = [LightEnvironment if finder is PathFinder else finder for finder in sys.meta_path]
from tricorder.__main__ import main
main()
"""
)


def run_light(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `tricorder ARGUMENTS` there."""
    return subprocess.run(
        [sys.executable, "-c", _LIGHT, *map(str, arguments)],
        cwd=CLONE,
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
