"""Patients in CSV and JSON lines: what a table may look like, and what is said of one that is broken."""

import json
from pathlib import Path

import pytest

from preprocessing import ClinicalRecord, PreparedRecord
from preprocessing.clinical_table import TableRow, is_table, prepare_row, read_table
from preprocessing.errors import BrokenRecord, InputError, UnreadableFile, UnreadableTable
from specs.heart_failure_variables import HEART_FAILURE_VARIABLES
from tests.preprocessing.patients import SOUND, SOUND_TENSOR


def rows(folder: Path, name: str, text: str | bytes) -> list[TableRow]:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(read_table(file))


def tensor(row: TableRow) -> list[float]:
    assert isinstance(row.record, ClinicalRecord), row.record
    prepared = prepare_row(row.record, HEART_FAILURE_VARIABLES)
    assert isinstance(prepared, PreparedRecord), prepared
    values: list[float] = prepared.tensor.tolist()
    return values


def csv_text(separator: str = ",", **headings: str) -> str:
    columns = [headings.get(name, name) for name in SOUND]
    return separator.join(columns) + "\n" + separator.join(SOUND.values()) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_row_is_a_patient_whatever_separates_its_cells(tmp_path: Path, separator: str) -> None:
    (row,) = rows(tmp_path, "a.csv", csv_text(separator))
    assert row.place == "row 2"
    assert tensor(row) == pytest.approx(SOUND_TENSOR)


def test_a_mark_of_byte_order_upper_case_blank_rows_and_other_columns_do_no_harm(tmp_path: Path) -> None:
    text = "﻿" + csv_text().replace("\n", ",note\r\n", 1).replace("false\n", 'false,"a, b\nc"\r\n') + "\r\n\r\n"
    text = text.replace("hemoglobin", "Hemoglobin ")
    (row,) = rows(tmp_path, "A.CSV", text)
    assert tensor(row) == pytest.approx(SOUND_TENSOR)


def test_a_heading_may_name_the_unit(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "a.csv", csv_text(hemoglobin="hemoglobin [g/L]").replace("12.5", "125"))
    assert tensor(row) == pytest.approx(SOUND_TENSOR)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"age,\xe9\n1,2\n", "not in UTF-8"),
        ("", "no header"),
        ("123,456\n1,2\n", "no header"),
        ("age,sex\n", "no patient"),
        ("age,AGE\n1,2\n", "two of its columns"),
        ('age,sex\n"70,male\n', "damaged"),
    ],
)
def test_a_broken_file_is_one_error(tmp_path: Path, text: str | bytes, what: str) -> None:
    (row,) = rows(tmp_path, "a.csv", text)
    assert row.place is None
    assert isinstance(row.record, UnreadableTable)
    assert what in str(row.record)


def test_a_row_with_other_cells_than_the_header_costs_itself_alone(tmp_path: Path) -> None:
    found = rows(tmp_path, "a.csv", csv_text() + "70,male\n" + csv_text().partition("\n")[2])
    assert [row.place for row in found] == ["row 2", "row 3", "row 4"]
    assert isinstance(found[1].record, BrokenRecord)
    assert tensor(found[0]) == tensor(found[2])


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (row,) = read_table(tmp_path / "gone.csv")
    assert isinstance(row.record, UnreadableFile)


def test_a_line_is_a_patient_with_numbers_words_and_units(tmp_path: Path) -> None:
    patient: dict[str, object] = {**SOUND, "age": 70, "nyha_class": 3, "diabetes": True, "dialysis": False, "bnp": None}
    patient |= {"hemoglobin": {"value": 125, "unit": "g/L"}, "lvef": {"value": 35.0}}
    found = rows(tmp_path, "a.jsonl", f"{json.dumps(patient)}\n\n{json.dumps(SOUND)}\n")
    assert [row.place for row in found] == ["line 1", "line 3"]
    assert tensor(found[0]) == pytest.approx(SOUND_TENSOR)
    assert tensor(found[1]) == pytest.approx(SOUND_TENSOR)


@pytest.mark.parametrize("line", ["{", "[1]", "3", '{"age": 1, "AGE": 2}', "[" * 100_000, "NaN{"])
def test_a_broken_line_costs_itself_alone(tmp_path: Path, line: str) -> None:
    found = rows(tmp_path, "a.jsonl", f"{line}\n{json.dumps(SOUND)}\n")
    assert isinstance(found[0].record, BrokenRecord)
    assert tensor(found[1]) == pytest.approx(SOUND_TENSOR)


@pytest.mark.parametrize("value", [[70], {"value": [70]}, {"unit": "a"}, "NaN", float("nan"), float("inf")])
def test_a_value_that_is_none_is_never_a_number(tmp_path: Path, value: object) -> None:
    (row,) = rows(tmp_path, "a.jsonl", json.dumps({**SOUND, "age": value}))
    assert isinstance(row.record, ClinicalRecord)
    assert not isinstance(prepare_row(row.record, HEART_FAILURE_VARIABLES), PreparedRecord)


def test_a_table_is_known_by_its_ending() -> None:
    assert [is_table(Path(name)) for name in ("a.csv", "A.JSONL", "b.json", "a.dcm", "csv")] == [True] * 3 + [False] * 2


def test_a_record_shows_no_value_of_a_patient(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "a.csv", csv_text().replace("70", "SENTINEL"))
    assert "SENTINEL" not in repr(row)
    assert not isinstance(row.record, InputError)
