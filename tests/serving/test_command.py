"""How Triton is called."""

from pathlib import Path

import pytest

from serving import Ports, ServerInstallation
from serving.command import make_command, make_variables
from serving.layout import RunLayout, claim_layout


@pytest.fixture
def layout(tmp_path: Path) -> RunLayout:
    return claim_layout(tmp_path / "with space")


def test_paths_that_a_shell_sees_are_relative(layout: RunLayout) -> None:
    with layout.log:
        command = make_command(layout, ServerInstallation.open(), host="127.0.0.1", ports=Ports())
    assert "--model-repository=models" in command
    assert "--backend-directory=backends" in command
    assert not any("with space" in word for word in command[1:])


def test_nothing_of_the_callers_python_reaches_the_server(layout: RunLayout, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = ServerInstallation.open()
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "AIP_MODE"):
        monkeypatch.setenv(name, "/caller")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    with layout.log:
        variables = make_variables(layout, installation)
    assert "/caller" not in variables.values()
    assert variables["CUDA_VISIBLE_DEVICES"] == "1"
    assert variables["PATH"].split(":")[0] == str(installation.root / "bin")


def test_two_claims_get_two_folders_and_a_released_one_is_taken_again(tmp_path: Path) -> None:
    first = claim_layout(tmp_path)
    second = claim_layout(tmp_path)
    assert (first.folder.name, second.folder.name) == ("server-1", "server-2")
    first.log.close()
    third = claim_layout(tmp_path)
    assert third.folder == first.folder
    second.log.close()
    third.log.close()
