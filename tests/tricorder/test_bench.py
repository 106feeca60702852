"""`tricorder bench`: every scenario where the client's light environment allows it, and a clean end at Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.scenario import SCENARIOS
from tests.conftest import CLONE
from tests.tricorder.conftest import Tricorder
from tests.tricorder.light import run_light

PATIENCE_S = 120.0


def test_the_help_lists_every_scenario(tricorder: Tricorder) -> None:
    done = tricorder("bench", "--help")
    assert all(f"  {name} " in done.stdout for name in SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_explains_its_options_without_torch(scenario: str) -> None:
    done = run_light("bench", scenario, "--help")
    assert done.returncode == 0, done.stderr
    assert "--out" in done.stdout
    assert f"tricorder bench {scenario}" in done.stdout


@pytest.mark.parametrize(
    ("scenario", "what"),
    [
        ("peers", "The peers of PyTorch need"),
        ("vote", "Merging the members into one graph needs"),
        ("fidelity", "Making the variants needs"),
    ],
)
def test_scenarios_say_that_they_need_torch(scenario: str, what: str) -> None:
    done = run_light("bench", scenario)
    assert done.returncode == 8
    assert f"{what} the train extra" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nosuch",), "'nosuch' is not one of"),
        (("load", "--duration", "0"), "0 is not a number above 0"),
        (("load", "--clients", "1.5"), "1.5 is not a whole number above 0"),
        (("fidelity", "--count", "63"), "63 phantoms are too few; accepted: 64 or more"),
        (("fidelity", "--model", "virtual_pet"), "invalid choice: 'virtual_pet'"),
        (("load", "--model", "crystal_ball"), "invalid choice: 'crystal_ball'"),
    ],
)
def test_a_wrong_command_line_is_refused(tricorder: Tricorder, arguments: tuple[str, ...], said: str) -> None:
    done = tricorder("bench", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_ctrl_c_ends_a_run_with_its_server_and_leaves_no_record(tmp_path: Path) -> None:
    record = tmp_path / "load.json"
    command = ["bench", "load", "--model", "dat_uptake", "--clients", "2", "--duration", "600", "--out", str(record)]
    with subprocess.Popen(
        [sys.executable, "-m", "tricorder", *command],
        cwd=CLONE,
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        servers = _servers_under_load(process.pid)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert said.endswith("Interrupted.\n")
    assert not record.exists()
    assert not [server for server in servers if server.is_running()]


def _servers_under_load(pid: int) -> list[psutil.Process]:
    """Wait until a run's stub has had more to do than its start took; return what it runs on."""
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s:
        children = psutil.Process(pid).children(recursive=True)
        if [child for child in children if "tritonserver" in child.name()] and _is_ready(children):
            return children
        time.sleep(0.5)
    raise AssertionError("no server was started")


def _is_ready(children: list[psutil.Process]) -> bool:
    return any("triton_python_backend_stub" in " ".join(child.cmdline()) for child in children)
