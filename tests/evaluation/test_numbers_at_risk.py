"""Round times within the follow-up, and the patients who are followed to them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.numbers_at_risk import at_risk_years, numbers_at_risk
from evaluation.survival import FollowUp


@pytest.mark.parametrize(
    ("longest", "expected"),
    [
        (0.004, (0, 0.001, 0.002, 0.003, 0.004)),
        (0.08, (0, 0.02, 0.04, 0.06, 0.08)),
        (0.3, (0, 0.1, 0.2, 0.3)),
        (0.5, (0, 0.1, 0.2, 0.3, 0.4, 0.5)),
        (0.6, (0, 0.25, 0.5)),
        (0.7, (0, 0.25, 0.5)),
        (5.0, (0, 1, 2, 3, 4, 5)),
        (11.9, (0, 2, 4, 6, 8, 10)),
        (120.0, (0, 50, 100)),
    ],
)
def test_the_times_are_as_written_by_hand(longest: float, expected: tuple[float, ...]) -> None:
    assert at_risk_years(longest) == expected


def test_the_patient_who_was_followed_to_a_time_exactly_is_at_risk_then() -> None:
    years = np.array([0.1, 0.3, 0.3, 0.4, 0.55])
    follow_up = FollowUp(years=years, event=np.array([True, False, True, True, False]))
    assert numbers_at_risk(follow_up, at_risk_years(0.55)) == (5, 5, 4, 4, 2, 1)


@given(st.floats(0.001, 200))
def test_there_are_a_few_evenly_spaced_times_of_few_digits_within_the_follow_up(longest: float) -> None:
    times = at_risk_years(longest)
    assert times[0] == 0
    assert times[-1] <= longest
    assert 2 <= len(times) <= 6
    assert np.ptp(np.diff(times)) < 1e-9
    assert longest - times[-1] < 1.001 * times[1]
    assert all(years == float(f"{years:.3f}") for years in times)
