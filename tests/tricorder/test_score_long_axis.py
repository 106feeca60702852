"""`tricorder score --long-axis`: a person says where the left ventricle of a series points."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from preprocessing import NotEligible, PreparedPerfusion
from preprocessing.perfusion_study import prepare_perfusion
from preprocessing.readers import Readers
from specs.errors import TricorderError
from specs.perfusion_slices import PERFUSION_SLICES_48
from specs.told import Told
from tests.preprocessing.perfusion_images import another_series, rest_image, stress_image
from tricorder import command_line

STRESS, REST = stress_image(), rest_image()
UID = str(STRESS.SeriesInstanceUID)


def prepared(told: Told) -> PreparedPerfusion:
    found = prepare_perfusion((STRESS, REST), PERFUSION_SLICES_48, told)
    assert isinstance(found, PreparedPerfusion), found.reason
    return found


def aside(axis: tuple[float, float, float], *, degrees: float) -> tuple[float, float, float]:
    """Turn a direction to the left of the patient."""
    turn = np.radians(degrees)
    turned = np.cos(turn) * np.array(axis) + np.sin(turn) * np.cross((0, 0, 1), axis) / np.hypot(*axis[:2])
    return float(turned[0]), float(turned[1]), float(turned[2])


FOUND = prepared(Told()).stress.ventricle.axis
GIVEN = aside(FOUND, degrees=8)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a study."""
    folder = tmp_path_factory.mktemp("study")
    for name, ds in (("1.dcm", REST), ("2.dcm", STRESS)):
        ds.save_as(folder / name, enforce_file_format=True)
    return folder


def score(*arguments: str, place: str = "nowhere") -> tuple[int, str]:
    run = CliRunner().invoke(
        command_line.tricorder, ["score", "--in-process", "--json", "--model", "virtual_pet", place, *arguments]
    )
    error = f"\n{run.exception}" if isinstance(run.exception, TricorderError) else ""
    return run.exception.exit_code if isinstance(run.exception, TricorderError) else run.exit_code, run.output + error


def option(axis: tuple[float, float, float], uid: str = UID) -> tuple[str, str]:
    return "--long-axis", f"{uid}={','.join(str(30 * part) for part in axis)}"


def test_a_direction_on_the_command_line_is_taken_and_the_row_says_that_a_person_gave_it(place: Path) -> None:
    rows = []
    for arguments in ((), option(GIVEN)):
        code, output = score(*arguments, place=str(place))
        assert code == 0
        rows.append(json.loads(next(line for line in output.splitlines() if line.startswith("{"))))
    found, given = rows
    assert "remarks" not in found
    assert given["remarks"] == ["at stress a person gave the long axis"]
    assert found["measurements"] != given["measurements"]


@pytest.mark.parametrize("processes", [0, 1])
def test_a_long_axis_reaches_whoever_prepares(place: Path, processes: int) -> None:
    files = (place / "1.dcm", place / "2.dcm")
    with Readers(processes=processes, told=Told(long_axes={UID: GIVEN})) as readers:
        (found,) = readers.prepare(files, (PERFUSION_SLICES_48,)).prepared
    assert isinstance(found, PreparedPerfusion)
    np.testing.assert_allclose(found.stress.ventricle.axis, GIVEN, rtol=1e-4)
    assert found.rest.ventricle.axis == prepared(Told()).rest.ventricle.axis


def test_an_axis_from_apex_to_base_is_not_eligible() -> None:
    opposite = (-FOUND[0], -FOUND[1], -FOUND[2])
    found = prepare_perfusion((STRESS, REST), PERFUSION_SLICES_48, Told(long_axes={UID: opposite}))
    assert isinstance(found, NotEligible)
    assert "at stress the long axis that a person gave points to where a base is" in found.reason


def test_an_axis_of_a_series_that_is_not_taken_is_not_dropped_in_silence() -> None:
    scattered = another_series(stress_image(CorrectedImage=["SCAT"]))
    told = Told(long_axes={str(scattered.SeriesInstanceUID): GIVEN})
    found = prepare_perfusion((STRESS, scattered, REST), PERFUSION_SLICES_48, told)
    assert isinstance(found, NotEligible)
    assert found.reason == "a person gave the long axis of a series of it that is not taken"


def test_a_series_that_is_in_no_input_is_an_error_of_the_whole_run(place: Path) -> None:
    code, output = score(*option(GIVEN), *option(GIVEN, uid="1.2.3"), place=str(place))
    assert code == 3
    assert "Of 2 series that --long-axis names, in none of the inputs: number 2. Nothing was scored." in output
    assert "1.2.3" not in output


@pytest.mark.parametrize(
    "given",
    ["1.2.3", "1.2.3=0.6,-0.6", "1.2.3=0,0,0", "1.2.3=a,b,c", "1.2.3=nan,1,1", "1.2.3=inf,1,1", "DOE^JANE=1,-1,-1"],
)
def test_what_is_no_direction_is_refused_and_not_repeated(given: str) -> None:
    code, output = score("--long-axis", given)
    assert code == 2
    assert "such as 1.2.840.1=0.6,-0.65,-0.45" in " ".join(output.split())
    assert "JANE" not in output


def test_a_direction_straight_to_the_feet_is_refused() -> None:
    code, output = score("--long-axis", "1.2.3=0.1,0,-9")
    assert code == 2
    assert "straight to head or feet" in " ".join(output.split())


def test_one_series_has_one_direction() -> None:
    code, output = score("--long-axis", "1.2.3=1,-1,-1", "--long-axis", "1.2.3=1,-1,0")
    assert code == 2
    assert "two directions" in output
