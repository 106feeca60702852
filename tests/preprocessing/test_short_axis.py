"""Short-axis slices: apex to base, anterior up, septum left, each in its place, however the slices came."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from preprocessing.grid import Grid, read_grid
from preprocessing.left_ventricle import GivenVentricle, find_left_ventricle
from preprocessing.sampling import places_mm, sampled
from preprocessing.short_axis import given_by_slices, short_axis, short_axis_directions
from specs.left_ventricle import PERFUSED_VENTRICLE, SHORT_AXIS_48
from specs.series import SPECT_SERIES
from tests.preprocessing.shells import COARSE, FINE, Lattice, Shell, angle_degrees, tilted
from tests.preprocessing.tomography import as_read, nuclear_image


@settings(max_examples=50)
@given(tilt=st.floats(0, 65), turn=st.floats(0, 360))
def test_rows_go_away_from_the_head_and_columns_from_the_right_for_every_apex(tilt: float, turn: float) -> None:
    axis = tilted(tilt, turn)
    to_base, inferior, lateral = short_axis_directions(axis)
    np.testing.assert_allclose(
        [to_base, inferior, lateral] @ np.array([to_base, inferior, lateral]).T, np.eye(3), atol=1e-9
    )
    np.testing.assert_allclose(np.cross(lateral, inferior), to_base, atol=1e-9)  # right-handed, as PS3.3 C.7.6.2 has it
    assert inferior[2] < 0
    assert lateral[2] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(to_base, -np.array(axis))


def test_the_lateral_wall_of_a_typical_heart_is_to_the_left_and_back_and_its_septum_to_the_right_and_front() -> None:
    _, _, lateral = short_axis_directions(PERFUSED_VENTRICLE.typical_apex)
    assert lateral[0] > 0.6
    assert lateral[1] > 0.6


def marked(shell: Shell, places: dict[int, tuple[float, float, float]]) -> Grid:
    """Return the grid of a shell with a bright voxel for each place, of so many times the wall's brightness."""
    grid = shell.grid()
    values = grid.values.copy()
    for factor, place in places.items():
        index = np.rint((np.array(place) - np.array(grid.position_mm)) @ grid.directions.T / np.array(grid.spacing_mm))
        values[tuple(index.astype(int))] = factor
    return replace(grid, values=values)


def test_each_wall_lies_where_a_display_shows_it() -> None:
    shell = Shell()
    axis = np.array(shell.axis)
    head = np.array([0, 0, 1.0])
    center = np.array(shell.center_mm)
    slices = short_axis(marked(shell, {40: tuple(center + 34 * head)}), shell.ventricle, SHORT_AXIS_48)
    _, row, column = np.unravel_index(slices.values.argmax(), slices.values.shape)
    assert row < 24  # toward the head is up
    assert abs(column - 31.5) < 6
    slices = short_axis(marked(shell, {40: tuple(center + 50 * axis)}), shell.ventricle, SHORT_AXIS_48)
    assert np.unravel_index(slices.values.argmax(), slices.values.shape)[0] < slices.apex_slice  # beyond the apex
    left_and_back = np.array([0.7, 0.7, 0.0])
    slices = short_axis(marked(shell, {40: tuple(center + 36 * left_and_back)}), shell.ventricle, SHORT_AXIS_48)
    assert np.unravel_index(slices.values.argmax(), slices.values.shape)[2] > 38  # lateral is right


def test_written_back_every_value_is_where_it_was() -> None:
    shell = Shell(axis=tilted(25, 200), values=tuple(np.linspace(0.5, 1.0, 17)))
    slices = short_axis(shell.grid(), shell.ventricle, SHORT_AXIS_48)
    indices = np.moveaxis(np.indices(slices.values.shape).astype(float), 0, -1)
    places = places_mm(slices.grid, indices)
    is_inside = sampled(replace(shell.grid(), values=np.ones(FINE.shape, dtype=np.float32)), places) == 1
    misses = np.abs(slices.values - shell.at(places))[is_inside]
    assert np.quantile(misses, 0.95) < 0.03
    assert slices.spacing_mm == (3.0, 3.0, 3.0)
    assert slices.center == (31.5, 31.5)
    assert slices.apex_slice < slices.widest_slice < slices.base_slice
    assert (slices.apex_slice + slices.base_slice) / 2 == pytest.approx(23.5)
    assert (slices.base_slice - slices.apex_slice) * 3 == pytest.approx(shell.apex_mm + shell.base_mm)


def test_nothing_is_invented_beyond_the_volume_nor_below_nothing() -> None:
    shell = Shell()
    slices = short_axis(
        shell.grid(Lattice(spacing_mm=FINE.spacing_mm, shape=(16, 20, 20))), shell.ventricle, SHORT_AXIS_48
    )
    assert slices.values.min() == 0
    assert (slices.values[:, :6] == 0).all()


def oblique(shell: Shell) -> Grid:
    return shell.grid(COARSE, directions=short_axis_directions(shell.axis))


def rounded(vector: NDArray[np.float64]) -> tuple[float, float, float]:
    """Round to what a decimal string holds."""
    x, y, z = (float(f"{part:.9g}") for part in vector)
    return x, y, z


def stored(grid: Grid, *, is_base_first: bool) -> Grid:
    """Write a grid as an NM image, slices in either order, and read it."""
    along_column, along_row = grid.directions[1], grid.directions[2]
    counts = np.rint(1000 * grid.values).astype(np.uint16)
    first = np.array(grid.position_mm)
    step_mm = grid.spacing_mm[0]
    if is_base_first:
        first = first + (len(counts) - 1) * step_mm * grid.directions[0]
        counts, step_mm = counts[::-1].copy(), -step_mm
    image = nuclear_image(
        counts,
        directions=(rounded(along_row), rounded(along_column)),
        spacing_mm=(step_mm, grid.spacing_mm[1], grid.spacing_mm[2]),
        position_mm=rounded(first),
    )
    found = read_grid(as_read([image]), SPECT_SERIES)
    assert isinstance(found, Grid), found
    return found


@pytest.mark.parametrize("is_base_first", [True, False])
def test_slices_that_are_short_axis_already_say_the_axis_whichever_end_is_first(is_base_first: bool) -> None:
    shell = Shell(axis=tilted(15, 120), values=tuple(0.2 if number in (3, 9) else 1.0 for number in range(1, 18)))
    grid = stored(oblique(shell), is_base_first=is_base_first)
    given_axis = given_by_slices(grid.directions, PERFUSED_VENTRICLE, SPECT_SERIES)
    assert given_axis.axis is not None
    assert angle_degrees(given_axis.axis, shell.axis) < 0.01
    ventricle = find_left_ventricle(grid, PERFUSED_VENTRICLE, given_axis)
    found = short_axis(grid, ventricle, SHORT_AXIS_48)
    assert angle_degrees(ventricle.axis, shell.axis) < 0.01
    inferoseptal = found.values[30, 36:44, 20:27].max()
    anterolateral = found.values[30, 20:27, 36:44].max()
    assert inferoseptal < 0.6 * anterolateral


def test_the_order_of_transaxial_slices_plays_no_part() -> None:
    shell = Shell(axis=tilted(15, 120), values=tuple(np.linspace(0.4, 1.0, 17)))
    slices = [
        short_axis(grid, find_left_ventricle(grid, PERFUSED_VENTRICLE), SHORT_AXIS_48).values
        for grid in (stored(shell.grid(COARSE), is_base_first=order) for order in (True, False))
    ]
    np.testing.assert_allclose(slices[0], slices[1], atol=0.01 * slices[0].max())


def test_transaxial_and_long_axis_slices_say_no_axis() -> None:
    assert given_by_slices(Shell().grid(COARSE).directions, PERFUSED_VENTRICLE, SPECT_SERIES) == GivenVentricle()
    long_axis = short_axis_directions(PERFUSED_VENTRICLE.typical_apex)[[1, 2, 0]]
    grid = Shell().grid(COARSE, directions=long_axis)
    assert given_by_slices(grid.directions, PERFUSED_VENTRICLE, SPECT_SERIES) == GivenVentricle()
