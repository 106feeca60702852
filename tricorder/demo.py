"""`tricorder demo`: the main job from end to end on this machine."""

import time
from pathlib import Path

import click
from pydicom.data import get_testdata_file

from client.delivery import Delivery
from client.result import ResultRow
from client.scoring import ScoringSettings, score_sources
from client.sources import Source, find_sources
from client.triton import CallSettings, TritonEngine
from phantoms import Part, radiograph_cohort, write_cohort
from serving import EmbeddedTriton, TritonSettings
from specs.errors import TricorderError
from tricorder.options import wanted_models
from tricorder.places import BUILD, COMMITTED_REPOSITORY, SERVER_ENVIRONMENT
from tricorder.score import gravest_exit_code
from tricorder.terminal import print_results, progress_bar, say

_REAL_RADIOGRAPHS = ("RG1_UNCR.dcm", "RG3_UNCR.dcm")
"""Of the package pydicom-data: a real PA chest radiograph, and an extremity that a chest model must refuse."""


@click.command(epilog="\b\nExample:\n  tricorder demo --phantoms 12")
@click.option("--phantoms", type=click.IntRange(min=1, max=200), default=6, show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=BUILD / "demo",
    show_default="build/demo",
    help="Folder for phantoms, results, heat maps and the page.",
)
def command(phantoms: int, out: Path) -> int:
    """Start Triton on the committed models, score phantom and real radiographs over gRPC, show the results."""
    started_s = time.monotonic()
    say(f"1/4  Writing {phantoms} phantom radiographs as DICOM files")
    write_cohort(out / "phantoms", radiograph_cohort(Part.DEMONSTRATION, count=phantoms))
    say("2/4  Starting Triton on model_repository/")
    settings = TritonSettings(
        repository=COMMITTED_REPOSITORY, run_folder=BUILD / "serving", environment=SERVER_ENVIRONMENT
    )
    with EmbeddedTriton(settings, progress=lambda stage: say(f"     {stage}")) as triton:
        say(f"3/4  Scoring over gRPC at {triton.grpc_address}")
        rows, failures, page = _score(triton.grpc_address, out)
    say("4/4  Triton stopped; the results:")
    print_results(rows)
    say(f"Heat maps and results: {page.parent}")
    say(f"Open in a browser:     {page}")
    say(f"Done in {time.monotonic() - started_s:.1f} s.")
    return gravest_exit_code(failures)


def _score(address: str, out: Path) -> tuple[list[ResultRow], list[TricorderError], Path]:
    sources = [*find_sources([out / "phantoms"]), *_real_radiographs()]
    rows, failures = [], []
    with TritonEngine(CallSettings(address=address)) as engine, Delivery(folder=out) as delivery:
        models = wanted_models(engine, ())
        with progress_bar() as bar:
            task = bar.add_task("scoring", total=len(sources) * len(models))
            for scored in score_sources(sources, engine, models, ScoringSettings(heat_maps=True)):
                delivery.add(scored)
                rows.append(scored.row)
                if scored.error is not None:
                    failures.append(scored.error)
                bar.advance(task)
        return rows, failures, delivery.finish()


def _real_radiographs() -> list[Source]:
    paths = [Path(str(get_testdata_file(name, download=False))) for name in _REAL_RADIOGRAPHS]
    return [Source(path=path, name=path.name) for path in paths]
