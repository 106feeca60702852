"""How `tritonserver` is called: its arguments and its environment variables."""

import os

from serving.installation import ServerInstallation
from serving.layout import BACKENDS_NAME, MODELS_NAME, RunLayout
from serving.settings import Ports
from specs.telemetry import DISABLING_VARIABLE

IN_FLIGHT_TIMEOUT_S = 10
"""How long Triton waits at its stop for requests that it has begun."""

_STUB_TIMEOUT_S = 120
"""How long a stub may take to load its model; Triton's default of 30 s is short on a busy machine."""


def make_command(layout: RunLayout, installation: ServerInstallation, *, host: str, ports: Ports) -> list[str]:
    """Program and arguments; paths are relative to the run folder wherever a shell will see them."""
    return [
        str(installation.tritonserver),
        f"--id={layout.server_id}",
        f"--model-repository={MODELS_NAME}",
        f"--backend-directory={BACKENDS_NAME}",
        f"--grpc-address={host}",
        f"--grpc-port={ports.grpc}",
        f"--http-address={host}",
        f"--http-port={ports.http}",
        f"--metrics-address={host}",
        f"--metrics-port={ports.metrics}",
        # No --cache-config: without one the response cache, whose key is 64 bits, is off.
        "--disable-auto-complete-config",
        "--strict-readiness=true",
        "--exit-on-error=true",
        f"--exit-timeout-secs={IN_FLIGHT_TIMEOUT_S}",
        f"--backend-config=python,shm-region-prefix-name={layout.region_prefix}",
        f"--backend-config=python,stub-timeout-seconds={_STUB_TIMEOUT_S}",
    ]


def make_variables(layout: RunLayout, installation: ServerInstallation) -> dict[str, str]:
    """Environment variables: the caller's, with the server's Python instead of the caller's."""
    # AIP_MODE would switch Vertex AI's own endpoint on, which listens on every address.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in ("VIRTUAL_ENV", "AIP_MODE", "LD_PRELOAD")
    }
    path = os.environ.get("PATH", os.defpath)
    libraries = [str(installation.libraries), str(layout.libraries), os.environ.get("LD_LIBRARY_PATH", "")]
    return kept | {
        "PATH": f"{installation.python.parent}{os.pathsep}{path}",
        DISABLING_VARIABLE: "1",
        "LD_LIBRARY_PATH": os.pathsep.join(folder for folder in libraries if folder),
    }
