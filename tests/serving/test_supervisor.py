"""Triton's life inside its owner's, however the owner ends."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx
import psutil
import pytest

from serving import EmbeddedTriton, TritonSettings
from serving.supervisor import SHARED_MEMORY

WriteModel = Callable[..., Path]

OWNER = """
import signal, sys, threading, time
from pathlib import Path
from serving import EmbeddedTriton, TritonSettings

signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of a shell inherit that it is ignored

def own():
    with EmbeddedTriton(TritonSettings(repository=Path(sys.argv[1]), run_folder=Path(sys.argv[2]))) as server:
        print(server.pid, server.server_id, flush=True)
        time.sleep(60)

if sys.argv[3] == "thread":
    # The thread that started Triton ends; the process, and so Triton, must live on.
    server = EmbeddedTriton(TritonSettings(repository=Path(sys.argv[1]), run_folder=Path(sys.argv[2])))
    starter = threading.Thread(target=server.start)
    starter.start()
    starter.join()
    time.sleep(1.5)
    assert server.is_alive
    print(server.pid, server.server_id, flush=True)
    time.sleep(60)
else:
    own()
"""


@pytest.fixture
def tiny_repository(tmp_path: Path, write_model: WriteModel, double_config: str, double_model: onnx.ModelProto) -> Path:
    """One model, so that a start takes less than a second."""
    write_model(tmp_path / "models", "double", config=double_config, model=double_model)
    return tmp_path / "models"


def list_regions(server_id: str | None) -> list[Path]:
    assert server_id
    return list(SHARED_MEMORY.glob(f"{server_id}*"))


def find_family(server: EmbeddedTriton) -> tuple[psutil.Process, psutil.Process]:
    """Triton and its supervisor."""
    assert server.pid is not None
    triton = psutil.Process(server.pid)
    supervisor = triton.parent()
    assert supervisor is not None
    return triton, supervisor


@dataclass(frozen=True, kw_only=True)
class OwnedServer:
    """A server that another process owns."""

    owner: "subprocess.Popen[str]"
    family: list[psutil.Process]
    server_id: str

    def wait_until_gone(self) -> None:
        self.owner.wait(20)
        _, alive = psutil.wait_procs(self.family, timeout=20)
        assert not alive


def start_owner(repository: Path, how: str = "plain") -> OwnedServer:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(repository), str(repository.parent / "run"), how],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    with owner.stdout as lines:
        pid, server_id = lines.readline().split()
    family = psutil.Process(owner.pid).children(recursive=True)
    assert int(pid) in [process.pid for process in family]
    assert len(family) == 3  # supervisor, Triton, one stub
    return OwnedServer(owner=owner, family=family, server_id=server_id)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_a_signal_ends_the_owner(tiny_repository: Path, number: signal.Signals) -> None:
    owned = start_owner(tiny_repository)
    assert list_regions(owned.server_id)
    owned.owner.send_signal(number)
    owned.wait_until_gone()
    assert not list_regions(owned.server_id)


def test_triton_outlives_the_thread_that_started_it(tiny_repository: Path) -> None:
    owned = start_owner(tiny_repository, "thread")
    owned.owner.kill()
    owned.wait_until_gone()


@pytest.mark.parametrize("victim", ["triton", "supervisor"])
def test_nothing_is_left_when_a_part_of_the_server_is_killed(tiny_repository: Path, victim: str) -> None:
    settings = TritonSettings(repository=tiny_repository, run_folder=tiny_repository.parent / "run")
    with EmbeddedTriton(settings) as server:
        triton, supervisor = find_family(server)
        family = [supervisor, *supervisor.children(recursive=True)]
        (triton if victim == "triton" else supervisor).kill()
        _, alive = psutil.wait_procs(family, timeout=20)
        assert not alive
        assert not server.is_alive
    assert not list_regions(server.server_id)


def test_a_stub_that_is_too_busy_to_notice_goes_with_the_stop(tiny_repository: Path) -> None:
    settings = TritonSettings(repository=tiny_repository, run_folder=tiny_repository.parent / "run")
    with EmbeddedTriton(settings) as server:
        triton, supervisor = find_family(server)
        stubs = [
            child for child in triton.children(recursive=True) if "stub" in child.name() or "triton" in child.name()
        ]
        assert stubs
        for stub in stubs:
            stub.suspend()
        supervisor.kill()
        psutil.wait_procs([supervisor, triton], timeout=20)
    _, alive = psutil.wait_procs(stubs, timeout=20)
    assert not alive
    assert not list_regions(server.server_id)


def test_a_run_folder_cleans_up_after_a_server_that_could_not(tiny_repository: Path) -> None:
    settings = TritonSettings(repository=tiny_repository, run_folder=tiny_repository.parent / "run")
    with EmbeddedTriton(settings) as server:
        leftover = SHARED_MEMORY / f"{server.server_id}-leftover"
    leftover.touch()
    with EmbeddedTriton(settings):
        assert not leftover.exists()
