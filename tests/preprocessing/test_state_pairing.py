"""Stress is told from rest by drugs, times and words of headers, and what contradicts itself is not guessed."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocessing.state_clues import StateClues
from preprocessing.state_pairing import StatesUnclear, check_doses, told_roles
from specs.perfusion_pairing import PERFUSION_PAIRING as RULES
from specs.perfusion_pairing import Role

STRESS, REST = Role
MORNING = datetime(2026, 1, 5, 9)


def clues(hour: float | None = None, **known: Any) -> StateClues:
    """Return clues of a series that was injected so many hours after nine o'clock and imaged an hour later."""
    if hour is None:
        return StateClues(**known)
    injection = MORNING + timedelta(hours=hour)
    return replace(StateClues(injection=injection, acquisition=injection + timedelta(hours=1)), **known)


def roles(*series: StateClues) -> tuple[Role | None, ...]:
    return told_roles(series, RULES)


def test_a_stressor_about_the_injection_tells_stress_and_the_other_injection_is_at_rest() -> None:
    assert roles(clues(0, stressor=True), clues(4)) == (STRESS, REST)
    assert roles(clues(0), clues(4, stressor=True)) == (REST, STRESS)


def test_words_tell_where_there_is_no_drug_and_one_word_is_enough_for_two_injections() -> None:
    assert roles(clues(0, named=REST), clues(4, named=STRESS)) == (REST, STRESS)
    assert roles(clues(0, named=REST), clues(4)) == (REST, STRESS)


def test_a_coded_patient_state_tells_as_words_do() -> None:
    assert roles(clues(0, coded=REST), clues(4)) == (REST, STRESS)
    assert roles(clues(coded=STRESS), clues(named=REST)) == (STRESS, REST)
    assert roles(clues(0, stressor=True, coded=STRESS), clues(4, coded=REST, named=REST)) == (STRESS, REST)


def test_without_times_each_series_must_be_told_by_itself() -> None:
    assert roles(clues(named=STRESS), clues(named=REST)) == (STRESS, REST)
    assert roles(clues(named=STRESS), clues()) == (STRESS, None)
    assert roles(clues(0, named=STRESS), clues()) == (STRESS, None)


def test_series_of_one_injection_share_their_state() -> None:
    told = roles(clues(0, stressor=True), clues(0.2), clues(4), clues(4.1))
    assert told == (STRESS, STRESS, REST, REST)


def test_acquisitions_tell_injections_apart_where_one_injection_is_not_stated() -> None:
    first, second = clues(0, injection=None, named=STRESS), clues(4)
    assert roles(first, second) == (STRESS, REST)


def test_times_and_doses_alone_tell_nothing() -> None:
    assert roles(clues(0, dose_mbq=250.0), clues(4, dose_mbq=750.0)) == (None, None)


def test_of_three_injections_the_unknown_one_is_not_guessed() -> None:
    assert roles(clues(0, stressor=True), clues(4, named=REST), clues(24)) == (STRESS, REST, None)


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        ((clues(0, stressor=True, named=REST), clues(4)), "called rest has a drug of stress"),
        ((clues(0, stressor=True), clues(0.1, named=REST)), "called rest has a drug of stress"),
        ((clues(0, named=STRESS), clues(0.1, named=REST)), "one injection are called stress and rest"),
        ((clues(0, named=STRESS, coded=REST), clues(4)), "of one state by their names and of the other by code"),
        ((clues(0, stressor=True, coded=REST), clues(4)), "has the patient state rest has a drug of stress"),
        ((clues(0, stressor=True), clues(4, stressor=True)), "two of its injections are at stress"),
        ((clues(0, named=REST), clues(4, named=REST)), "two of its injections are at rest"),
        ((clues(0), clues(4, acquisition=MORNING)), "after its acquisition"),
        ((clues(0), clues(4, acquisition=MORNING + timedelta(hours=11))), "more than 6 h before"),
    ],
)
def test_what_contradicts_itself_is_unclear(series: tuple[StateClues, ...], reason: str) -> None:
    for order in permutations(series):
        with pytest.raises(StatesUnclear, match=reason):
            roles(*order)


def test_what_a_person_says_overrides_headers_and_tells_the_other_injection() -> None:
    assert roles(clues(0, stressor=True, given=REST), clues(4)) == (REST, STRESS)
    assert roles(clues(0, given=STRESS), clues(0, given=REST)) == (STRESS, REST)
    assert roles(clues(0, stressor=True, given=REST), clues(4, stressor=True, given=STRESS)) == (REST, STRESS)
    assert roles(clues(given=REST), clues(given=STRESS)) == (REST, STRESS)


CLUES = st.builds(
    clues,
    st.sampled_from([None, 0.0, 0.1, 4.0, 4.2, 24.0]),
    stressor=st.booleans(),
    coded=st.sampled_from([None, STRESS, REST]),
    named=st.sampled_from([None, STRESS, REST]),
)


@given(series=st.lists(CLUES, min_size=1, max_size=4), seed=st.randoms(use_true_random=False))
def test_the_order_of_series_plays_no_part(series: list[StateClues], seed: Random) -> None:
    places = list(range(len(series)))
    seed.shuffle(places)

    def told(order: list[int]) -> list[Role | None] | str:
        try:
            found = dict(zip(order, roles(*(series[place] for place in order)), strict=True))
        except StatesUnclear as unclear:
            return str(unclear)
        return [found[place] for place in range(len(series))]

    assert told(places) == told(sorted(places))


def test_a_second_dose_on_one_day_that_is_hardly_larger_is_a_contradiction_and_on_two_days_is_not() -> None:
    check_doses(clues(0, dose_mbq=250.0), clues(4, dose_mbq=750.0), RULES)
    check_doses(clues(4, dose_mbq=750.0), clues(0, dose_mbq=250.0), RULES)
    check_doses(clues(0, dose_mbq=700.0), clues(24, dose_mbq=700.0), RULES)
    check_doses(clues(0, dose_mbq=700.0), clues(4), RULES)
    first, second = clues(0, dose_mbq=750.0), clues(4, dose_mbq=750.0)
    for stress, rest in ((first, second), (second, first)):
        with pytest.raises(StatesUnclear, match=r"not 1\.5 times the first"):
            check_doses(stress, rest, RULES)
