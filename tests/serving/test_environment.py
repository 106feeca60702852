"""Building the server environment: when it is built, when it is left alone, and what a failure leaves."""

import fcntl
import os
import threading
import time
from pathlib import Path

import pytest

from serving.environment import build_environment, main
from serving.errors import EnvironmentBuildFailed, EnvironmentNotBuilt
from serving.installation import DEFAULT_ROOT, ServerInstallation


def test_a_current_environment_is_left_alone_and_quickly() -> None:
    lines: list[str] = []
    started_s = time.process_time()
    assert build_environment(progress=lines.append) == ServerInstallation.open()
    assert time.process_time() - started_s < 0.2
    assert not lines


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets pip find nothing, so that a build fails without the network."""
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)


@pytest.mark.usefixtures("no_packages")
def test_a_failed_build_is_no_environment(tmp_path: Path) -> None:
    root = tmp_path / ".venv-server"
    lines: list[str] = []
    with pytest.raises(EnvironmentBuildFailed, match="at this step: pip install"):
        build_environment(root, python=str(ServerInstallation.open().python), progress=lines.append)
    assert lines[0] == "The server environment .venv-server is not built."
    assert lines[1].startswith("building it from Python 3.")
    with pytest.raises(EnvironmentNotBuilt):
        ServerInstallation.open(root)


@pytest.mark.usefixtures("no_packages")
def test_what_a_killed_build_left_is_cleared(tmp_path: Path) -> None:
    leftover = tmp_path / ".venv-server" / "lib" / "leftover"
    leftover.mkdir(parents=True)
    with pytest.raises(EnvironmentBuildFailed, match="pip install"):
        build_environment(tmp_path / ".venv-server", python=str(ServerInstallation.open().python))
    assert not leftover.exists()


def test_a_folder_with_something_else_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "letter").touch()
    with pytest.raises(EnvironmentBuildFailed, match="which holds something else"):
        build_environment(tmp_path / "documents", python=str(ServerInstallation.open().python))
    assert (tmp_path / "documents" / "letter").exists()


def test_the_command_ends_with_the_exit_code_of_its_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--root", str(tmp_path / ".venv-server"), "--python", str(tmp_path / "none")]
    assert main(arguments) == 5
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "No Python 3.11 or 3.12 was found" in captured.err


def test_two_builds_wait_for_each_other() -> None:
    descriptor = os.open(DEFAULT_ROOT.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    build = threading.Thread(target=build_environment)
    build.start()
    build.join(0.3)
    assert build.is_alive()
    os.close(descriptor)
    build.join(10)
    assert not build.is_alive()
