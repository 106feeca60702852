"""`tricorder score`: the main job on one's own files."""

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from client.delivery import Delivery
from client.engine import Engine, ServedModel
from client.errors import EXIT_CODES
from client.result import ResultRow
from client.scoring import ScoringSettings, score_sources
from client.sources import find_sources
from specs.errors import TricorderError
from tricorder.interruption import Interruption
from tricorder.options import engine_options, opened_engine, read_settings, wanted_models
from tricorder.terminal import print_results, progress_bar, say

_INTERRUPTED = 130

_EXIT_CODE_HELP = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())

_EPILOG = f"""\b
Exit code; where inputs failed in several ways, the largest, the gravest:
{_EXIT_CODE_HELP}

\b
Example:
  tricorder score archive/2026 --model mitral_regurgitation --out results --json > results.jsonl
"""


@click.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="NAME",
    help="A model to score with; repeatable.  [default: all]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for results, heat maps and a page.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a result instead of a table.")
@click.option("--workers", type=click.IntRange(min=1), help="Inputs worked on at a time.  [default: 4]")
@engine_options
def command(
    paths: tuple[Path, ...],
    models: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    in_process: bool,
    **given: object,
) -> int:
    """Score DICOM files, and all files in folders, with one or more models.

    Each PATH is a file or a folder. What cannot be read or may not be scored gets a row that says why; the other
    inputs are scored all the same. Ctrl-C keeps and prints what is finished.
    """
    settings = read_settings(**given)
    with opened_engine(settings, in_process=in_process) as engine:
        run = _Run(out=out, as_json=as_json)
        chosen = wanted_models(engine, models)
        return run.score(paths, engine, chosen, ScoringSettings(workers=settings.workers, heat_maps=out is not None))


class _Run:
    """One run of the command: its rows, and the gravest of its failures."""

    def __init__(self, *, out: Path | None, as_json: bool) -> None:
        self._out = out
        self._as_json = as_json
        self._rows: list[ResultRow] = []
        self._failures: list[TricorderError] = []

    def score(
        self, paths: tuple[Path, ...], engine: Engine, models: list[ServedModel], settings: ScoringSettings
    ) -> int:
        interrupted = False
        with ExitStack() as stack:
            delivery = stack.enter_context(Delivery(folder=self._out)) if self._out else None
            sources = list(find_sources(paths))
            bar = stack.enter_context(progress_bar())
            interruption = stack.enter_context(Interruption())
            task = bar.add_task("scoring", total=len(sources) * len(models))
            try:
                for scored in score_sources(sources, engine, models, settings):
                    with interruption.held():
                        self._take(scored.row, scored.error)
                        if delivery:
                            delivery.add(scored)
                        bar.advance(task)
            except KeyboardInterrupt:
                interrupted = True
            bar.stop()
            self._print(delivery, total=len(sources) * len(models))
        return _INTERRUPTED if interrupted else gravest_exit_code(self._failures)

    def _take(self, row: ResultRow, error: TricorderError | None) -> None:
        self._rows.append(row)
        if error is not None:
            self._failures.append(error)
        if self._as_json:
            sys.stdout.write(row.model_dump_json() + "\n")
            sys.stdout.flush()

    def _print(self, delivery: Delivery | None, *, total: int) -> None:
        if not self._as_json:
            print_results(self._rows)
        if len(self._rows) < total:
            say(f"Interrupted: {len(self._rows)} of {total} results are finished.")
        if delivery:
            say(f"Results and heat maps: {delivery.finish()}")


def gravest_exit_code(failures: list[TricorderError]) -> int:
    """Return 0 without failures, otherwise the largest of their exit codes."""
    return max((failure.exit_code for failure in failures), default=0)
