"""Volumes on an array about their own middle: the same places, mirrored where the volume is, nothing beyond it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preprocessing.centered_grid import centered, uncentered
from preprocessing.volume import Volume
from specs.mibg_volumes import VolumeGrid

GRID = VolumeGrid(slices=6, rows=8, columns=10, spacing_mm=5.0)
SHAPES = st.tuples(st.integers(2, 9), st.integers(2, 9), st.integers(2, 9))
SPACINGS = st.tuples(st.floats(2, 12), st.floats(2, 12), st.floats(2, 12))


def volume(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], seed: int = 0) -> Volume:
    values = np.random.default_rng(seed).uniform(1, 9, shape).astype(np.float32)
    return Volume(values=values, spacing_mm=spacing_mm, position_mm=(3.0, -7.0, 11.0), unit="CNTS")


def test_a_volume_on_the_grid_is_left_as_it_is() -> None:
    given_volume = volume(GRID.shape, GRID.sides_mm)
    np.testing.assert_array_equal(centered(given_volume, GRID), given_volume.values)
    np.testing.assert_array_equal(uncentered(given_volume.values, GRID, given_volume), given_volume.values)


@settings(max_examples=30)
@given(shape=SHAPES, spacing_mm=SPACINGS, axis=st.sampled_from([0, 1, 2]))
def test_a_mirrored_volume_is_a_mirrored_array(
    shape: tuple[int, int, int], spacing_mm: tuple[float, float, float], axis: int
) -> None:
    plain = volume(shape, spacing_mm)
    mirrored = Volume(
        values=np.flip(plain.values, axis), spacing_mm=spacing_mm, position_mm=plain.position_mm, unit="CNTS"
    )
    np.testing.assert_allclose(centered(mirrored, GRID), np.flip(centered(plain, GRID), axis), rtol=1e-5, atol=1e-5)


@settings(max_examples=30)
@given(shape=SHAPES, spacing_mm=SPACINGS)
def test_every_value_lies_within_those_of_the_volume_or_is_0_beyond_it(
    shape: tuple[int, int, int], spacing_mm: tuple[float, float, float]
) -> None:
    plain = volume(shape, spacing_mm)
    array = centered(plain, GRID)
    assert array.shape == GRID.shape
    inside = array[array != 0]
    assert inside.min(initial=9) >= plain.values.min() - 1e-5
    assert inside.max(initial=1) <= plain.values.max() + 1e-5
    for axis, (size, side_mm) in enumerate(zip(shape, spacing_mm, strict=True)):
        from_middle_mm = np.abs(np.arange(GRID.shape[axis]) - (GRID.shape[axis] - 1) / 2) * GRID.spacing_mm
        beyond = from_middle_mm > size * side_mm / 2 + 1e-3
        assert not array.take(np.flatnonzero(beyond), axis=axis).any()


def test_a_gradient_is_the_same_gradient_on_the_array() -> None:
    slopes = np.arange(40, dtype=np.float32)[:, None, None] * np.ones((40, 30, 30), np.float32)
    plain = Volume(values=slopes, spacing_mm=(2.0, 3.0, 3.0), position_mm=(0.0, 0.0, 0.0), unit="CNTS")
    expected = 19.5 + (np.arange(6) - 2.5) * 5.0 / 2.0
    np.testing.assert_allclose(centered(plain, GRID)[:, 4, 5], expected, rtol=1e-5)


def test_another_shape_than_that_of_the_array_is_refused() -> None:
    with pytest.raises(ValueError, match="shape of the array"):
        uncentered(np.zeros((2, 2, 2), np.float32), GRID, volume((2, 2, 2), (5.0, 5.0, 5.0)))
