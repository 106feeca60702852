"""`tricorder score`: the main job on one's own files."""

from pathlib import Path
from typing import Any

import click

from client.errors import EXIT_CODES
from client.sources import find_sources
from client.studies import TakenModalities, check_named_series, joined_studies
from specs.deployment import Priority
from specs.told import Told
from tricorder.options import EngineChoice, engine_options, opened_engine, setting_option, wanted_models
from tricorder.prevalence_option import PrevalenceType
from tricorder.scoring_run import ScoringRun
from tricorder.terminal import say
from tricorder.told_options import LONG_AXIS_OPTION, ROLE_OPTION, told_options

_EXIT_CODE_HELP = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES.items())

_EPILOG = f"""\b
Exit code; where inputs failed in several ways, the largest, the gravest:
{_EXIT_CODE_HELP}

\b
Example:
  tricorder score archive/2026 --model mitral_regurgitation --out results --json > results.jsonl
"""


@click.command(epilog=_EPILOG)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path, readable=False))
@click.option("--model", "models", multiple=True, metavar="NAME", help="A model to use; repeatable.  [default: all]")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for results, heat maps, a page.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a result instead of a table.")
@told_options
@click.option(
    "--urgent",
    is_flag=True,
    help="Have the server take these before ordinary work that waits there; none waits for others to go with it.",
)
@setting_option("--prevalence", field="prevalence", metavar="SHARE", type=PrevalenceType())
@engine_options
def command(
    paths: tuple[Path, ...],
    models: tuple[str, ...],
    *,
    told: Told,
    prevalence: float | None,
    urgent: bool,
    engine: EngineChoice,
    **shown: Any,
) -> int:
    """Score DICOM files, all files in folders, and the patients of tables with one or more models.

    Each PATH is a file, a folder, a DICOMDIR, which stands for the images that it lists, or a table of patients: CSV
    with a header (name, or name [unit]), JSON lines, or a FHIR R4 Bundle (.csv, .jsonl, .json). Nothing is imputed: a
    patient who lacks a variable is not eligible. Models of images take images alone, models of variables tables; the
    files of a study whose images are slices of a volume, as of PET, are one input wherever they lie. What cannot be
    read or may not be scored gets a row that says why; the other inputs are scored all the same. Ctrl-C keeps and
    prints what is finished.
    """
    settings = engine.settings if prevalence is None else engine.settings.model_copy(update={"prevalence": prevalence})
    if urgent and engine.in_process:
        raise click.UsageError("--urgent goes with a server: --in-process has no queue to go before.")
    with opened_engine(engine, priority=Priority.URGENT if urgent else Priority.ORDINARY) as opened:
        chosen = wanted_models(opened, models)
        sources = joined_studies(find_sources(paths), TakenModalities.of(chosen))
        if not sources:
            say("There are no files in what was named.")
        for option, named in ((ROLE_OPTION, told.roles), (LONG_AXIS_OPTION, told.long_axes)):
            check_named_series(sources, named, option=option)
        run = ScoringRun(settings=settings, told=told, **shown)
        return run.score(sources, opened, chosen)
