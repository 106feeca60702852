"""Counts on the wire: by the level of the body, as square roots, back as multiples of the level."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from preprocessing.count_scale import in_levels, on_wire
from specs.mibg_volumes import MIBG_VOLUMES_48

SCALE = MIBG_VOLUMES_48.scale


def counts(seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(seed).gamma(1.0, 100.0, (10, 12, 14)).astype(np.float32)


@given(factor=st.floats(1e-3, 1e3))
def test_dose_and_time_of_a_frame_change_nothing(factor: float) -> None:
    plain, scaled = on_wire(counts(), SCALE), on_wire(counts() * np.float32(factor), SCALE)
    assert plain is not None
    assert scaled is not None
    assert np.abs(plain.astype(int) - scaled).max() <= 1


def test_what_comes_back_are_multiples_of_the_level() -> None:
    found = on_wire(counts(), SCALE)
    assert found is not None
    level = np.quantile(counts(), SCALE.level_quantile)
    np.testing.assert_allclose(in_levels(found, SCALE), counts() / level, atol=1e-3)


def test_below_0_is_0_and_above_the_largest_level_is_cut_off() -> None:
    odd = counts()
    odd[0, 0, :2] = -5.0, 1e7
    found = on_wire(odd, SCALE)
    assert found is not None
    assert found[0, 0, :2].tolist() == [0, 65_535]
    assert in_levels(found, SCALE).max() == SCALE.largest_level


def test_a_volume_without_a_level_has_no_scale() -> None:
    almost_empty = np.zeros((10, 10, 10), np.float32)
    almost_empty[0, :5] = 100.0
    assert on_wire(almost_empty, SCALE) is None
