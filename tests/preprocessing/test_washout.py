"""Washout: the three published forms, and when there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocessing.unknown import Unknown
from preprocessing.washout import (
    background_corrected_washout_percent,
    decay_correction,
    ratio_washout_percent,
    washout_percent,
)

HALF_LIFE_S = 13.2 * 3600
COUNTS = st.floats(1, 1e4)


def test_one_half_life_doubles_and_no_time_changes_nothing() -> None:
    assert decay_correction(HALF_LIFE_S, half_life_s=HALF_LIFE_S) == pytest.approx(2)
    assert decay_correction(0, half_life_s=HALF_LIFE_S) == 1
    # 3 h 45 min, as tables of 123I have it: exp(-ln 2 / 13.2 x 3.75) = 0.8213
    assert 1 / decay_correction(3.75 * 3600, half_life_s=HALF_LIFE_S) == pytest.approx(0.8213, abs=5e-5)


def test_the_forms_give_what_is_computed_by_hand() -> None:
    # Heart 100 then 60, mediastinum 40 then 30, all corrected for decay: 40 %; (60 - 30) / 60; 2.5 to 2.0.
    assert washout_percent(early=100, late=60) == pytest.approx(40)
    found = background_corrected_washout_percent(early=100, late=60, early_background=40, late_background=30)
    assert found == pytest.approx(50)
    assert ratio_washout_percent(early_ratio=2.5, late_ratio=2.0) == pytest.approx(20)


@given(early=COUNTS, kept=st.floats(0, 1.5), scale=st.floats(0.01, 100))
def test_washout_is_of_no_unit_and_below_zero_exactly_where_counts_grow(
    early: float, kept: float, scale: float
) -> None:
    found = washout_percent(early=early, late=kept * early)
    scaled = washout_percent(early=scale * early, late=scale * kept * early)
    assert isinstance(found, float)
    assert found == pytest.approx(100 * (1 - kept), abs=1e-6)
    assert scaled == pytest.approx(found, abs=1e-6)


@given(early=COUNTS, late=COUNTS)
def test_without_background_the_corrected_form_is_the_plain_one(early: float, late: float) -> None:
    plain = washout_percent(early=early, late=late)
    corrected = background_corrected_washout_percent(early=early, late=late, early_background=0, late_background=0)
    assert corrected == pytest.approx(plain)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (washout_percent(early=0, late=1), "no early counts"),
        (washout_percent(early=float("nan"), late=1), "no early counts"),
        (
            background_corrected_washout_percent(early=40, late=30, early_background=40, late_background=30),
            "not above the background",
        ),
        (ratio_washout_percent(early_ratio=0, late_ratio=1), "not above 0"),
    ],
)
def test_a_share_of_nothing_is_unknown(found: float | Unknown, reason: str) -> None:
    assert isinstance(found, Unknown)
    assert reason in found.reason
