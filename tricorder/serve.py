"""`tricorder serve`: a real Triton on a model repository, until it is told to stop."""

import signal
import threading
from pathlib import Path
from types import FrameType

import click

from serving import EmbeddedTriton, Ports, TritonSettings
from serving.errors import ServerDied
from tricorder.places import BUILD, SERVER_ENVIRONMENT
from tricorder.settings import Settings
from tricorder.terminal import say

_POLL_S = 1.0


@click.command(epilog="\b\nExample:\n  tricorder serve --repository build/model_repository")
@click.option(
    "--repository",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Model repository.  [default: the committed model_repository]",
)
@click.option("--grpc-port", default=8001, show_default=True, help="0 picks a free one.")
@click.option("--http-port", default=8000, show_default=True, help="0 picks a free one.")
@click.option("--metrics-port", default=8002, show_default=True, help="0 picks a free one.")
@click.option("--start-timeout", default=120.0, show_default=True, help="Seconds for loading and warm-up.")
def command(repository: Path | None, grpc_port: int, http_port: int, metrics_port: int, start_timeout: float) -> None:
    """Start Triton on 127.0.0.1 and keep it running until Ctrl-C or SIGTERM."""
    settings = TritonSettings(
        repository=repository or Settings().repository,
        run_folder=BUILD / "serving",
        ports=Ports(grpc=grpc_port, http=http_port, metrics=metrics_port),
        start_timeout_s=start_timeout,
        environment=SERVER_ENVIRONMENT,
    )
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with EmbeddedTriton(settings, progress=say) as triton:
        say(f"gRPC {triton.grpc_address}, HTTP {triton.http_address}, metrics {triton.metrics_address}")
        say("Stop with Ctrl-C.")
        while triton.is_alive and not stopped.wait(_POLL_S):
            pass
        if not stopped.is_set():
            raise ServerDied(last_line="")
        say("Stopping.")
