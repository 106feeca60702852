"""What counts of a pass is what was done within its window."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.passes import Window

moments = st.lists(st.floats(min_value=0, max_value=10), max_size=50)


@given(moments, st.floats(min_value=0, max_value=4), st.floats(min_value=0.1, max_value=4))
def test_a_rate_counts_what_was_done_in_the_window_and_nothing_else(
    done_s: list[float], start_s: float, length_s: float
) -> None:
    window = Window(start_s=start_s, end_s=start_s + length_s)
    others = [each for each in done_s if each <= start_s or each > window.end_s]
    within = [each for each in done_s if start_s < each <= window.end_s]
    assert window.rate_per_s(done_s) == pytest.approx(len(within) / length_s)
    assert window.rate_per_s(others) == 0


def test_items_are_repeated_until_the_end_and_no_longer() -> None:
    assert list(Window(start_s=0.0, end_s=0.0).repeated([1, 2])) == []
    taken = []
    for item in Window(start_s=0.0, end_s=0.05).repeated([1, 2]):
        taken.append(item)
        if len(taken) > 5_000_000:
            break
    assert taken[:4] == [1, 2, 1, 2]
