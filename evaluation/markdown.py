"""Values as Markdown: nothing in a value is read as markup.

Own code: the libraries at hand read Markdown and turn it into HTML; none writes it. The tests read it back with one.
"""

import re
from collections.abc import Iterable, Sequence

_MARKUP = re.compile(r"[\\`*_\[\]<>&|~$#]")
"""Characters that are, or may be, markup within a line; the last two are on GitHub or where a heading ends."""

_PLAIN = re.compile(r"[A-Za-z0-9._:/-]+")
"""What can stand in a code span of a table as it is."""


class Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


def inline(value: object) -> Markdown:
    """Return a value as one line of text that Markdown shows as it is, within a line or a cell.

    Characters that cannot be printed become spaces: a control character could make a terminal lie, and a line feed
    would end the cell.

    Source:
        CommonMark 0.31, 2.4 (backslash escapes) and 6; tables, strikethrough: GitHub Flavored Markdown 0.29.
    """
    if isinstance(value, Markdown):
        return value
    printable = "".join(character if character.isprintable() else " " for character in str(value))
    return Markdown(_MARKUP.sub(r"\\\g<0>", " ".join(printable.split())))


def paragraph(value: object) -> Markdown:
    """Return a value as `inline` does, where it may begin a line and would else begin a list, a rule or a heading."""
    if isinstance(value, Markdown):
        return value
    return Markdown(re.sub(r"^(\d*)([-+=:.)])", r"\1\\\2", inline(value)))


def code(value: object) -> Markdown:
    """Return a name or digest in a code span; anything else as text, for a span knows no escapes."""
    return Markdown(f"`{value}`") if _PLAIN.fullmatch(str(value)) else inline(value)


def link(value: object, target: str) -> Markdown:
    """Return a link, with a name as its text.

    Args:
        value: The text, as for `code`.
        target: A relative path without spaces.
    """
    return Markdown(f"[{code(value)}]({target})")


def table(rows: Iterable[Sequence[object]], *headings: object) -> Markdown:
    """Return a table; cells that are not `Markdown` are taken as text.

    Raises:
        ValueError: a row has another number of cells than there are headings.
    """
    lines = [_row(headings), "|---" * len(headings) + "|"]
    for row in rows:
        if len(row) != len(headings):
            raise ValueError(f"a row of {len(row)} cells does not go under {len(headings)} headings")
        lines.append(_row(row))
    return Markdown("\n".join(lines))


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(inline, cells))} |"
