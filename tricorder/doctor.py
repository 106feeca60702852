"""`tricorder doctor`: what this machine has and lacks, one line each with the remedy."""

import importlib.util
import platform
import shutil
import sys
from importlib.metadata import version as package_version

import click

from serving import Check, ServerStartError, run_preflight_checks
from tricorder.places import BUILT_REPOSITORY, COMMITTED_REPOSITORY, SERVER_ENVIRONMENT
from tricorder.terminal import STANDARD_OUTPUT


@click.command(epilog="\b\nExample:\n  tricorder doctor")
def command() -> int:
    """Check client, server environment, models, training extra and GPU; exit code 5 where Triton would not start."""
    needed = [
        _client(),
        *run_preflight_checks(environment=SERVER_ENVIRONMENT, repository=COMMITTED_REPOSITORY),
    ]
    for check in needed:
        _print(check, missing="MISSING")
    for check in (_training(), _gpu(), _built_models()):
        _print(check, missing="absent")
    return 0 if all(check.ok for check in needed) else ServerStartError.exit_code


def _print(check: Check, *, missing: str) -> None:
    remedy = f"  ->  {check.remedy}" if check.remedy and not check.ok else ""
    line = f"{'ok' if check.ok else missing:>8}  {check.name}: {check.line}{remedy}"
    STANDARD_OUTPUT.print(line, markup=False, soft_wrap=True)


def _client() -> Check:
    found = f"Python {platform.python_version()}, tricorder {package_version('tricorder')}"
    return Check(name="client", ok=sys.version_info >= (3, 11), line=found, remedy="Install Python 3.11 or newer.")


def _training() -> Check:
    found = importlib.util.find_spec("torch") is not None
    return Check(
        name="training (needed by train and export only)",
        ok=found,
        line=f"torch {package_version('torch')}" if found else "the train extra is not in this environment",
        remedy="Run `make .venv-dev` and use .venv-dev/bin/tricorder.",
    )


def _gpu() -> Check:
    found = shutil.which("nvidia-smi") is not None
    return Check(
        name="NVIDIA GPU (optional)",
        ok=found,
        line="nvidia-smi is here" if found else "no nvidia-smi: models run on the CPU",
        remedy="Install NVIDIA's driver if this machine has a GPU.",
    )


def _built_models() -> Check:
    names = sorted(config.parent.name for config in BUILT_REPOSITORY.glob("*/config.pbtxt"))
    return Check(
        name="models of your own (optional)",
        ok=bool(names),
        line=", ".join(names) or "none in build/model_repository",
        remedy="Run `tricorder train` and `tricorder export`.",
    )
