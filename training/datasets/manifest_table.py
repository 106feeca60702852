"""The table of a manifest: CSV bytes to cells by column, with every fault of its form."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from specs.faults import Fault

_DELIMITERS = {";": "semicolons", "\t": "tabs"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row that has a cell for every column.

    Attributes:
        line: Number of its line in the file, from 1.
        cells: Text without the spaces around it, by column.
    """

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Table:
    """What could be read of a table.

    Attributes:
        rows: Those that could; None where the header could not.
        faults: All that is wrong with the form of the table.
        columns: Names in the header.
    """

    rows: tuple[Row, ...] | None
    faults: tuple[Fault, ...]
    columns: tuple[str, ...] = ()


def read_table(
    content: bytes, *, needed: Sequence[str], known: Sequence[str] | None = None, together: Sequence[str] = ()
) -> Table:
    """Read a CSV file, a line a row, in UTF-8 with or without a byte order mark.

    Args:
        content: Of the file.
        needed: Columns that must be there.
        known: Every column that may be there; None where others do not matter.
        together: Columns that are needed where one of them is there.
    """
    if content.startswith(_UTF16_MARKS):
        return Table(rows=None, faults=(Fault(what="it is UTF-16; save it as CSV in UTF-8"),))
    faults: list[Fault] = []
    lines = _lines(content.removeprefix(_UTF8_MARK), faults)
    line, header = next(lines, (1, []))
    needed = (*needed, *(together if set(together) & set(header) else ()))
    header_faults = list(_header_faults(line, header, needed=needed, known=known))
    if header_faults:
        return Table(rows=None, faults=(*faults, *header_faults), columns=tuple(header))
    rows = []
    for line, cells in lines:
        if len(cells) == len(header):
            rows.append(Row(line=line, cells=dict(zip(header, cells, strict=True))))
        else:
            faults.append(Fault(line=line, what=f"it has {len(cells)} cells, and the header has {len(header)}"))
    return Table(rows=tuple(rows), faults=tuple(faults), columns=tuple(header))


def _lines(content: bytes, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of every line that is not blank; add to the faults."""
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            faults.append(Fault(line=number, what="it is not UTF-8; save the file as CSV in UTF-8"))
            text = line.decode("utf-8", errors="replace")
        try:
            cells = [cell.strip() for cell in next(csv.reader([text], strict=True), [])]
        except csv.Error:
            faults.append(
                Fault(line=number, what="a quotation mark stands within a cell, or is not closed on its line")
            )
            continue
        if any(cells):
            yield number, cells


def _header_faults(
    line: int, header: list[str], *, needed: Sequence[str], known: Sequence[str] | None
) -> Iterator[Fault]:
    for delimiter, word in _DELIMITERS.items():
        if len(header) == 1 and delimiter in header[0]:
            yield Fault(line=line, what=f"the cells are separated by {word}, not by commas")
            return
    for column in needed:
        if column not in header:
            yield Fault(line=line, column=column, what="it is missing")
    for number, name in enumerate(header, start=1):
        if known is not None and name not in known:  # not shown: where there is no header, it is the first row
            yield Fault(line=line, column=str(number), what=f"its name is none of {', '.join(known)}")
        elif name in header[: number - 1]:
            shown = name if name in (known or needed) else str(number)
            yield Fault(line=line, column=shown, what="it is there twice")
