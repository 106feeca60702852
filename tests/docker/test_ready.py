"""The command of the CPU server's image, and the health check that watches both servers."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.conftest import CLONE
from tests.docker.dockerfiles import last, read_dockerfile

ANY_FREE_PORT = ("--grpc-port", "0", "--http-port", "0", "--metrics-port", "0")


def run_check(port: int) -> int:
    """Run the health check as a container does; a proxy that the environment names must not matter."""
    return subprocess.run(
        [sys.executable, "-I", CLONE / "docker" / "ready.py", str(port)],
        env={**os.environ, "http_proxy": "http://127.0.0.1:9"},
        check=False,
        timeout=60,
    ).returncode


@pytest.fixture(scope="module")
def http_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The HTTP port of a server that was started by the command of the image, on one model."""
    repository = tmp_path_factory.mktemp("repository")
    shutil.copytree(CLONE / "model_repository" / "dat_binding", repository / "dat_binding")
    command = last(read_dockerfile(CLONE / "docker" / "server-cpu.Dockerfile"), "CMD")
    started = subprocess.Popen(
        [sys.executable, "-m", "tricorder", *command, "--repository", repository, *ANY_FREE_PORT],
        cwd=CLONE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stderr is not None
    with started, started.stderr as lines:
        said = next(match for line in lines if (match := re.search(r"HTTP 0\.0\.0\.0:(\d+)", line)))
        yield int(said[1])
        started.send_signal(signal.SIGTERM)
        assert "Stopped." in lines.read()
    assert started.returncode == 0


def test_a_server_in_a_container_is_reached_from_outside_of_it(http_port: int) -> None:
    # An address that 127.0.0.1 does not stand for, as a container's own address is.
    with socket.create_connection(("127.0.0.2", http_port), timeout=10):
        pass


def test_a_server_that_is_ready_passes(http_port: int) -> None:
    assert run_check(http_port) == 0


def test_a_server_that_is_absent_or_not_ready_fails() -> None:
    with HTTPServer(("127.0.0.1", 0), NotReady) as server:
        Thread(target=server.handle_request, daemon=True).start()
        assert run_check(server.server_port) == 1
    assert run_check(server.server_port) == 1


class NotReady(BaseHTTPRequestHandler):
    """Answers as Triton does while models are loading."""

    def do_GET(self) -> None:
        self.send_response(400)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
