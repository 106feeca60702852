"""The left ventricle is found wherever it lies, however it is stored, with defects and beside hot neighbors."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy import ndimage

from preprocessing.grid import Grid
from preprocessing.left_ventricle import (
    GivenVentricle,
    LeftVentricle,
    VentricleUnknown,
    axis_of_angles,
    find_left_ventricle,
)
from preprocessing.sampling import places_mm
from specs.left_ventricle import PERFUSED_VENTRICLE
from tests.preprocessing.shells import COARSE, EVEN, Shell, angle_degrees, tilted

UNSHRUNK = (Phase.explicit, Phase.generate)
"""An example costs a good part of a second: a failing one is not made simpler."""


def off_axis_mm(found: LeftVentricle, shell: Shell) -> float:
    return float(np.linalg.norm(np.cross(np.subtract(found.center_mm, shell.center_mm), shell.axis)))


def ends_mm(found: LeftVentricle, shell: Shell) -> tuple[float, float]:
    """Return how much too far to the apex and to the base it was found."""
    forward = float(np.subtract(found.center_mm, shell.center_mm) @ np.array(shell.axis))
    return forward + found.apex_mm - shell.apex_mm, found.base_mm - forward - shell.base_mm


def with_ball(grid: Grid, center_mm: tuple[float, float, float], radius_mm: float, activity: float) -> Grid:
    indices = np.moveaxis(np.indices(grid.values.shape).astype(float), 0, -1)
    distance = np.linalg.norm(places_mm(grid, indices) - np.array(center_mm), axis=-1)
    return replace(grid, values=grid.values + np.float32(activity) * (distance < radius_mm))


def noisy(grid: Grid, seed: int) -> Grid:
    blurred = ndimage.gaussian_filter(grid.values, 5 / np.array(grid.spacing_mm))
    return replace(grid, values=np.random.default_rng(seed).poisson(20 * blurred).astype(np.float32))


@settings(max_examples=10, phases=UNSHRUNK)
@given(
    tilt=st.floats(0, 50),
    turn=st.floats(0, 360),
    radius_mm=st.floats(22, 32),
    shift_mm=st.tuples(*[st.floats(-15, 15)] * 3),
)
def test_a_shell_is_found_at_any_angle_and_place(
    tilt: float, turn: float, radius_mm: float, shift_mm: tuple[float, float, float]
) -> None:
    shell = Shell(
        axis=tilted(tilt, turn),
        radius_mm=radius_mm,
        apex_mm=1.55 * radius_mm,
        center_mm=(30 + shift_mm[0], -20 + shift_mm[1], 5 + shift_mm[2]),
    )
    found = find_left_ventricle(shell.grid(COARSE), PERFUSED_VENTRICLE)
    assert angle_degrees(found.axis, shell.axis) < 3
    assert off_axis_mm(found, shell) < 1.5
    assert found.radius_mm == pytest.approx(radius_mm, abs=1.5)
    apex, base = ends_mm(found, shell)
    assert abs(apex) < 3
    assert 0 < base < 9  # half of the wall's brightness is reached 5 mm beyond its end


@pytest.mark.parametrize(
    "defect", [(1, 2, 7, 8, 13), (3, 4, 9, 10, 15), (5, 6, 11, 12, 16), (2, 3, 8, 9, 14), (13, 14, 15, 16, 17)]
)
def test_a_large_defect_hides_neither_axis_nor_center(defect: tuple[int, ...]) -> None:
    shell = Shell(values=tuple(0.15 if number in defect else 1.0 for number in range(1, 18)))
    found = find_left_ventricle(noisy(shell.grid(COARSE), seed=1), PERFUSED_VENTRICLE)
    assert angle_degrees(found.axis, shell.axis) < 8
    assert off_axis_mm(found, shell) < 3


@pytest.mark.parametrize(
    ("center_mm", "radius_mm", "activity"),
    [((-60.0, 10.0, -60.0), 55.0, 1.5), ((20.0, -10.0, -70.0), 14.0, 6.0)],
    ids=["liver", "gut"],
)
def test_a_hot_neighbor_is_not_taken_for_it(
    center_mm: tuple[float, float, float], radius_mm: float, activity: float
) -> None:
    shell = Shell()
    grid = noisy(with_ball(shell.grid(COARSE), center_mm, radius_mm, activity), seed=2)
    found = find_left_ventricle(grid, PERFUSED_VENTRICLE)
    assert angle_degrees(found.axis, shell.axis) < 8
    assert off_axis_mm(found, shell) < 3


def test_how_the_voxels_are_stored_plays_no_part() -> None:
    grid = Shell(axis=tilted(20, 70)).grid(COARSE)
    expected = find_left_ventricle(grid, PERFUSED_VENTRICLE)
    last = np.array(grid.position_mm) + grid.directions[0] * grid.spacing_mm[0] * (grid.values.shape[0] - 1)
    flipped = replace(
        grid,
        values=grid.values[::-1],
        directions=grid.directions * np.array([[-1.0], [1.0], [1.0]]),
        position_mm=(float(last[0]), float(last[1]), float(last[2])),
    )
    turned = replace(grid, values=grid.values.transpose(2, 0, 1), directions=grid.directions[[2, 0, 1]])
    for other in (flipped, turned):
        found = find_left_ventricle(other, PERFUSED_VENTRICLE)
        np.testing.assert_allclose(found.center_mm, expected.center_mm, atol=0.2)
        assert angle_degrees(found.axis, expected.axis) < 0.3


def test_what_is_given_is_kept() -> None:
    shell = Shell()
    grid = shell.grid(COARSE)
    axis = axis_of_angles(azimuth_degrees=50, elevation_degrees=-15)
    with_axis = find_left_ventricle(grid, PERFUSED_VENTRICLE, GivenVentricle(axis=axis))
    assert angle_degrees(with_axis.axis, axis) < 0.01
    assert off_axis_mm(with_axis, shell) < 3
    center = (32.0, -18.0, 6.0)
    with_both = find_left_ventricle(grid, PERFUSED_VENTRICLE, GivenVentricle(axis=axis, center_mm=center))
    np.testing.assert_allclose(with_both.center_mm, center, atol=1e-4)
    upside_down = tuple(-part for part in shell.axis)
    assert len(upside_down) == 3
    reversed_ = find_left_ventricle(grid, PERFUSED_VENTRICLE, GivenVentricle(axis=upside_down))
    assert angle_degrees(reversed_.axis, upside_down) < 0.01  # even where no apex points


def test_angles_are_counted_from_the_front_to_the_left_and_to_the_head() -> None:
    front = axis_of_angles(azimuth_degrees=0, elevation_degrees=0)
    left = axis_of_angles(azimuth_degrees=90, elevation_degrees=0)
    head = axis_of_angles(azimuth_degrees=30, elevation_degrees=90)
    np.testing.assert_allclose([front, left, head], [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-12)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((32, 34, 34)),
        np.random.default_rng(0).poisson(5.0, (32, 34, 34)),
        np.linspace(0, 1, 32)[:, None, None] * np.ones((32, 34, 34)),
    ],
    ids=["nothing", "noise", "a slope"],
)
def test_where_there_is_none_it_is_not_found(values: np.ndarray) -> None:
    grid = replace(Shell().grid(COARSE), values=values.astype(np.float32))
    with pytest.raises(VentricleUnknown):
        find_left_ventricle(grid, PERFUSED_VENTRICLE)


def test_an_axis_that_points_where_no_apex_does_is_refused() -> None:
    axis = PERFUSED_VENTRICLE.typical_apex
    across = np.cross(axis, [0.0, 0.0, 1.0])
    across /= np.linalg.norm(across)
    shell = Shell(axis=(float(across[0]), float(across[1]), float(across[2])), values=EVEN)
    with pytest.raises(VentricleUnknown, match="degrees from where an apex points"):
        find_left_ventricle(shell.grid(COARSE), PERFUSED_VENTRICLE)
