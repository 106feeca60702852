"""`tricorder serve`: a real Triton on a model repository, until it is told to stop."""

import signal
import time
from pathlib import Path
from types import FrameType

import click

from serving import EmbeddedTriton, Ports, TritonSettings
from serving.errors import ServerDied
from tricorder.options import repository_option
from tricorder.places import BUILD, SERVER_ENVIRONMENT
from tricorder.settings import read_settings
from tricorder.terminal import say

_POLL_S = 0.5
_PORT = click.IntRange(min=0, max=65535)


@click.command(epilog="\b\nExample:\n  tricorder serve --repository build/model_repository")
@repository_option
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; 0.0.0.0, for containers, is all. Triton answers whoever reaches it.",
)
@click.option("--grpc-port", type=_PORT, default=8001, show_default=True, help="0 picks a free one.")
@click.option("--http-port", type=_PORT, default=8000, show_default=True, help="0 picks a free one.")
@click.option("--metrics-port", type=_PORT, default=8002, show_default=True, help="0 picks a free one.")
@click.option(
    "--start-timeout",
    "start_timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=120.0,
    show_default=True,
    help="Seconds for loading and warm-up.",
)
def command(
    *, repository: Path | None, host: str, grpc_port: int, http_port: int, metrics_port: int, start_timeout_s: float
) -> None:
    """Start Triton, by default on 127.0.0.1 alone, and keep it running until Ctrl-C or SIGTERM."""
    settings = TritonSettings(
        repository=read_settings(repository=repository).repository,
        run_folder=BUILD / "serving",
        host=host,
        ports=Ports(grpc=grpc_port, http=http_port, metrics=metrics_port),
        start_timeout_s=start_timeout_s,
        environment=SERVER_ENVIRONMENT,
    )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with EmbeddedTriton(settings, progress=say) as triton:
            say(f"gRPC {triton.grpc_address}, HTTP {triton.http_address}, metrics {triton.metrics_address}")
            say(f"Log: {triton.log_file}. Stop with Ctrl-C.")
            while triton.is_alive:
                time.sleep(_POLL_S)
            raise ServerDied(last_line="")
    except KeyboardInterrupt:
        say("Stopped.")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does, at any stage of the start too."""
    raise KeyboardInterrupt
