"""A PET study from its files to a picture, through the real server, and the same in this process."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from client.engine import Engine
from client.in_process import InProcessEngine
from client.result import Status
from client.scoring import ScoredInput, ScoringSettings, score_sources
from client.sources import find_sources
from client.studies import TakenModalities, joined_studies
from client.triton import TritonEngine
from phantoms import Part, pet_cohort, radiograph_phantom, write_cohort
from serving import EmbeddedTriton
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA as SPEC
from tricorder.command_line import tricorder

MAPS = ScoringSettings(workers=1, heat_maps=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of many files, and a radiograph beside it."""
    folder = tmp_path_factory.mktemp("archive")
    assert len(write_cohort(folder, pet_cohort(Part.TEST, count=1))) > 100
    radiograph_phantom(seed=1, index=0).write(folder / "radiograph.dcm")
    return folder


def scored(folder: Path, engine: Engine) -> list[ScoredInput]:
    models = [engine.served_model(SPEC.name)]
    return list(score_sources(joined_studies(find_sources([folder]), TakenModalities.of(models)), engine, models, MAPS))


def test_the_files_of_a_study_get_one_row_and_the_server_says_what_the_engine_here_does(
    folder: Path, remote: TritonEngine, in_process: InProcessEngine
) -> None:
    by_server, here = scored(folder, remote), scored(folder, in_process)
    assert [(each.row.source, each.row.status) for each in by_server] == [
        ("phantom_0000", Status.SCORED),
        ("radiograph.dcm", Status.NOT_ELIGIBLE),
    ]
    study, local = by_server[0], here[0]
    assert study.row.series_instance_uid == pet_cohort(Part.TEST, count=1)[0].series_uid
    assert study.row.sop_instance_uid is None
    assert study.row.value == pytest.approx(local.row.value, abs=1e-6)
    assert study.heat_map is not None
    assert local.heat_map is not None
    assert SPEC.head.activation_map is not None
    assert study.heat_map.shape == SPEC.head.activation_map.shape
    np.testing.assert_allclose(study.heat_map, local.heat_map, atol=1e-5)
    assert by_server[1].row.reason == f"modality is {radiograph_phantom(seed=1, index=0).encoding.modality}, not PT"


def test_the_command_scores_a_study_and_draws_its_two_views(
    folder: Path, triton: EmbeddedTriton, remote: TritonEngine, tmp_path: Path
) -> None:
    options = ["--server", triton.grpc_address, "--model", SPEC.name, "--json", "--out", str(tmp_path)]
    done = CliRunner().invoke(tricorder, ["score", str(folder / "phantom_0000"), *options])
    assert done.exit_code == 0, done.output
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (row["source"], row["status"], row["finding"]["meaning"]) == ("slice_0000.dcm", "scored", "Sarcoidosis")
    assert row["call"] == ("positive" if row["value"] >= row["operating_point"] else "negative")
    assert row["value"] == pytest.approx(scored(folder, remote)[0].row.value, abs=1e-6)
    (picture,) = (tmp_path / "overlays").iterdir()
    views, rows, columns = SPEC.recipe.pixels.shape
    with Image.open(picture) as drawn:
        assert drawn.size == (2 * views * columns, 2 * rows)
    assert f"overlays/{picture.name}" in (tmp_path / "index.html").read_text(encoding="utf-8")
