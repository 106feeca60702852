"""The GPU image's script starts Triton whether or not engines can be built."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CLONE

SCRIPT = CLONE / "docker" / "start-triton.sh"

REPORTS_ITS_ARGUMENTS = "#!/bin/sh\nprintf '%s\\n' \"$@\"\n"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder that comes first on the PATH, with a Triton that only reports how it was called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    write_program(folder / "tritonserver", REPORTS_ITS_ARGUMENTS)
    return folder


def write_program(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def start(programs: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the script as the image does, on a system with these programs."""
    return subprocess.run(
        [SCRIPT, *options],
        env={"PATH": f"{programs}:{os.defpath}", "MODELS": "/models", "ENGINE_CACHE": "/cache", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_a_builder_the_models_are_served_as_they_are(programs: Path) -> None:
    done = start(programs)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--model-repository=/models" in done.stdout.splitlines()


def test_what_a_builder_made_is_served(programs: Path) -> None:
    write_program(programs / "build-engines", '#!/bin/sh\necho "$1 $2" >&2\n')
    done = start(programs)
    assert (done.returncode, done.stderr) == (0, "/models /cache\n")
    assert "--model-repository=/cache/repository" in done.stdout.splitlines()


def test_the_builder_of_this_project_leaves_what_is_served(
    programs: Path, tmp_path: Path, committed_repository: Path
) -> None:
    clone, python = shlex.quote(str(CLONE)), shlex.quote(sys.executable)
    program = f'#!/bin/sh\nPYTHONPATH={clone} exec {python} -m serving.build_engines "$@"\n'
    write_program(programs / "build-engines", program)
    cache = tmp_path / "cache"
    done = start(programs, MODELS=str(committed_repository), ENGINE_CACHE=str(cache))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"--model-repository={cache}/repository" in done.stdout.splitlines()
    assert (cache / "repository").resolve() == committed_repository


@pytest.mark.parametrize(
    ("builder", "limit_s"), [("#!/bin/sh\nexit 1\n", "60"), ("#!/bin/sh\nexec sleep 60\n", "0.2"), ("no program", "60")]
)
def test_a_builder_that_fails_or_hangs_does_not_keep_the_service_down(
    programs: Path, builder: str, limit_s: str
) -> None:
    write_program(programs / "build-engines", builder)
    done = start(programs, ENGINE_TIMEOUT_S=limit_s)
    assert done.returncode == 0
    assert "the models run on ONNX Runtime" in done.stderr
    assert "--model-repository=/models" in done.stdout.splitlines()


def test_options_go_on_to_triton(programs: Path) -> None:
    assert start(programs, "--log-verbose=1", "--id=a b").stdout.splitlines()[-2:] == ["--log-verbose=1", "--id=a b"]


def test_without_a_folder_of_models_nothing_starts(programs: Path) -> None:
    done = start(programs, MODELS="")
    assert done.returncode != 0
    assert "names no model repository" in done.stderr
