"""Values in Markdown, read back by a library that knows the format."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from evaluation.markdown import Markdown, code, inline, link, paragraph, table

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = (
    "**bold** _it_ ~~gone~~ `code`",
    "<script>alert(1)</script>",
    "[a](http://b) ![c](d) <e@f.g>",
    "a | b",
    "&lt; &#65;",
    "# heading #",
    "1. item",
    "- item",
    "+ item",
    "---",
    "===",
    "~~~",
    "[x]: y",
    "ends in \\",
    "line one\nline two\n\n    block",
)

texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.sampled_from("\\`*_[]<>&|~$#!-+=.:()1a \t\n"), max_size=12))


def shown(text: str) -> str:
    """Return a text as a page shows it: printable characters, runs of white space as one."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def content(tokens: list[Token]) -> list[str]:
    """Return the text of each heading, paragraph or cell; any markup in it is an error."""
    found = []
    for token in tokens:
        if token.type == "inline":
            children = token.children or []
            assert {child.type for child in children} <= {"text", "text_special"}, token.content
            found.append("".join(child.content for child in children))
    return found


@given(texts)
@example("\\")
def test_a_value_in_a_paragraph_or_heading_is_shown_as_it_is(text: str) -> None:
    for written in (paragraph(text), f"# {paragraph(text)}", f"Before {paragraph(text)}"):
        tokens = READER.parse(f"{written}\n")
        prefix = "Before " if written.startswith("Before") else ""
        assert [part for part in content(tokens) if part] == [
            part for part in [f"{prefix}{shown(text)}".strip()] if part
        ]
        assert {token.type for token in tokens} <= {
            "inline",
            "paragraph_open",
            "paragraph_close",
            "heading_open",
            "heading_close",
        }


@given(st.lists(st.tuples(texts, texts), max_size=3))
def test_a_value_in_a_cell_is_shown_as_it_is(rows: list[tuple[str, str]]) -> None:
    tokens = READER.parse(table(rows, "left", "right"))
    assert content(tokens) == ["left", "right", *(shown(cell) for row in rows for cell in row)]
    assert tokens[0].type == "table_open"
    assert tokens[-1].type == "table_close"


@given(st.text())
def test_no_character_that_cannot_be_printed_is_left(text: str) -> None:
    assert not [letter for letter in inline(text) if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn"}]
    assert "  " not in inline(text)


def test_a_name_stands_in_a_code_span_and_anything_else_does_not() -> None:
    assert code("aortic_stenosis_vote") == "`aortic_stenosis_vote`"
    assert code("0123abcd") == "`0123abcd`"
    for text in ("a b", "a`b", "a|b", "<b>", ""):
        assert code(text) == inline(text)
    assert link("x_y", "a/b.md") == "[`x_y`](a/b.md)"


def test_markdown_is_not_escaped_again() -> None:
    made = code("x_y")
    assert inline(made) is made
    assert paragraph(made) is made
    assert isinstance(table([("a",)], "b"), Markdown)


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 cells does not go under 2 headings"):
        table([("a", "b", "c")], "left", "right")
