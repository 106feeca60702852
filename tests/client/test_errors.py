"""One family of errors: each named, worded once, with an exit code that the help explains."""

import pytest

from client.errors import EXIT_CODES
from specs.errors import TricorderError
from tests.conftest import CLONE
from tests.messages import EXAMPLES, family, golden_text


def test_every_error_of_the_family_has_an_example() -> None:
    assert {type(example) for example in EXAMPLES} == family()


def test_every_message_is_the_golden_one() -> None:
    golden = (CLONE / "tests" / "golden" / "messages.txt").read_text(encoding="utf-8")
    assert golden == golden_text(), "read the new messages aloud, then run `make regenerate`"


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_exit_code_is_one_that_the_help_explains(error: TricorderError) -> None:
    assert error.exit_code in EXIT_CODES
    assert error.exit_code >= 3


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_the_tree_in_the_docstring_names_its_branch(error: TricorderError) -> None:
    from client import errors

    branch = next(kind for kind in reversed(type(error).__mro__) if kind.__base__ is TricorderError)
    assert branch.__name__ in (errors.__doc__ or "")
