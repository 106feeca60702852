"""Deployment settings: command line, environment, file, default, in that order."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tricorder.places import COMMITTED_REPOSITORY

SETTINGS_FILE = "tricorder.toml"


class Settings(BaseSettings):
    """What a deployment may set: `TRICORDER_<NAME>` in the environment, or `<name>` in ./tricorder.toml."""

    model_config = SettingsConfigDict(
        env_prefix="TRICORDER_", toml_file=SETTINGS_FILE, frozen=True, extra="ignore", env_ignore_empty=True
    )

    server: str = Field(default="127.0.0.1:8001", description="Triton's gRPC endpoint, HOST:PORT.")
    repository: Path = Field(
        default=COMMITTED_REPOSITORY, description="Model repository to serve or to run in process."
    )
    deadline_s: float = Field(default=30.0, gt=0, description="Seconds that one attempt may take.")
    attempts: int = Field(default=4, ge=1, description="Attempts where the failure may pass.")
    workers: int = Field(default=4, ge=1, description="Inputs worked on at a time.")

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
