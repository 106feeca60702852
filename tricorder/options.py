"""Options that several subcommands share, and the engine that they name."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from client.batching import GATHERING_S, BatchingEngine
from client.call_settings import CallSettings
from client.engine import Engine, ServedModel
from client.errors import ContractError, NothingServed
from client.in_process import InProcessEngine
from client.triton import TritonEngine
from client.voting import ClientVoting
from specs.deployment import Priority
from specs.entry import CONFIG_FILE
from tricorder.settings import Settings, read_settings
from tricorder.terminal import say

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class EngineChoice:
    """Where models run, as the options said, and the settings that hold for it."""

    in_process: bool
    client_vote: bool
    settings: Settings


def setting_option(*names: str, field: str, **arguments: Any) -> Callable[[_Function], _Function]:
    """Make an option of a deployment setting, with the setting's own words and default as its help."""
    setting = Settings.model_fields[field]
    default = "" if setting.default is None else f"  [default: {setting.default}]"
    return click.option(*names, field, help=f"{setting.description}{default}", **arguments)


repository_option = click.option(
    "--repository",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Model repository.  [default: the committed model_repository]",
)


def engine_options(function: _Function) -> _Function:
    """Add the options that say where models run; the function gets an EngineChoice."""

    @wraps(function)  # with the options that it has already
    def choose(**given: Any) -> Any:
        return function(engine=_choice(given), **given)

    chosen: Any = choose
    for option in reversed(
        (
            setting_option("--server", field="server", metavar="HOST:PORT"),
            setting_option("--deadline", field="deadline_s", type=click.FloatRange(min=0, min_open=True)),
            setting_option("--shared-memory/--no-shared-memory", field="shared_memory", default=None),
            click.option("--in-process", is_flag=True, help="Run ONNX Runtime here instead of asking a server."),
            repository_option,
            click.option("--client-vote", is_flag=True, help="Ask the members of an ensemble, and vote here."),
            setting_option("--workers", field="workers", type=click.IntRange(min=1)),
            setting_option("--readers", field="readers", type=click.IntRange(min=0)),
        )
    ):
        chosen = option(chosen)
    return cast("_Function", chosen)


def _choice(given: dict[str, Any]) -> EngineChoice:
    """Take the engine's options out of all options.

    Raises:
        click.UsageError: options that exclude each other, or a value that a setting does not take.
    """
    names = ("server", "deadline_s", "shared_memory", "repository", "workers", "readers")
    values = {name: given.pop(name) for name in names}
    in_process: bool = given.pop("in_process")
    client_vote: bool = given.pop("client_vote")
    if in_process and (values["server"] or values["deadline_s"] or values["shared_memory"] is not None):
        raise click.UsageError(
            "--in-process asks no server: it does not go with --server, --deadline or --shared-memory."
        )
    if values["repository"] and not in_process:
        raise click.UsageError("--repository goes with --in-process: a server has its own.")
    return EngineChoice(in_process=in_process, client_vote=client_vote, settings=read_settings(**values))


@contextmanager
def opened_engine(choice: EngineChoice, *, priority: Priority = Priority.ORDINARY) -> Iterator[Engine]:
    """Open the engine that the options name.

    Args:
        choice: What they name.
        priority: In which of a server's queues inferences wait, and whether they wait for others to go with them;
            the engine in this process does neither.

    Raises:
        NothingServed: the repository for the in-process engine holds no model.
    """
    settings = choice.settings
    if choice.in_process:
        if not any(settings.repository.glob(f"*/{CONFIG_FILE}")):
            raise NothingServed
        with InProcessEngine(settings.repository) as local:
            yield ClientVoting(local) if choice.client_vote else local
        return
    call = CallSettings(
        address=settings.server,
        deadline_s=settings.deadline_s,
        patience_s=settings.patience_s,
        shared_memory=settings.shared_memory,
        priority=priority,
    )
    with TritonEngine(call) as remote:
        gathering_s = GATHERING_S if priority is Priority.ORDINARY else 0
        together = BatchingEngine(remote, threads=settings.workers, gathering_s=gathering_s)
        yield ClientVoting(together) if choice.client_vote else together


def wanted_models(engine: Engine, names: tuple[str, ...]) -> list[ServedModel]:
    """Return the named models, or all that are offered with a usable contract; the others are named on the way.

    What an offered ensemble runs is left out unless it is named.

    Raises:
        ModelNotFound: a named model is not offered.
        ContractError: the contract of a named model cannot be used.
        NothingServed: there is no model.
    """
    if names:
        return [engine.served_model(name) for name in dict.fromkeys(names)]
    models, unusable = [], {}
    for name in engine.model_names():
        try:
            models.append(engine.served_model(name))
        except ContractError as error:
            unusable[name] = error
    if not models:
        raise next(iter(unusable.values())) if unusable else NothingServed()
    steps = step_names(models)
    for name in unusable.keys() - steps:
        say(f"Passed over: {unusable[name]}")
    return [model for model in models if model.name not in steps]


def step_names(models: Iterable[ServedModel]) -> set[str]:
    """Name the entries that ensembles among the models run."""
    return {step.model for model in models for step in model.contract.weights.steps}
