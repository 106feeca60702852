"""The command line as a user runs it: a real process, its output and its exit code."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from phantoms import Part, radiograph_cohort, write_cohort
from specs import SPECS
from specs.ensemble import CompoundSpec
from tests.conftest import CLONE, RADIOGRAPH_SPECS, STUDY_SPECS

Tricorder = Callable[..., subprocess.CompletedProcess[str]]

COMMITTED_MODELS = tuple(sorted(SPECS))
"""Those with a contract, in the order in which they are listed."""

_MEMBERS = {member.model for spec in SPECS.values() if isinstance(spec, CompoundSpec) for member in spec.members}

SCORING_MODELS = tuple(name for name in COMMITTED_MODELS if name in STUDY_SPECS and name not in _MEMBERS)
"""Those that are asked about studies where none is named, in the order of their rows: members answer through the model
that asks them."""

RADIOGRAPH_MODELS = tuple(name for name in SCORING_MODELS if name in RADIOGRAPH_SPECS)
"""Of them, those that score a chest radiograph; the others are not asked about one."""


@pytest.fixture(scope="session")
def tricorder() -> Tricorder:
    """Run `tricorder ARGUMENTS` in a folder of one's own choice."""

    def run(*arguments: object, cwd: Path = CLONE, timeout_s: float = 550) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tricorder", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(CLONE), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )

    return run


@pytest.fixture(scope="session")
def phantom_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    write_cohort(folder, radiograph_cohort(Part.TEST, count=4))
    return folder
