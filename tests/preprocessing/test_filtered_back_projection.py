"""Filtered back-projection: known bodies come back in their place with their activity."""

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy import signal

from preprocessing.filtered_back_projection import butterworth, filtered_back_projection, smoothed
from specs.reconstruction import Butterworth, FilteredBackProjection
from tests.preprocessing.gamma_camera import PIXEL_MM, Ball, turn, view

SHARP = FilteredBackProjection(smoothing=Butterworth(cutoff_per_cm=0.8, order=10.0))

UNSHRUNK = (Phase.explicit, Phase.generate)
"""An example costs a good part of a second: a failing one is not made simpler."""


@pytest.mark.parametrize(("cutoff", "order"), [(0.45, 5), (0.3, 2), (0.6, 10)])
def test_the_filter_is_the_butterworth_of_signal_processing(cutoff: float, order: int) -> None:
    frequencies = np.linspace(0.01, 1.2, 40)
    _, response = signal.freqs(*signal.butter(order, cutoff, analog=True), worN=frequencies)
    ours = butterworth(frequencies, Butterworth(cutoff_per_cm=cutoff, order=float(order)))
    np.testing.assert_allclose(ours, np.abs(response), rtol=1e-6)


def test_smoothing_keeps_the_sum_and_the_place_of_what_is_inside() -> None:
    values = np.zeros((24, 24, 24))
    values[12, 10, 13] = 100.0
    found = smoothed(values, Butterworth(cutoff_per_cm=0.45, order=2.0), spacing_mm=(6.0, 6.0, 6.0))
    assert found.sum() == pytest.approx(100, rel=0.01)
    assert found[12, 10, 13] == found.max()
    assert found.max() < 40


@settings(max_examples=12, phases=UNSHRUNK)
@given(
    left=st.floats(-40, 40),
    back=st.floats(-40, 40),
    bins=st.sampled_from([32, 33]),
    count=st.sampled_from([30, 60]),
)
def test_a_ball_comes_back_in_its_place_with_its_activity(left: float, back: float, bins: int, count: int) -> None:
    ball = Ball(center_mm=(left, back, 0.0), radius_mm=24.0, activity=3.0)
    angles = np.array(turn(225.0, -6.0, count))
    counts = np.array([view([ball], angle, bins=bins) for angle in angles])
    found = filtered_back_projection(counts, angles, SHARP, pixel_mm=(PIXEL_MM, PIXEL_MM))
    places_mm = (np.arange(bins) - (bins - 1) / 2) * PIXEL_MM
    near = np.maximum(found, 0.3 * found.max()) - 0.3 * found.max()
    assert np.average(places_mm, weights=near.sum(axis=(0, 1))) == pytest.approx(left, abs=0.6)
    assert np.average(places_mm, weights=near.sum(axis=(0, 2))) == pytest.approx(back, abs=0.6)
    middle = (np.hypot(places_mm[:, None] - back, places_mm - left) < 10)[None] & (np.abs(places_mm) < 10)[
        :, None, None
    ]
    assert found[middle].mean() / PIXEL_MM == pytest.approx(ball.activity, rel=0.05)
