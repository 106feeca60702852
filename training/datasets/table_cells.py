"""Cells of tables that people write: numbers, and the patients that lines are of."""

import math
from collections.abc import Iterable, Iterator

from specs.faults import Fault
from training.datasets.manifest_table import Row

PATIENT = "patient"
"""The column that says whose line it is."""


def number_of(cell: str) -> float | None:
    """Read a finite number with a point where it has decimals; None where a cell holds none."""
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None


def respelled_patients(rows: Iterable[Row]) -> Iterator[Fault]:
    """Yield patients that differ in case, inner spaces or leading zeros only, as spreadsheets make them.

    So one person could be in two parts of a split, or count twice.
    """
    first_with: dict[str, Row] = {}
    for row in rows:
        patient = row.cells[PATIENT]
        first = first_with.setdefault(" ".join(patient.casefold().split()).lstrip("0"), row)
        if patient and patient != first.cells[PATIENT]:
            yield Fault(line=row.line, column=PATIENT, what=f"it is that of line {first.line}, spelled another way")
