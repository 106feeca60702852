"""Reconstruction as a whole: what lies where in the patient comes out there, and the real heart is a horseshoe."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from preprocessing import NotEligible
from preprocessing.reconstruction import reconstruct_series
from preprocessing.sampling import as_grid, sampled
from preprocessing.volume import Volume
from specs.left_ventricle import PERFUSED_VENTRICLE
from specs.reconstruction import CARDIAC_FILTERED_BACK_PROJECTION, CARDIAC_ORDERED_SUBSETS, ReconstructionRules
from tests.preprocessing.cardiac_picture import FILE, drawn, reoriented, volume
from tests.preprocessing.gamma_camera import BALLS, PIXEL_MM, SCALE, raw_tomo, raw_views, turn
from tests.preprocessing.shells import angle_degrees
from tests.preprocessing.tomography import as_read

METHODS = pytest.mark.parametrize(
    "rules", [CARDIAC_ORDERED_SUBSETS, CARDIAC_FILTERED_BACK_PROJECTION], ids=["OSEM", "filtered back-projection"]
)


@METHODS
def test_known_balls_come_out_in_their_places_in_the_patient_with_their_activity(rules: ReconstructionRules) -> None:
    stored = raw_views(BALLS, angles_degrees=turn(225.0, -6.0, 30))
    found = reconstruct_series(as_read([raw_tomo(stored)]), rules)
    assert isinstance(found, Volume)
    assert found.unit == "CNTS"
    assert found.values.min() >= 0
    indices = np.moveaxis(np.indices(found.values.shape).astype(float), 0, -1)
    places = np.array(found.position_mm)[::-1] + indices * np.array(found.spacing_mm)  # to the head, back, left
    for ball in BALLS:
        distance = np.linalg.norm(places[..., ::-1] - np.array(ball.center_mm), axis=-1)
        near = found.values * (distance < ball.radius_mm + 15)
        center = [float((near * places[..., axis]).sum() / near.sum()) for axis in (2, 1, 0)]
        np.testing.assert_allclose(center, ball.center_mm, atol=1.5)
        held = float(found.values[distance < ball.radius_mm + 3].sum()) / SCALE * PIXEL_MM**2
        assert held == pytest.approx(ball.activity * 4 / 3 * np.pi * ball.radius_mm**3, rel=0.05)


@METHODS
def test_what_cannot_be_placed_is_not_reconstructed(rules: ReconstructionRules) -> None:
    stored = raw_views(BALLS, angles_degrees=turn(225.0, -6.0, 20))
    found = reconstruct_series(as_read([raw_tomo(stored)]), rules)
    assert isinstance(found, NotEligible)
    assert found.reasons == ("it has 20 views, fewer than 24",)


def along(of: Volume, start: tuple[float, ...], way: NDArray[np.float64]) -> float:
    """Return the brightest place within 45 mm of a point, to one side."""
    steps = np.arange(5.0, 45.0)
    return float(sampled(as_grid(of), np.array(start) + steps[:, None] * way).max())


@METHODS
def test_the_real_left_ventricle_is_a_horseshoe_that_is_open_to_the_right_and_the_back(
    samples: Path, rules: ReconstructionRules
) -> None:
    found = volume(samples, rules)
    ventricle = reoriented(found).ventricle
    assert angle_degrees(ventricle.axis, PERFUSED_VENTRICLE.typical_apex) < 25
    assert 0 < ventricle.axis[0] < 0.9  # the apex to the left
    assert ventricle.axis[1] < -0.4  # and to the front
    level = np.array([ventricle.axis[0], ventricle.axis[1], 0.0]) / np.hypot(*ventricle.axis[:2])
    side = np.array([level[1], -level[0], 0.0])
    apex, septum, lateral = (along(found, ventricle.center_mm, way) for way in (level, side, -side))
    base = along(found, ventricle.center_mm, -level)
    cavity = float(sampled(as_grid(found), np.array([ventricle.center_mm]))[0])
    assert min(apex, septum, lateral) > 1.8 * max(base, cavity)


def test_both_methods_show_the_same_heart(samples: Path) -> None:
    osem, filtered = (
        reoriented(volume(samples, each)) for each in (CARDIAC_ORDERED_SUBSETS, CARDIAC_FILTERED_BACK_PROJECTION)
    )
    assert angle_degrees(osem.ventricle.axis, filtered.ventricle.axis) < 8
    np.testing.assert_allclose(osem.ventricle.center_mm, filtered.ventricle.center_mm, atol=4)
    assert osem.ventricle.radius_mm == pytest.approx(filtered.ventricle.radius_mm, abs=3)


def test_the_committed_picture_is_that_of_the_real_file(samples: Path) -> None:
    committed = cv2.imread(str(FILE), cv2.IMREAD_GRAYSCALE)
    assert committed is not None
    found = drawn(samples)
    assert found.shape == committed.shape
    assert np.abs(found.astype(float) - committed.astype(float)).mean() < 1.0
