"""What is said where a command needs torch and this environment has none."""

import importlib.util

import click


def require_training_extra() -> None:
    """Stop with the remedy where the train extra is not installed.

    Raises:
        click.ClickException: torch is not in this environment.
    """
    if importlib.util.find_spec("torch") is None:
        raise click.ClickException(
            "training and export need the train extra, which this environment does not have; "
            "run `make .venv-dev` and use .venv-dev/bin/tricorder"
        )
