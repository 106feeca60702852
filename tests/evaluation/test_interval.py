"""A p value as people read it."""

import pytest

from evaluation.interval import shown_p_value


@pytest.mark.parametrize(
    ("p_value", "shown"),
    [(None, "= –"), (0.0, "< 0.001"), (3e-7, "< 0.001"), (0.00099, "< 0.001"), (0.001, "= 0.001"), (0.0344, "= 0.034")],
)
def test_a_p_value_has_its_sign_and_three_decimals(p_value: float | None, shown: str) -> None:
    assert shown_p_value(p_value) == shown
