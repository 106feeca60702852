"""Shares of evidence by grade, on numbers small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.agreement import mean_interval
from evaluation.map_shares import THIRDS, map_shares, thirds
from evaluation.maps import EnergyShare

SHARES = [
    EnergyShare(share=share, expected=expected)
    for share, expected in ((0.0, 0.1), (None, 0.3), (0.1, 0.1), (0.5, 0.2), (0.7, 0.1), (0.4, 0.2))
]
GRADES = np.array(["none", "none", "none", "severe", "severe", "mild"])


def test_each_grade_has_the_mean_of_its_maps_that_hold_evidence() -> None:
    none, mild, moderate, severe = map_shares(
        SHARES, GRADES, order=("none", "mild", "moderate", "severe"), regions=("left_atrium",)
    ).groups
    assert none.share is not None
    assert (none.studies, none.share.estimate, none.expected) == (2, 0.05, 0.1)
    assert (mild.studies, mild.share, mild.expected) == (1, None, 0.2)
    assert (moderate.studies, moderate.share, moderate.expected) == (0, None, None)
    assert severe.share is not None
    assert severe.share.estimate == mean_interval(np.array([0.5, 0.7])).estimate
    assert severe.expected == pytest.approx(0.15)


def test_an_interval_of_a_share_ends_at_nothing_and_at_all() -> None:
    (group,) = map_shares(SHARES[2:5:2], np.array(["a", "a"]), order=("a",), regions=("heart",)).groups
    assert group.share is not None
    assert (group.share.lower, group.share.upper) == (0.0, 1.0)


def test_the_table_says_what_area_alone_would_give() -> None:
    lines = str(
        map_shares(SHARES, GRADES, order=("none", "severe", "mild", "moderate"), regions=("a", "b"))
    ).splitlines()
    assert lines[0] == "Share of a map's evidence inside a, b (and of the image's area):"
    assert lines[1] == "  none      0.050 (95 % CI 0.000–0.685) of 2 maps (0.100)"
    assert lines[3:] == ["  mild      – of 1 maps (0.200)", "  moderate  – of 0 maps (–)"]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=60))
def test_thirds_never_part_equal_values_and_rise_with_them(truth: list[int]) -> None:
    values = np.array(truth, np.float64)
    places = [THIRDS.index(name) for name in thirds(values)]
    by_value = sorted(zip(truth, places, strict=True))
    assert [place for _, place in by_value] == sorted(places)
    assert len(set(by_value)) == len(set(truth))


def test_thirds_of_different_values_are_thirds() -> None:
    assert thirds(np.arange(9.0)).tolist() == [THIRDS[0]] * 3 + [THIRDS[1]] * 3 + [THIRDS[2]] * 3
