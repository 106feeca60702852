"""When a scan began whose series was made anew later."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import FileDataset

from preprocessing.scan_start import average_count_rate_s
from tests.preprocessing.tomography import as_read, counting, pet_images
from tests.preprocessing.uptake_headers import (
    FACTOR_AT_NOON,
    GE_CREATOR,
    HALF_LIFE_S,
    HOUR_S,
    decayed,
    factor_of,
    reasons_of,
)


def processed_later(**attributes: Any) -> list[FileDataset]:
    """Build a series that was made anew an hour after the scan at noon, three bed positions of two minutes."""
    return pet_images(
        counting((3, 2, 2)),
        SeriesTime="130000",
        **{"AcquisitionTime": ["120000", "120200", "120400"]} | attributes,
    )


def test_a_series_made_after_the_scan_counts_from_the_earliest_acquisition() -> None:
    assert factor_of(as_read(processed_later()[::-1])).factor == pytest.approx(FACTOR_AT_NOON, rel=1e-12)


def test_of_a_series_made_later_the_scan_time_of_ge_is_believed_first() -> None:
    images = processed_later()
    for ds in images:
        ds.private_block(0x0009, GE_CREATOR, create=True).add_new(0x0D, "DT", "20260105115000.00")
    expected = decayed(75, 300e6, HALF_LIFE_S, HOUR_S - 600)
    assert factor_of(as_read(images)).factor == pytest.approx(expected, rel=1e-12)


def test_of_a_series_made_later_the_start_is_computed_back_from_the_reference_times() -> None:
    """All bed positions before the third are in another series: the earliest acquisition here is 8 minutes late."""
    middle_s = average_count_rate_s(120.0, half_life_s=HALF_LIFE_S)
    images = processed_later(
        AcquisitionTime=["120800", "121000", "121200"],
        FrameReferenceTime=[1000 * (after_s + middle_s) for after_s in (480, 600, 720)],
    )
    assert factor_of(as_read(images)).factor == pytest.approx(FACTOR_AT_NOON, rel=1e-7)


def test_reference_times_that_contradict_each_other_are_refused() -> None:
    images = processed_later(FrameReferenceTime=[60_000.0, 180_000.0, 900_000.0])
    assert reasons_of(as_read(images)) == ("the reference times of its slices name different starts of the scan",)


@given(duration_s=st.floats(1, 3600))
def test_the_average_count_rate_of_a_frame_occurs_just_before_its_middle(duration_s: float) -> None:
    """The activity at that time is the mean of the activity over the frame, integrated here by the midpoint rule."""
    constant = math.log(2) / HALF_LIFE_S
    at_s = average_count_rate_s(duration_s, half_life_s=HALF_LIFE_S)
    moments_s = (np.arange(20_000) + 0.5) * duration_s / 20_000
    assert math.exp(-constant * at_s) == pytest.approx(float(np.exp(-constant * moments_s).mean()), rel=1e-9)
    assert at_s < duration_s / 2
