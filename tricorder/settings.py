"""Deployment settings: command line, environment, file, default, in that order."""

import tomllib
from pathlib import Path

import click
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from client.call_settings import CallSettings
from preprocessing.processors import available_processors
from tricorder.places import COMMITTED_REPOSITORY

SETTINGS_FILE = "tricorder.toml"

_CALLS = CallSettings()
_PROCESSORS = available_processors()
_LEAST_WORKERS = 16
"""Enough for studies to gather for a request while others are read. Our choice."""


class Settings(BaseSettings):
    """What a deployment may set: `TRICORDER_<NAME>` in the environment, or `<name>` in ./tricorder.toml."""

    model_config = SettingsConfigDict(
        env_prefix="TRICORDER_", toml_file=SETTINGS_FILE, frozen=True, extra="ignore", env_ignore_empty=True
    )

    server: str = Field(
        default=_CALLS.address,
        pattern=r"^[^\s:/]+:[0-9]{1,5}$|^\[[0-9a-fA-F:]+\]:[0-9]{1,5}$",
        description="Triton's gRPC endpoint, HOST:PORT.",
    )
    repository: Path = Field(default=COMMITTED_REPOSITORY, description="Model repository.")
    deadline_s: float = Field(default=_CALLS.deadline_s, gt=0, description="Seconds that one attempt may take.")
    patience_s: float = Field(
        default=_CALLS.patience_s, ge=0, description="Seconds for which an inference that may yet succeed is repeated."
    )
    shared_memory: bool = Field(
        default=_CALLS.shared_memory,
        description="Hand large inputs to a server on this machine in shared memory, where it takes them so.",
    )
    workers: int = Field(
        default=max(_LEAST_WORKERS, 2 * _PROCESSORS), ge=1, description="Inputs worked on at a time, each in a thread."
    )
    readers: int = Field(
        default=_PROCESSORS,
        ge=0,
        description="Processes that read and prepare inputs, so that one which crashes costs one input; 0 to do so in "
        "this one, which starts half a second sooner.",
    )

    prevalence: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Share of the people scored who have a finding, such as 0.02: each result of a finding gets PPV "
        "and NPV at it, with 95 % intervals, sensitivity and specificity taken as those of the studies on which the "
        "operating point was chosen, which flatters them.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the command line's values first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings(**given: object) -> Settings:
    """Merge the command line's values, None where not given, with environment, file and defaults.

    Raises:
        click.UsageError: a value is not one that the setting takes, or the file does not parse.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(step) for step in problem["loc"])
        raise click.UsageError(f"The setting {name} cannot be used: {problem['msg']}.") from None
    except (tomllib.TOMLDecodeError, OSError):
        raise click.UsageError(f"{SETTINGS_FILE} in this folder does not parse as TOML.") from None
