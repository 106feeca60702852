"""A real Triton Inference Server without Docker: its own environment, its backends, its life and its checks.

The server environment is built by `python -m serving.environment`, which `make` calls.
"""

from serving.checks import Check, run_preflight_checks
from serving.errors import ServerStartError
from serving.installation import DEFAULT_ROOT, ServerInstallation
from serving.server import EmbeddedTriton
from serving.settings import Ports, TritonSettings

__all__ = [
    "DEFAULT_ROOT",
    "Check",
    "EmbeddedTriton",
    "Ports",
    "ServerInstallation",
    "ServerStartError",
    "TritonSettings",
    "run_preflight_checks",
]
