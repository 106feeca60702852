"""`tricorder score --role`: a person says which series is at stress and which at rest."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from client.scoring import ScoringSettings, score_sources
from client.sources import Source
from preprocessing import PreparedPerfusion
from preprocessing.readers import Readers
from specs.errors import TricorderError
from specs.perfusion_pairing import Role
from specs.perfusion_slices import PERFUSION_SLICES_48
from tests.client.perfusion import served
from tests.preprocessing.perfusion_images import another_series, rest_image, stress_image, without_times
from tests.tricorder.test_evaluate_perfusion import Unchanging
from tricorder import command_line

SILENT = without_times(SeriesDescription=None)
STRESS, REST = stress_image(**SILENT), rest_image(**SILENT)
ROLES = {str(STRESS.SeriesInstanceUID): Role.STRESS, str(REST.SeriesInstanceUID): Role.REST}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Write a study whose headers tell nothing of stress and rest."""
    folder = tmp_path_factory.mktemp("study")
    paths = folder / "1.dcm", folder / "2.dcm"
    for path, ds in zip(paths, (REST, STRESS), strict=True):
        ds.save_as(path, enforce_file_format=True)
    return paths


@pytest.mark.parametrize("processes", [0, 1])
def test_roles_reach_whoever_prepares(files: tuple[Path, ...], processes: int) -> None:
    with Readers(processes=processes, roles=ROLES) as readers:
        (prepared,) = readers.prepare(files, (PERFUSION_SLICES_48,)).prepared
    assert isinstance(prepared, PreparedPerfusion)
    assert prepared.stress_sources[0].SeriesInstanceUID == STRESS.SeriesInstanceUID


def test_a_study_whose_headers_tell_nothing_is_scored_once_a_person_has_said(files: tuple[Path, ...]) -> None:
    source = Source(path=files[0], name="study", others=files[1:])
    for roles, is_scored in (({}, False), (ROLES, True)):
        settings = ScoringSettings(workers=1, roles=roles)
        (scored,) = score_sources([source], Unchanging(), [served()], settings)
        assert (scored.volume is not None) is is_scored
        if not is_scored:
            assert "--role" in str(scored.row.reason)
            continue
        assert [(each.volume, each.series_instance_uid) for each in scored.row.source_series] == [
            ("stress", STRESS.SeriesInstanceUID),
            ("rest", REST.SeriesInstanceUID),
        ]


def test_a_row_says_which_of_several_series_was_taken(files: tuple[Path, ...], tmp_path: Path) -> None:
    another_series(stress_image(**SILENT)).save_as(tmp_path / "3.dcm", enforce_file_format=True)
    source = Source(path=files[0], name="study", others=(*files[1:], tmp_path / "3.dcm"))
    (scored,) = score_sources([source], Unchanging(), [served()], ScoringSettings(workers=1, roles=ROLES))
    assert scored.row.remarks == ("of 3 eligible series of the study those were taken that a person named",)


def score(*arguments: str, place: str = "nowhere") -> tuple[int, str]:
    run = CliRunner().invoke(command_line.tricorder, ["score", "--in-process", place, *arguments])
    error = f"\n{run.exception}" if isinstance(run.exception, TricorderError) else ""
    return run.exception.exit_code if isinstance(run.exception, TricorderError) else run.exit_code, run.output + error


def test_a_series_that_is_in_no_input_is_an_error_of_the_whole_run(files: tuple[Path, ...]) -> None:
    """A study that was meant would else be scored as its headers say."""
    told = [f"{REST.SeriesInstanceUID}=rest", "1.2.3=stress"]
    place = str(files[0].parent)
    code, output = score("--json", "--role", told[0], "--role", told[1], place=place)
    assert code == 3
    assert "Of 2 series that --role names, in none of the inputs: number 2. Nothing was scored." in output
    assert "virtual_pet" not in output
    assert "1.2.3" not in output


@pytest.mark.parametrize("given", ["1.2.3", "1.2.3=exercise", "=rest", "DOE^JANE=rest", "1.2.3=rest=stress"])
def test_what_is_no_role_is_refused_and_not_repeated(given: str) -> None:
    code, output = score("--role", given)
    assert code == 2
    assert "such as 1.2.840.1=stress" in output
    assert "JANE" not in output


def test_one_series_has_one_state() -> None:
    code, output = score("--role", "1.2.3=rest", "--role", "1.2.3=stress")
    assert code == 2
    assert "two states" in output
