"""Options that several subcommands share, and the engine that they name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from client.engine import Engine, ServedModel
from client.in_process import InProcessEngine
from client.triton import CallSettings, TritonEngine
from tricorder.settings import Settings

_Function = TypeVar("_Function", bound=Callable[..., Any])


def engine_options(function: _Function) -> _Function:
    """Add --server, --in-process, --repository and --deadline."""
    for option in reversed(
        (
            click.option("--server", metavar="HOST:PORT", help="Triton's gRPC endpoint.  [default: 127.0.0.1:8001]"),
            click.option("--in-process", is_flag=True, help="Run ONNX Runtime here instead of asking a server."),
            click.option(
                "--repository",
                type=click.Path(path_type=Path, exists=True, file_okay=False),
                help="Model repository for --in-process.  [default: the committed model_repository]",
            ),
            click.option("--deadline", "deadline_s", type=float, help="Seconds one attempt may take.  [default: 30]"),
        )
    ):
        function = option(function)
    return function


def read_settings(**given: object) -> Settings:
    """Merge the command line's values, None where not given, with environment, file and defaults."""
    return Settings.model_validate(_merged({name: value for name, value in given.items() if value is not None}))


def _merged(given: dict[str, object]) -> dict[str, object]:
    return Settings(**given).model_dump()  # type: ignore[arg-type]  # names are the settings' own


@contextmanager
def opened_engine(settings: Settings, *, in_process: bool) -> Iterator[Engine]:
    """Open the engine that the options name."""
    if in_process:
        with InProcessEngine(settings.repository) as engine:
            yield engine
        return
    call = CallSettings(address=settings.server, deadline_s=settings.deadline_s, attempts=settings.attempts)
    with TritonEngine(call) as engine:
        yield engine


def wanted_models(engine: Engine, names: tuple[str, ...]) -> list[ServedModel]:
    """Return the named models, or all that are offered, with their contracts.

    Raises:
        ModelNotFound: a name is not offered.
        ContractError: a contract cannot be used.
    """
    return [engine.served_model(name) for name in names or engine.model_names()]
