"""One command, one module a subcommand, each imported only when it is used."""

import importlib
from typing import Any

import click

from specs.errors import TricorderError, UnexpectedFailure

_SUBCOMMANDS = {
    "bench": "Measure speed on this machine: named scenarios, one JSON record a run.",
    "card": "Print the model card of a model that is served.",
    "demo": "Start Triton, score phantoms and a real radiograph, show the results.",
    "doctor": "Say what this machine has and lacks, each with the remedy.",
    "evaluate": "Measure a model on a data set with known truth.",
    "explain": "Show why a model of outcomes says what it says of one patient.",
    "export": "Turn trained weights into a repository entry, through the parity gate.",
    "import-weights": "Turn weights that somebody else trained into a repository entry, through the parity gate.",
    "models": "List the models that a server, or a repository, offers.",
    "prognosis": "Relate X-ray ages to the outcomes of the same patients.",
    "recalibrate": "Fit a finding model's probabilities to a new site, as a new version of its entry.",
    "score": "Score DICOM files, folders and tables of patients.",
    "serve": "Start Triton on a model repository and keep it running.",
    "train": "Train a model.",
    "tune": "Find the way of serving a model that is best on this machine.",
    "variants": "Make a version in another precision or for another engine, through the parity gate.",
}


class _LazyGroup(click.Group):
    """Imports a subcommand's module when that subcommand is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _SUBCOMMANDS:
            return None
        command: click.Command = importlib.import_module(f"tricorder.{cmd_name.replace('-', '_')}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_SUBCOMMANDS.items()))


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="tricorder")
def tricorder() -> None:
    """Triton-served inference for published cardiology, chest-radiography and nuclear-medicine models.

    Research software, not a medical device.
    """


def run(arguments: list[str] | None) -> int:
    """Run the command line and return its exit code: the one loop where an unexpected exception ends.

    Raises:
        KeyboardInterrupt: Ctrl-C outside of what keeps its results.
    """
    try:
        status: Any = tricorder.main(args=arguments, standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.Abort:  # what click makes of KeyboardInterrupt
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except TricorderError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    except Exception as error:  # noqa: BLE001  # one of the two top loops
        unexpected = UnexpectedFailure.of(error)
        click.echo(f"Error: {unexpected}", err=True)
        return unexpected.exit_code
