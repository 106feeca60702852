"""`tricorder demo`: the main job from end to end on this machine."""

import time
from dataclasses import dataclass
from pathlib import Path

import click
from pydicom.data import get_testdata_file

from client.call_settings import CallSettings
from client.sources import Source
from client.studies import TakenModalities, joined_studies
from client.triton import TritonEngine
from phantoms import (
    ImageCohort,
    Part,
    VolumeCohort,
    dopamine_cohort,
    mibg_cohort,
    perfusion_cohort,
    pet_cohort,
    radiograph_cohort,
    write_cohort,
)
from serving import EmbeddedTriton, TritonSettings
from tricorder.options import wanted_models
from tricorder.places import BUILD, COMMITTED_REPOSITORY, SERVER_ENVIRONMENT
from tricorder.scoring_run import ScoringRun
from tricorder.settings import read_settings
from tricorder.terminal import say

_REAL_RADIOGRAPHS = ("RG1_UNCR.dcm", "RG3_UNCR.dcm")
"""Of the package pydicom-data: a real PA chest radiograph, and an extremity that a chest model must refuse."""


@dataclass(frozen=True, kw_only=True)
class _Examination:
    """One kind of phantoms.

    Attributes:
        folder: Where they are written, among those of the other kinds.
        cohort: Which they are.
    """

    folder: str
    cohort: ImageCohort | VolumeCohort

    def write(self, folder: Path) -> list[Source]:
        """Write the phantoms and name each file by its path below the folder of all kinds."""
        written = write_cohort(folder / self.folder, self.cohort)
        return [Source(path=path, name=path.relative_to(folder).as_posix()) for path in written]


def _examinations(phantoms: int) -> tuple[_Examination, ...]:
    """Plan what is written: of volumes, which take half a second each, half as many as of radiographs."""
    volumes = (phantoms + 1) // 2
    return (
        _Examination(folder="radiographs", cohort=radiograph_cohort(Part.DEMONSTRATION, count=phantoms)),
        _Examination(folder="fdg_pet", cohort=pet_cohort(Part.DEMONSTRATION, count=volumes)),
        _Examination(folder="dopamine_spect", cohort=dopamine_cohort(Part.DEMONSTRATION, count=volumes)),
        _Examination(folder="perfusion_spect", cohort=perfusion_cohort(Part.DEMONSTRATION, count=volumes)),
        _Examination(folder="mibg_spect", cohort=mibg_cohort(Part.DEMONSTRATION, count=volumes)),
    )


@click.command(epilog="\b\nExample:\n  tricorder demo --phantoms 12")
@click.option(
    "--phantoms",
    type=click.IntRange(min=1, max=200),
    default=6,
    show_default=True,
    help="Phantom radiographs; of phantom PET and SPECT studies half as many.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=BUILD / "demo",
    show_default="build/demo",
    help="Folder for phantoms, results, heat maps and the page.",
)
def command(phantoms: int, out: Path) -> int:
    """Start Triton on the committed models, score phantoms and real radiographs over gRPC, show the results."""
    started_s = time.monotonic()
    examinations = _examinations(phantoms)
    count = sum(len(examination.cohort) for examination in examinations)
    say(f"1/3  Writing {count} phantom studies as DICOM files")
    written = [source for examination in examinations for source in examination.write(out / "phantoms")]
    say("2/3  Starting Triton on model_repository/")
    settings = TritonSettings(
        repository=COMMITTED_REPOSITORY, run_folder=BUILD / "serving", environment=SERVER_ENVIRONMENT
    )
    with (
        EmbeddedTriton(settings, progress=lambda stage: say(f"     {stage}")) as triton,
        TritonEngine(CallSettings(address=triton.grpc_address)) as engine,
    ):
        models = wanted_models(engine, ())
        sources = joined_studies([*written, *_real_radiographs()], TakenModalities.of(models))
        say(f"3/3  Scoring {len(sources)} studies over gRPC at {triton.grpc_address}")
        run = ScoringRun(out=out, as_json=False, settings=read_settings())
        exit_code = run.score(sources, engine, models)
    say(f"Done in {time.monotonic() - started_s:.1f} s; Triton is stopped.")
    return exit_code


def _real_radiographs() -> list[Source]:
    paths = [Path(str(get_testdata_file(name, download=False))) for name in _REAL_RADIOGRAPHS]
    return [Source(path=path, name=path.name) for path in paths]
