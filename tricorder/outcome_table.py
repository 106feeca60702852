"""A table of outcomes of one's own, checked cell by cell.

Nothing that a cell holds is ever shown: line and column say where to look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import OutcomeTableFaults
from preprocessing.errors import UnreadableFile
from specs.faults import Fault
from training.datasets.manifest_columns import SEX
from training.datasets.manifest_table import Row, Table, read_table
from training.datasets.table_cells import PATIENT, number_of, respelled_patients

KEYS = ("sop_instance_uid", "study_instance_uid", "source")
"""Columns that join, as the result rows name them; the first that the table has is taken."""

FOLLOW_UP, EVENT, AGE = "follow_up_years", "event", "age_years"
MALE = "sex_is_male"
"""The covariate that a column of the name sex becomes: 1 for M and 0 for F."""

RESERVED = (*KEYS, FOLLOW_UP, EVENT, PATIENT, MALE)
"""Columns that are no covariates."""

_LONGEST_YEARS = 120.0
"""Follow-up or age beyond it is a typing error, such as days for years."""

_SEXES = {"F": 0.0, "M": 1.0}


@dataclass(frozen=True, kw_only=True)
class OutcomeLine:
    """A line of a table without faults.

    Attributes:
        key: What joins it.
        patient: Who it is; the key where the table does not say.
        follow_up_years: Above 0.
        event: Whether the event came then.
        age_years: None where the table does not say.
        covariates: By name; None where the cell is empty.
    """

    key: str
    patient: str
    follow_up_years: float
    event: bool
    age_years: float | None
    covariates: Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class OutcomeTable:
    """A table without faults.

    Attributes:
        key: The column that joins.
        covariates: Names of those that hazards are adjusted for, beside the age.
        lines: In the order of the file.
    """

    key: str
    covariates: tuple[str, ...]
    lines: tuple[OutcomeLine, ...]


def read_outcome_table(file: Path, covariates: Sequence[str]) -> OutcomeTable:
    """Read a table of outcomes and find every fault of it.

    Args:
        file: CSV with a column of `KEYS`, follow_up_years, event (0 or 1), patient and age_years where known.
        covariates: Further columns of numbers; that of the name sex holds F or M.

    Raises:
        UnreadableFile: the file system refused.
        OutcomeTableFaults: all that is wrong with it.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreadableFile(cause=error.strerror or type(error).__name__) from None
    wanted = tuple(name for name in dict.fromkeys(covariates) if name != AGE)
    table = read_table(content, needed=(FOLLOW_UP, EVENT, *wanted))
    key = next((name for name in KEYS if name in table.columns), None)
    faults = [*table.faults, *_faults(table, key, wanted)]
    if faults or key is None or table.rows is None:
        raise OutcomeTableFaults(faults=faults)
    return OutcomeTable(key=key, covariates=wanted, lines=tuple(_line(row, key, wanted) for row in table.rows))


def _faults(table: Table, key: str | None, covariates: Sequence[str]) -> Iterator[Fault]:
    if key is None and len(table.columns) > 1:  # else the header itself could not be read
        yield Fault(column=" or ".join(KEYS), what="it is missing")
    if table.rows is None:
        return
    if not table.rows:
        yield Fault(what="it has no line below its header")
    read = [name for name in table.columns if name in {key, PATIENT, FOLLOW_UP, EVENT, AGE, *covariates}]
    for row in table.rows:
        said = ((name, _cell_fault(name, row.cells[name])) for name in read)
        yield from (Fault(line=row.line, column=name, what=what) for name, what in said if what is not None)
    if key is not None:
        yield from _repeated(table.rows, key)
    if PATIENT in table.columns:
        yield from respelled_patients(table.rows)


def _cell_fault(column: str, cell: str) -> str | None:
    """Say what is wrong with a cell; None where nothing is."""
    number = number_of(cell)
    if column == PATIENT or column in KEYS:
        return None if cell else "it is empty"
    if column == EVENT:
        return None if number in {0.0, 1.0} else "it is neither 0 nor 1"
    if column == FOLLOW_UP:
        possible = number is not None and 0 < number <= _LONGEST_YEARS
        return None if possible else f"it is no number of years above 0 and at most {_LONGEST_YEARS:g}"
    return _covariate_fault(column, cell, number) if cell else None


def _covariate_fault(column: str, cell: str, number: float | None) -> str | None:
    if column == SEX:
        return None if cell in _SEXES else "it is neither F nor M"
    if number is None:
        return "it is no number, with a point where it has decimals"
    if column == AGE and not 0 <= number <= _LONGEST_YEARS:
        return f"it is not from 0 to {_LONGEST_YEARS:g} years"
    return None


def _repeated(rows: Iterable[Row], key: str) -> Iterator[Fault]:
    first_with: dict[str, int] = {}
    for row in rows:
        line = first_with.setdefault(row.cells[key], row.line)
        if row.cells[key] and line != row.line:
            yield Fault(line=row.line, column=key, what=f"it is that of line {line} too")


def _line(row: Row, key: str, covariates: Sequence[str]) -> OutcomeLine:
    cells = row.cells
    return OutcomeLine(
        key=cells[key],
        patient=cells.get(PATIENT) or cells[key],
        follow_up_years=float(cells[FOLLOW_UP]),
        event=number_of(cells[EVENT]) == 1,
        age_years=number_of(cells.get(AGE, "")),
        covariates={name: _SEXES.get(cells[name]) if name == SEX else number_of(cells[name]) for name in covariates},
    )
