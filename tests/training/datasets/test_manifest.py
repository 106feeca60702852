"""Every fault of a manifest and of its files is found before anything is trained, and no cell is shown."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from preprocessing.errors import UnreadableFile
from specs.faults import Fault
from tests.conftest import RADIOGRAPH_SPECS
from tests.training.datasets.layouts import write_manifest
from tests.training.datasets.manifests import COLUMNS, STENOSIS, Row, faults_of, load, sound_rows
from training.datasets.errors import ManifestFaults
from training.datasets.manifest import learning_faults, read_manifest
from training.datasets.targets import AGE, EVERY_TARGET, Target


def table_faults(file: Path, target: Target = STENOSIS) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.what) for fault in read_manifest(file, target, COLUMNS).faults]


def test_a_sound_manifest_becomes_three_parts(tmp_path: Path) -> None:
    rows = [{**row, "view": "PA", "sex": "F", "age": 50} for row in sound_rows(20)]
    rows[7]["aortic_stenosis"] = ""
    data = load(write_manifest(tmp_path, rows))
    sizes = [len(part.truth) for part in (data.training, data.validation, data.test)]
    assert sizes == [15, 2, 2]
    assert data.training.pixels.shape == (15, 1, 320, 320)
    assert data.training.truth.dtype == np.float32
    assert set(data.training.truth) == {0.0, 1.0}
    assert data.training.measurements.shape == (15, 0)
    assert data.left_out == {"the cell aortic_stenosis is empty": 1}


def test_a_row_is_named_by_its_line_with_what_else_it_says(tmp_path: Path) -> None:
    rows: list[Row] = [{**row, "view": "AP", "sex": "O", "age": 50.5, "site": "Ward B"} for row in sound_rows(2)]
    rows[1].update(view="", sex="", age="", site="")
    first, second = read_manifest(write_manifest(tmp_path, rows, images=False), STENOSIS, COLUMNS).examples()
    assert (first.name, first.view, first.sex, first.age_years, first.site) == ("line 2", "AP", "O", 50.5, "Ward B")
    assert (second.name, second.view, second.sex, second.age_years, second.site) == ("line 3", *[None] * 4)


def test_each_part_of_a_manifest_has_its_share_of_a_rare_finding(tmp_path: Path) -> None:
    rows = [{**row, "aortic_stenosis": int(number < 10)} for number, row in enumerate(sound_rows(40))]
    data = load(write_manifest(tmp_path, rows))
    assert [part.truth.sum() for part in (data.training, data.validation, data.test)] == [8, 1, 1]


def test_ages_and_fractions_are_numbers_in_their_unit(tmp_path: Path) -> None:
    rows = [{"path": f"{number}.png", "patient": number, "age": 30.5 + number} for number in range(12)]
    truth = load(write_manifest(tmp_path, rows), AGE).training.truth
    assert truth.dtype == np.float32
    assert set(truth.tolist()) < {30.5 + number for number in range(12)}


def break_ten_ways(folder: Path, rows: list[Row]) -> None:
    """Spoil ten rows, each in its own way; their lines are 2 to 11."""
    (folder / "0.png").unlink()
    (folder / "1.png").write_text("TANAKA", encoding="utf-8")
    content = (folder / "2.png").read_bytes()
    (folder / "2.png").write_bytes(content[: len(content) // 2])
    Image.fromarray(np.zeros((100, 100), dtype=np.uint8)).save(folder / "3.png")
    rows[4]["path"] = "../TANAKA.png"
    rows[5]["patient"] = ""
    rows[6]["aortic_stenosis"] = "moderate"
    rows[7]["view"] = "LL"
    rows[8]["path"] = "./20.png"
    rows[9]["age"] = "058Y"


def test_a_manifest_with_ten_different_faults_lists_all_ten(tmp_path: Path) -> None:
    rows: list[Row] = [{**row, "view": "PA", "age": 50} for row in sound_rows(24)]
    file = write_manifest(tmp_path, rows)
    break_ten_ways(tmp_path, rows)
    write_manifest(tmp_path, rows, images=False)
    with pytest.raises(ManifestFaults) as caught:
        load(file)
    assert [(fault.line, fault.column) for fault in sorted(caught.value.faults, key=lambda fault: fault.line)] == [
        (2, "path"),
        (3, "path"),
        (4, "path"),
        (5, "path"),
        (6, "path"),
        (7, "patient"),
        (8, "aortic_stenosis"),
        (9, "view"),
        (11, "age"),
        (22, "path"),  # the second of the two rows that name one file
    ]
    message = str(caught.value)
    assert message.startswith("The manifest has 10 faults.")
    assert len({fault.what for fault in caught.value.faults}) == 10
    assert message.count("\n- ") == 10
    for secret in ("TANAKA", str(tmp_path), ".png", "moderate", "P7"):
        assert secret not in message


BAD_CELLS = [
    ("path", "", "empty"),
    ("path", "/srv/images/1.png", "leaves the folder"),
    ("path", "a\0.png", "not printed"),
    ("path", "scans/../../1.png", "leaves the folder"),
    ("path", "scans\\1.png", "backslash"),
    ("patient", "  ", "empty"),
    ("aortic_stenosis", "2", "neither 0 nor 1"),
    ("aortic_stenosis", "nan", "neither 0 nor 1"),
    ("ejection_fraction", "55%", "no number"),
    ("ejection_fraction", "1_0", "no number"),
    ("ejection_fraction", "inf", "no number"),
    ("ejection_fraction", "101", "not from 0 to 100 %"),
    ("age", "-1", "not from 0 to 120 years"),
    ("age", "061Y", "no number"),
    ("view", "LATERAL", "none of PA, AP"),
    ("sex", "male", "none of F, M, O"),
    ("site", "\x07", "not printed"),
    ("site", "x" * 41, "longer than 40"),
]


@pytest.mark.parametrize(("column", "cell", "what"), BAD_CELLS)
def test_a_bad_cell_is_found_by_line_and_column(tmp_path: Path, column: str, cell: str, what: str) -> None:
    sound = {"ejection_fraction": 60, "age": 50, "view": "PA", "sex": "M", "site": "Ward B"}
    rows: list[Row] = [{**row, **sound} for row in sound_rows()]
    rows[3][column] = cell
    ((line, place, said),) = table_faults(write_manifest(tmp_path, rows, images=False))
    assert (line, place) == (5, column)
    assert what in said


@pytest.mark.parametrize("cell", ["0", "1", "1.0", "0.0", " 1 "])
def test_a_finding_may_be_written_as_spreadsheets_write_it(tmp_path: Path, cell: str) -> None:
    rows = sound_rows()
    rows[3]["aortic_stenosis"] = cell
    assert not table_faults(write_manifest(tmp_path, rows, images=False))


def test_a_file_that_is_named_twice_is_found_however_it_is_written(tmp_path: Path) -> None:
    rows = sound_rows()
    rows[5]["path"] = "./scans/../3.png"
    assert table_faults(write_manifest(tmp_path, rows, images=False)) == [(7, "path", "it is the file of line 5 too")]


@pytest.mark.parametrize("spelling", ["p 3", "P  3", "0P 3"])
def test_one_patient_spelled_in_two_ways_is_found(tmp_path: Path, spelling: str) -> None:
    rows = sound_rows()
    rows[3]["patient"], rows[5]["patient"] = "P 3", spelling
    ((line, column, what),) = table_faults(write_manifest(tmp_path, rows, images=False))
    assert (line, column, what) == (7, "patient", "it is that of line 5, spelled another way")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", {(1, "path", "it is missing"), (1, "patient", "it is missing"), (1, "aortic_stenosis", "it is missing")}),
        (b"path;patient;aortic_stenosis\n", {(1, "", "the cells are separated by semicolons, not by commas")}),
        (b"path\tpatient\taortic_stenosis\n", {(1, "", "the cells are separated by tabs, not by commas")}),
        ("path,patient\n".encode("utf-16"), {(0, "", "it is UTF-16; save it as CSV in UTF-8")}),
        (b"path,patient,aortic_stenosis,path\n", {(1, "path", "it is there twice")}),
    ],
)
def test_a_header_that_is_wrong_is_told_apart(
    tmp_path: Path, content: bytes, expected: set[tuple[int, str, str]]
) -> None:
    (tmp_path / "manifest.csv").write_bytes(content)
    assert set(table_faults(tmp_path / "manifest.csv")) == expected


def test_an_unknown_column_is_told_by_its_number_for_it_may_be_a_name(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("path,patient,aortic_stenosis,TANAKA\n", encoding="utf-8")
    ((line, column, what),) = table_faults(tmp_path / "manifest.csv")
    assert (line, column) == (1, "4")
    assert "its name is none of path, patient, age" in what
    assert "TANAKA" not in what


def test_what_other_studies_show_is_no_column_of_radiographs() -> None:
    assert {target.column for target in EVERY_TARGET} == {spec.truth.column for spec in RADIOGRAPH_SPECS.values()}


def test_broken_lines_are_found_one_by_one(tmp_path: Path) -> None:
    file = write_manifest(tmp_path, sound_rows(), images=False)
    with file.open("ab") as content:
        content.write(b'a.png,P50\n\nb.png,"P51,1\nc.png,\x8f\x8b,1\nd.png,P52,1,1\n')
    assert [fault[:2] for fault in sorted(table_faults(file))] == [(14, ""), (16, ""), (17, ""), (18, "")]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    file = write_manifest(tmp_path, sound_rows(), images=False)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert not table_faults(file)


def test_too_few_patients_and_a_label_that_never_changes_are_faults_of_the_whole(tmp_path: Path) -> None:
    rows = [{**row, "aortic_stenosis": 1} for row in sound_rows(4)]
    assert faults_of(write_manifest(tmp_path, rows)) == {
        (0, "", "the label is known for 4 patients; 10 or more are needed"),
        (0, "aortic_stenosis", "it has one value in all rows: nothing can be learned"),
    }


def test_a_manifest_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        read_manifest(tmp_path / "manifest.csv", STENOSIS, COLUMNS)


@given(content=st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_content_breaks_the_reader(content: bytes) -> None:
    header = b"path,patient,aortic_stenosis\n"
    with tempfile.TemporaryDirectory() as folder:
        for start in (b"", header, header + b"a.png,P1,1\n"):
            (Path(folder) / "manifest.csv").write_bytes(start + content)
            manifest = read_manifest(Path(folder) / "manifest.csv", STENOSIS, COLUMNS)
            assert [*manifest.faults, *learning_faults(manifest, needed_patients=1)]


def test_one_fault_of_many_lines_is_said_once() -> None:
    error = ManifestFaults(faults=[Fault(line=line, column="age", what="it is wrong") for line in (9, 2, 3, 4, 9)])
    assert str(error).endswith("\n- lines 2–4, 9, column age: it is wrong")
    assert "4 faults" in str(error)
