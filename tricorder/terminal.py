"""What a person sees: results on standard output, everything else on standard error."""

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from client.result import ResultRow, asked_prevalence, prevalence_note
from evaluation.predictive_values import percentage
from specs.notices import DEMONSTRATION_NOTE, DISCLAIMER

STANDARD_OUTPUT = Console(highlight=False)
STANDARD_ERROR = Console(stderr=True, highlight=False)


def progress_bar() -> Progress:
    """Make a progress bar on standard error; nothing is drawn where that is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=STANDARD_ERROR,
        transient=True,
        disable=not STANDARD_ERROR.is_terminal,
    )


def say(line: str) -> None:
    """Print a line of progress to standard error."""
    STANDARD_ERROR.print(line, markup=False, soft_wrap=True)


def say_left_out(left_out: Mapping[str, int]) -> None:
    """Print why images of a data set are not used, with the number of images for each reason."""
    for reason, images in left_out.items():
        say(f"Left out: {images} images: {reason}")


def print_results(rows: Iterable[ResultRow]) -> None:
    """Print result rows as a table, with what must be said beside them."""
    rows = list(rows)
    prevalence = asked_prevalence(rows)
    table = Table(title=None, show_lines=False)
    for heading in ("source", "model", "value", "call or reason"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "value" else "left")
    if prevalence is not None:
        table.add_column(f"at a prevalence of {percentage(prevalence)}", overflow="fold")
    for row in rows:
        at_prevalence = () if prevalence is None else (row.shown_predictive_values,)
        table.add_row(*map(Text, (row.source, row.model, row.shown_value, row.shown_outcome, *at_prevalence)))
    STANDARD_OUTPUT.print(table)
    if prevalence is not None:
        STANDARD_OUTPUT.print(prevalence_note(prevalence), markup=False, soft_wrap=True)
    STANDARD_OUTPUT.print(DISCLAIMER, markup=False, soft_wrap=True)
    if any(row.demonstration for row in rows):
        STANDARD_OUTPUT.print(DEMONSTRATION_NOTE, markup=False, soft_wrap=True)
