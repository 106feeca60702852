"""`tricorder demo`: the main job from end to end on this machine."""

import time
from pathlib import Path

import click
from pydicom.data import get_testdata_file

from client.call_settings import CallSettings
from client.sources import Source
from client.triton import TritonEngine
from phantoms import Part, radiograph_cohort, write_cohort
from serving import EmbeddedTriton, TritonSettings
from tricorder.options import wanted_models
from tricorder.places import BUILD, COMMITTED_REPOSITORY, SERVER_ENVIRONMENT
from tricorder.scoring_run import ScoringRun
from tricorder.settings import read_settings
from tricorder.terminal import say

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
    say(f"1/3  Writing {phantoms} phantom radiographs as DICOM files")
    written = write_cohort(out / "phantoms", radiograph_cohort(Part.DEMONSTRATION, count=phantoms))
    say("2/3  Starting Triton on model_repository/")
    settings = TritonSettings(
        repository=COMMITTED_REPOSITORY, run_folder=BUILD / "serving", environment=SERVER_ENVIRONMENT
    )
    sources = [Source(path=path, name=path.name) for path in (*written, *_real_radiographs())]
    with EmbeddedTriton(settings, progress=lambda stage: say(f"     {stage}")) as triton:
        say(f"3/3  Scoring {len(sources)} radiographs over gRPC at {triton.grpc_address}")
        with TritonEngine(CallSettings(address=triton.grpc_address)) as engine:
            run = ScoringRun(out=out, as_json=False, settings=read_settings())
            exit_code = run.score(sources, engine, wanted_models(engine, ()))
    say(f"Done in {time.monotonic() - started_s:.1f} s; Triton is stopped.")
    return exit_code


def _real_radiographs() -> list[Path]:
    return [Path(str(get_testdata_file(name, download=False))) for name in _REAL_RADIOGRAPHS]
