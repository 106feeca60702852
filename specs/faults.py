"""Faults of a table that a person wrote, and how all of them are told at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, order=True)
class Fault:
    """One thing that is wrong with a table.

    Attributes:
        column: Name of a column that such tables have, or its number; empty where the fault is none of a column.
        what: What is wrong, as the rest of a sentence; holds no cell of the table.
        line: Number of the line in the file, from 1; 0 where the fault is of the whole file.
    """

    column: str = ""
    what: str
    line: int = 0


class FaultsFound(Exception):
    """What errors that tell all faults of one file share; stands before the class of the error's own branch.

    Attributes:
        subject: What has faults, with its verb.
        form: How it should be, in sentences.
        faults: All of them, in order, each once.
    """

    subject: ClassVar[str]
    form: ClassVar[str]

    def __init__(self, *, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        count = f"{len(self.faults)} fault{'' if len(self.faults) == 1 else 's'}"
        super().__init__(f"{self.subject} {count}. {self.form} Mend these:\n{listed_faults(self.faults)}")


def listed_faults(faults: Iterable[Fault]) -> str:
    """Write a line for each kind of fault, with all lines of the file that have it."""
    lines_of: dict[tuple[str, str], list[int]] = defaultdict(list)
    for fault in sorted(set(faults)):
        lines_of[fault.column, fault.what].append(fault.line)
    listed = sorted((lines, column, what) for (column, what), lines in lines_of.items())
    return "\n".join(f"- {_place(lines, column)}: {what}" for lines, column, what in listed)


def _place(lines: list[int], column: str) -> str:
    words = [] if lines == [0] else [f"line{'' if len(lines) == 1 else 's'} {_ranges(lines)}"]
    return ", ".join([*words, f"column {column}"] if column else words) or "the file"


def _ranges(numbers: list[int]) -> str:
    """Write ascending numbers with runs drawn together: 3, 5–7."""
    starts = [numbers[0], *(after for before, after in pairwise(numbers) if after != before + 1)]
    ends = [*(before for before, after in pairwise(numbers) if after != before + 1), numbers[-1]]
    return ", ".join(f"{start}" if start == end else f"{start}–{end}" for start, end in zip(starts, ends, strict=True))
