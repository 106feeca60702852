"""The phantoms that variants are compared on: the first ones, and enough near the operating point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fidelity import NEAR, ONE_NEAR_IN
from benchmarks.near_threshold import MOST_DRAWN, ChosenStudies, chosen_rows, chosen_studies, near_needed
from export.parity import Answers
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from tests.training.tiny import drawn_part
from training.prepared_part import Pixels, PreparedPart

THRESHOLD = 0.4
probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=120)


@given(drawn=probabilities, share=st.floats(0, 1))
def test_no_more_near_ones_are_added_than_make_one_in_ten_near(drawn: list[float], share: float) -> None:
    answers, count = np.array(drawn), max(1, int(share * len(drawn)))
    rows = chosen_rows(answers, count=count, threshold=THRESHOLD)
    near = np.abs(answers - THRESHOLD) <= NEAR
    added = rows[count:]
    assert rows[:count].tolist() == list(range(count))
    assert near[added].all()
    assert added.tolist() == (count + np.flatnonzero(near[count:])[: len(added)]).tolist()
    if ONE_NEAR_IN * near[rows].sum() < len(rows):
        assert len(added) == near[count:].sum()
    elif len(added):
        assert ONE_NEAR_IN * near[rows[:-1]].sum() < len(rows) - 1


@given(near=st.integers(0, 500), others=st.integers(0, 5000))
def test_the_near_ones_that_are_needed_are_the_fewest_that_do(near: int, others: int) -> None:
    count = near + others
    needed = near_needed(near, count=count)
    assert ONE_NEAR_IN * (near + needed) >= count + needed
    assert needed == 0 or ONE_NEAR_IN * (near + needed - 1) < count + needed - 1


def chosen(near_from: int, *, count: int = 10, threshold: float | None = THRESHOLD) -> tuple[ChosenStudies, list[int]]:
    """Choose among phantoms that are all near from a number on; return how many were answered at a time too."""
    asked: list[int] = []

    def prepared(wanted: int) -> PreparedPart:
        return drawn_part(MITRAL_REGURGITATION, [float(number % 2) for number in range(wanted)])

    def asking(pixels: Pixels) -> Answers:
        start = sum(asked)
        asked.append(len(pixels))
        return np.where(np.arange(start, start + len(pixels)) >= near_from, THRESHOLD, 0.9)

    return chosen_studies(prepared, asking, count=count, threshold=threshold), asked


def test_twice_as_many_are_drawn_until_enough_are_near() -> None:
    studies, asked = chosen(near_from=25)
    assert asked == [10, 10, 20]
    assert studies.part.truth.tolist() == [0, 1] * 5 + [1, 0]
    assert studies.original.tolist() == [0.9] * 10 + [THRESHOLD] * 2
    assert len(studies.part.pixels) == 12
    assert (studies.held_out.drawn, studies.held_out.chosen, studies.held_out.near) == (40, 12, 2)
    assert studies.held_out.are_enough_near
    assert studies.part.name == studies.held_out.data_set == "12 of drawn studies"


@pytest.mark.parametrize("threshold", [THRESHOLD, None])
def test_where_enough_are_near_or_nothing_is_called_no_others_are_drawn(threshold: float | None) -> None:
    studies, asked = chosen(near_from=9 if threshold else 1000, threshold=threshold)
    assert asked == [10]
    assert studies.held_out.are_enough_near
    assert studies.held_out.near == (1 if threshold else None)


def test_a_search_for_near_ones_ends_and_says_so() -> None:
    studies, asked = chosen(near_from=1000)
    assert sum(asked) == MOST_DRAWN * 10
    assert studies.held_out.chosen == 10
    assert not studies.held_out.are_enough_near
