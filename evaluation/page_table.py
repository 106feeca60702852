"""A table of a report's page: text in cells, nothing of it markup."""

from dataclasses import dataclass

from evaluation.interval import Interval

NOT_GIVEN = "–"


@dataclass(frozen=True, kw_only=True)
class PageTable:
    """A table with its title.

    Attributes:
        title: What it holds.
        headings: One a column.
        rows: Each with a cell for every heading.
        note: What a reader must know of it; may be empty.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        if any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError("a row has another number of cells than there are headings")


def cell(interval: Interval | None, digits: int = 3, *, signed: bool = False) -> str:
    """Write an estimate with its interval; a dash where there is none."""
    return NOT_GIVEN if interval is None else interval.cell(digits, signed=signed)
