"""The compose file as data."""

from typing import Any

from ruamel.yaml import YAML

from tests.conftest import CLONE

COMPOSE = CLONE / "docker" / "compose.yaml"
PROJECT: dict[str, Any] = YAML(typ="safe").load(COMPOSE)
SERVICES: dict[str, dict[str, Any]] = PROJECT["services"]
SERVERS = {name: service for name, service in SERVICES.items() if "ports" in service}
