"""A time of day without a date is the last one before what it is known to precede."""

from datetime import datetime, time

import pytest

from preprocessing.moments import last_at

SCAN = datetime(2026, 1, 5, 0, 30)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        (time(0, 10), datetime(2026, 1, 5, 0, 10)),
        (time(0, 30), SCAN),
        (time(0, 31), datetime(2026, 1, 4, 0, 31)),
        (time(23, 50), datetime(2026, 1, 4, 23, 50)),
    ],
)
def test_a_clock_after_the_moment_is_of_the_day_before(clock: time, expected: datetime) -> None:
    assert last_at(clock, until=SCAN) == expected
