"""A page as a browser reads it: elements, links and text."""

import base64
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self

_VOID = {"meta", "img", "br", "link", "input"}


@dataclass
class Page(HTMLParser):
    """What stands in a page; every element must be closed."""

    elements: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, html: str) -> Self:
        """Read a page to its end."""
        page = cls()
        page.feed(html)
        page.close()
        assert page._open == []
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag in {"td", "th"}:
            self.cells[-1].append("")
        found = dict(attrs)
        self.sources += [value or "" for name, value in found.items() if name in {"src", "href", "srcset", "action"}]
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policies.append(found["content"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._open and self._open[-1] in {"td", "th"}:
            self.cells[-1][-1] += data

    @property
    def text(self) -> str:
        """All words, with single spaces."""
        return " ".join(" ".join(self.texts).split())

    @property
    def pictures(self) -> list[bytes]:
        """Every picture, which must be within the page."""
        head = "data:image/png;base64,"
        assert all(source.startswith(head) for source in self.sources)
        return [base64.b64decode(source.removeprefix(head), validate=True) for source in self.sources]

    def row(self, first: str) -> list[str]:
        """Return the cells of the row that begins with a cell."""
        (row,) = (cells for cells in self.cells if cells and cells[0] == first)
        return row
