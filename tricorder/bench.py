"""`tricorder bench`: a named scenario, measured on this machine, as one JSON record."""

import click

from benchmarks.__main__ import run
from benchmarks.scenario import SCENARIOS

_WIDTH = max(map(len, SCENARIOS))
_LISTED = "\n".join(f"  {name:{_WIDTH}}  {what}" for name, what in sorted(SCENARIOS.items()))

_EPILOG = f"""\b
Scenarios:
{_LISTED}

\b
Example:
  tricorder bench load --model mitral_regurgitation --clients 1 2 4 --duration 30 --out load.json
"""


@click.command(epilog=_EPILOG, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("scenario", metavar="SCENARIO", type=click.Choice(sorted(SCENARIOS)))
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[OPTIONS OF THE SCENARIO]...")
def command(scenario: str, options: tuple[str, ...]) -> None:
    """Run a benchmark and print its record as JSON, or write it with --out FILE.

    `tricorder bench SCENARIO --help` lists the scenario's own options with units and defaults. The committed records
    are in benchmarks/records/; docs/benchmarks.md says what each scenario measures. Figures worth keeping need a
    machine with nothing else to do.
    """
    run(scenario, list(options))
