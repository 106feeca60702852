"""Patients in a file: rows of CSV, lines of JSON, patients of a FHIR Bundle; each read when it is asked for."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from preprocessing.clinical_bundle import PatientResources, patients_of_bundle, record_of_resources
from preprocessing.clinical_features import PreparedRecord, prepare_record
from preprocessing.clinical_record import ClinicalRecord, Given
from preprocessing.eligibility import NotEligible
from preprocessing.errors import BrokenRecord, InputError, UnreadableTable
from preprocessing.reading import opened_file
from specs.clinical_variables import ClinicalVariables

TABLE_SUFFIXES = (".csv", ".jsonl", ".json")
"""Endings by which a table is known; there is nothing in the bytes that tells."""

_HEADING = re.compile(r"\s*(?P<name>[A-Za-z][A-Za-z0-9_]*)\s*(\[(?P<unit>[^\]]*)\])?\s*")
"""`name`, or `name [unit]` for a column in a unit of its own."""

_DELIMITERS = (",", ";", "\t")

Record = ClinicalRecord | PatientResources
"""What is given of one patient, in whichever form."""


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One patient of a file.

    Attributes:
        place: Where it stands, as a person finds it: "row 2" is the first below the header of CSV.
        record: What is given, or why it cannot be read; an error without a place is one of the whole file.
    """

    place: str | None
    record: Record | InputError


def prepare_row(record: Record, recipe: ClinicalVariables) -> PreparedRecord | NotEligible:
    """Turn what is given of a patient, in whichever form, into the input tensor, or say why there is none."""
    if isinstance(record, PatientResources):
        record = record_of_resources(record, recipe)
    return prepare_record(record, recipe)


def is_table(path: Path) -> bool:
    """Tell by its name whether a file is one of patients."""
    return path.suffix.lower() in TABLE_SUFFIXES


def read_table(path: Path) -> Iterator[TableRow]:
    """Yield every patient of a file; whatever is wrong with it is a row too.

    Args:
        path: A file whose name `is_table` accepts.
    """
    try:
        with opened_file(path) as file:
            text = _text(file.read())
        match path.suffix.lower():
            case ".csv":
                rows = _csv_rows(text)
            case ".jsonl":
                rows = _json_lines(text)
            case _:
                rows = _bundle(text)
        yield from _some(rows)
    except InputError as error:
        yield TableRow(place=None, record=error)


def _some(rows: Iterator[TableRow]) -> Iterator[TableRow]:
    """Pass rows on.

    Raises:
        UnreadableTable: there is none.
    """
    first = next(rows, None)
    if first is None:
        raise UnreadableTable(what="it has no patient")
    yield first
    yield from rows


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableTable(what="it is not in UTF-8") from None


def _csv_rows(text: str) -> Iterator[TableRow]:
    heading = text.partition("\n")[0]
    rows = csv.reader(text.splitlines(keepends=True), delimiter=max(_DELIMITERS, key=heading.count), strict=True)
    try:
        columns = _columns(next(rows, []))
        for number, cells in enumerate(rows, start=2):
            if cells:
                yield TableRow(place=f"row {number}", record=_row(columns, cells))
    except csv.Error:
        raise UnreadableTable(what="its quotes or cells are damaged") from None


def _columns(headings: list[str]) -> list[tuple[str, str | None]]:
    """Read names and units from the header; what has another form is a column that nobody asks for."""
    matches = [_HEADING.fullmatch(heading) for heading in headings]
    columns = [(found["name"].lower(), found["unit"]) if found else ("", None) for found in matches]
    names = [name for name, _ in columns if name]
    if not names:
        raise UnreadableTable(what="it has no header")
    if len(set(names)) != len(names):
        raise UnreadableTable(what="two of its columns have one name")
    return columns


def _row(columns: list[tuple[str, str | None]], cells: list[str]) -> ClinicalRecord | InputError:
    if len(cells) != len(columns):
        return BrokenRecord(what=f"it has {len(cells)} cells, and the header has {len(columns)}")
    return ClinicalRecord(
        values={name: Given(text=cell, unit=unit) for (name, unit), cell in zip(columns, cells, strict=True)}
    )


def _json_lines(text: str) -> Iterator[TableRow]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield TableRow(place=f"line {number}", record=_json_record(line))


def _json_record(line: str) -> ClinicalRecord | InputError:
    try:
        found = parsed_json(line)
    except ValueError:
        return BrokenRecord(what="it is no JSON, or a name stands in it twice")
    if not isinstance(found, Mapping):
        return BrokenRecord(what="it is no JSON object")
    return ClinicalRecord(values={str(name).lower(): _given(value) for name, value in found.items()})


def _given(value: object) -> Given:
    """Read `12.3`, `"male"`, `true`, `null`, or `{"value": 123, "unit": "g/L"}`."""
    if isinstance(value, Mapping):
        unit = value.get("unit")
        return Given(text=_scalar(value.get("value")), unit=None if unit is None else str(unit))
    return Given(text=_scalar(value))


def _scalar(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case str() | int() | float():
            return str(value)
        case _:
            return f"({type(value).__name__})"  # a list: no number and no accepted word


def _bundle(text: str) -> Iterator[TableRow]:
    try:
        found = parsed_json(text)
    except ValueError:
        raise UnreadableTable(what="it is no JSON") from None
    for number, resources in enumerate(patients_of_bundle(found), start=1):
        yield TableRow(place=f"patient {number}", record=resources)


def parsed_json(text: str) -> object:
    """Parse JSON in which no name stands twice.

    Raises:
        ValueError: it is none.
    """

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len({name.lower() for name, _ in pairs}) != len(pairs):
            raise ValueError("a name stands twice")
        return dict(pairs)

    try:
        found: object = json.loads(text, object_pairs_hook=unique)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return found
