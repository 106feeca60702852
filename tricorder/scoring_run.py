"""One run of the main job: rows printed and delivered as they come, and the gravest of its failures."""

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from client.delivery import Delivery
from client.engine import Engine, ServedModel
from client.errors import INTERRUPTED_EXIT_CODE, DeliveryError, NoModelForInput
from client.result import ResultRow
from client.scoring import ScoredInput, ScoringSettings, models_for, score_sources
from client.sources import Source
from specs.errors import TricorderError
from specs.told import NOTHING_TOLD, Told
from tricorder.interruption import Interruption
from tricorder.settings import Settings
from tricorder.terminal import print_results, progress_bar, say


class ScoringRun:
    """Scores sources with models and shows the results.

    Ctrl-C ends the run early: what is finished is kept and printed.
    """

    def __init__(self, *, out: Path | None, as_json: bool, settings: Settings, told: Told = NOTHING_TOLD) -> None:
        """Prepare a run.

        Args:
            out: Folder for results, heat maps and page; None for none.
            as_json: Print JSON lines as they come instead of a table at the end.
            settings: How many inputs are worked on at a time, by how many processes, and for which prevalence.
            told: What a person says of series.
        """
        self._out = out
        self._as_json = as_json
        self._settings = ScoringSettings(
            workers=settings.workers,
            readers=settings.readers,
            heat_maps=out is not None,
            prevalence=settings.prevalence,
            told=told,
        )
        self._rows: list[ResultRow] = []
        self._finished = 0
        self._failures: list[TricorderError] = []

    def score(self, sources: Sequence[Source], engine: Engine, models: Sequence[ServedModel]) -> int:
        """Score, print, deliver; returns the exit code."""
        total = sum(bool(models_for(source, models)) for source in sources)
        self._note_left_out(sources, models)
        with ExitStack() as stack:
            delivery = stack.enter_context(Delivery(folder=self._out)) if self._out else None
            interruption = stack.enter_context(Interruption())
            bar = stack.enter_context(progress_bar())
            task = bar.add_task("scoring", total=total)
            try:
                for scored in score_sources(sources, engine, models, self._settings, stop=interruption.requested):
                    self._take(scored, delivery)
                    self._finished += scored.ends_source
                    bar.update(task, completed=self._finished)
            except DeliveryError as error:
                self._failures.append(error)
                delivery = None
            bar.stop()
            self._show(delivery, total=total)
        return INTERRUPTED_EXIT_CODE if interruption.requested.is_set() else self._gravest_exit_code()

    def _note_left_out(self, sources: Sequence[Source], models: Sequence[ServedModel]) -> None:
        """Say once for each kind of input that no model takes it."""
        names = tuple(model.name for model in models)
        kinds = {"images" if source.record is None else "tables of patients": source for source in sources}
        for kind, source in kinds.items():
            if not models_for(source, models):
                self._failures.append(NoModelForInput(kind=kind, models=names))
                say(f"Error: {self._failures[-1]}")

    def _take(self, scored: ScoredInput, delivery: Delivery | None) -> None:
        self._rows.append(scored.row)
        if scored.error is not None:
            self._failures.append(scored.error)
        if self._as_json:
            self._print_line(scored.row.model_dump_json() + "\n")
        if delivery:
            delivery.add(scored)

    def _print_line(self, line: str) -> None:
        """Print a row; whoever reads it may have had enough, as `head` has."""
        try:
            sys.stdout.write(line)
            sys.stdout.flush()
        except BrokenPipeError:
            _silence_standard_output()
        except OSError as error:
            _silence_standard_output()
            raise DeliveryError(what="The rows", cause=error.strerror or type(error).__name__) from None

    def _show(self, delivery: Delivery | None, *, total: int) -> None:
        if not self._as_json:
            print_results(self._rows)
        if self._finished < total:
            say(f"Ended early: {self._finished} of {total} inputs are finished.")
        for failure in self._failures:
            if isinstance(failure, DeliveryError):
                say(f"Error: {failure}")
        if delivery:
            say(f"Results, heat maps and page: {delivery.finish()}")

    def _gravest_exit_code(self) -> int:
        return max((failure.exit_code for failure in self._failures), default=0)


def _silence_standard_output() -> None:
    """Send what is still buffered nowhere, or Python would fail on it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
