"""A volume at another spacing keeps what it shows, and nothing is invented around it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from preprocessing.resampling import isotropic
from preprocessing.volume import BACKWARD, LEFTWARD, Volume

spacings = st.tuples(*[st.floats(1.0, 6.0)] * 3)


def volume(values: np.ndarray, spacing_mm: tuple[float, float, float] = (3.0, 4.0, 5.0)) -> Volume:
    return Volume(values=values.astype(np.float32), spacing_mm=spacing_mm, position_mm=(7.0, -8.0, 9.0), unit="BQML")


def centers_mm(found: Volume) -> tuple[np.ndarray, ...]:
    """Return z, y and x of the voxels of a volume, LPS."""
    start = found.position_mm[::-1]
    axes = [
        start[axis] + found.spacing_mm[axis] * np.arange(count) for axis, count in enumerate(found.values.shape)
    ]  # fmt: skip
    return tuple(np.meshgrid(*axes, indexing="ij"))


@settings(max_examples=40)
@given(spacing_mm=spacings, new_mm=st.floats(1.0, 6.0), is_even=st.booleans())
def test_a_linear_field_stays_the_same_field_in_the_patient(
    spacing_mm: tuple[float, float, float], new_mm: float, *, is_even: bool
) -> None:
    """Values are z + 2 y - 3 x of where the voxel lies, before and after: positions and values are moved together."""
    old = volume(np.zeros((9, 10, 11)), spacing_mm)
    z, y, x = centers_mm(old)
    field = Volume(
        values=(z + 2 * y - 3 * x).astype(np.float32), spacing_mm=spacing_mm, position_mm=old.position_mm, unit="BQML"
    )
    new = isotropic(field, spacing_mm=new_mm, even_axes=(BACKWARD, LEFTWARD) if is_even else ())
    z, y, x = centers_mm(new)
    assert np.abs(new.values - (z + 2 * y - 3 * x)).max() < 1e-3
    assert new.spacing_mm == (new_mm, new_mm, new_mm)


@settings(max_examples=20)
@given(spacing_mm=st.tuples(*[st.floats(2.0, 4.0)] * 3), new_mm=st.floats(1.5, 4.0))
def test_a_smooth_blob_keeps_its_total(spacing_mm: tuple[float, float, float], new_mm: float) -> None:
    """A Gaussian of 12 mm standard deviation within 60 mm of margin: at most 0.8 % of it are made or lost."""
    old = volume(np.zeros([int(130 / step) for step in spacing_mm]), spacing_mm)
    z, y, x = (axis - axis.mean() for axis in centers_mm(old))
    blob = Volume(
        values=np.exp(-(z**2 + y**2 + x**2) / 288).astype(np.float32),
        spacing_mm=spacing_mm,
        position_mm=old.position_mm,
        unit="BQML",
    )
    new = isotropic(blob, spacing_mm=new_mm)
    total = float(blob.values.sum()) * float(np.prod(spacing_mm))
    assert float(new.values.sum()) * new_mm**3 == pytest.approx(total, rel=0.01)


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), new_mm=st.floats(1.0, 6.0))
def test_values_are_those_of_scipy_at_the_same_places(seed: int, new_mm: float) -> None:
    old = volume(np.random.default_rng(seed).normal(size=(6, 7, 8)))
    new = isotropic(old, spacing_mm=new_mm)
    z, y, x = centers_mm(new)
    places = [
        (axis - start) / step
        for axis, start, step in zip((z, y, x), old.position_mm[::-1], old.spacing_mm, strict=True)
    ]
    expected = ndimage.map_coordinates(old.values.astype(np.float64), places, order=1, mode="nearest")
    assert np.abs(new.values - expected).max() < 1e-5


@given(seed=st.integers(0, 1000), new_mm=st.floats(1.0, 30.0), axis=st.integers(0, 2))
def test_a_mirrored_volume_gives_the_mirrored_result(seed: int, new_mm: float, axis: int) -> None:
    old = volume(np.random.default_rng(seed).normal(size=(5, 6, 7)))
    mirrored = volume(np.flip(old.values, axis))
    new, turned = isotropic(old, spacing_mm=new_mm), isotropic(mirrored, spacing_mm=new_mm)
    assert np.abs(np.flip(new.values, axis) - turned.values).max() < 1e-5


@given(spacing_mm=spacings, new_mm=st.floats(1.0, 40.0))
def test_no_voxel_lies_outside_the_volume_and_less_than_a_step_is_left_out(
    spacing_mm: tuple[float, float, float], new_mm: float
) -> None:
    old = volume(np.arange(5 * 6 * 7).reshape(5, 6, 7), spacing_mm)
    new = isotropic(old, spacing_mm=new_mm)
    for axis in range(3):
        start = new.position_mm[2 - axis] - old.position_mm[2 - axis]
        old_mm = (old.values.shape[axis] - 1) * spacing_mm[axis]
        new_length_mm = (new.values.shape[axis] - 1) * new_mm
        assert -1e-6 <= start <= old_mm / 2 + 1e-6
        assert start + new_length_mm <= old_mm + 1e-4
        assert old_mm - new_length_mm < new_mm
    assert old.values.min() <= new.values.min() <= new.values.max() <= old.values.max()


def test_the_same_spacing_gives_the_same_volume() -> None:
    old = volume(np.arange(5 * 6 * 7).reshape(5, 6, 7), (4.0, 4.0, 4.0))
    new = isotropic(old, spacing_mm=4.0)
    assert (new.values == old.values).all()
    assert new.position_mm == old.position_mm


def test_axes_that_must_be_even_are() -> None:
    for count in (1, 2, 5, 6):
        new = isotropic(volume(np.ones((3, count, count)), (4.0, 4.0, 4.0)), spacing_mm=4.0, even_axes=(1, 2))
        assert new.values.shape == (3, *[2 * max(count // 2, 1)] * 2)
        assert (new.values == 1).all()


def test_a_spacing_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        isotropic(volume(np.ones((2, 2, 2))), spacing_mm=0.0)
