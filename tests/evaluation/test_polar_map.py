"""Seventeen segments: numbered as published, and known shells at any angle give their known values."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluation.polar_map import long_axis_shares, place_weights, polar_map, segment_places, segment_values
from preprocessing.left_ventricle import find_left_ventricle
from preprocessing.short_axis import short_axis
from specs.left_ventricle import PERFUSED_VENTRICLE, SHORT_AXIS_48
from specs.myocardial_segments import AHA_SEGMENTS, PERFUSION_MAP, AlongRadius, Level, OverSegment
from tests.preprocessing.shells import EVEN, MIDDLING, Lattice, Shell, tilted

PUBLISHED = {
    1: "basal anterior",
    2: "basal anteroseptal",
    3: "basal inferoseptal",
    4: "basal inferior",
    5: "basal inferolateral",
    6: "basal anterolateral",
    7: "mid anterior",
    8: "mid anteroseptal",
    9: "mid inferoseptal",
    10: "mid inferior",
    11: "mid inferolateral",
    12: "mid anterolateral",
    13: "apical anterior",
    14: "apical septal",
    15: "apical inferior",
    16: "apical lateral",
    17: "apex",
}
"""Cerqueira MD et al., Circulation 2002;105:539-542, figure 4."""

SEGMENT_VALUES = st.integers(0, 10_000).map(
    lambda seed: tuple(np.random.default_rng(seed).uniform(0.4, 1.0, 17).tolist())
)

UNSHRUNK = (Phase.explicit, Phase.generate)
"""An example costs a good part of a second: a failing one is not made simpler."""


@dataclass(frozen=True, kw_only=True)
class Slices:
    """Short-axis slices of any values, the ventricle in the middle."""

    values: NDArray[np.float32]
    spacing_mm: tuple[float, float, float] = (3.0, 3.0, 3.0)
    apex_slice: float = 8.0
    widest_slice: float = 22.0
    base_slice: float = 30.0
    radius_mm: float = 27.0

    @property
    def center(self) -> tuple[float, float]:
        return (self.values.shape[1] - 1) / 2, (self.values.shape[2] - 1) / 2


def even(value: float = 1.0) -> Slices:
    return Slices(values=np.full((40, 40, 40), value, dtype=np.float32))


def measured(slices: Slices) -> NDArray[np.float64]:
    return segment_values(polar_map(slices, PERFUSION_MAP), PERFUSION_MAP)


def test_the_segments_are_numbered_and_named_as_published() -> None:
    assert {segment.number: segment.name for segment in AHA_SEGMENTS} == PUBLISHED
    assert [segment.number for segment in AHA_SEGMENTS] == [*range(1, 18)]


@pytest.mark.parametrize(
    ("number", "right", "up"),
    [
        (1, 0, 1), (2, -0.87, 0.5), (3, -0.87, -0.5), (4, 0, -1), (5, 0.87, -0.5), (6, 0.87, 0.5),
        (7, 0, 1), (8, -0.87, 0.5), (9, -0.87, -0.5), (10, 0, -1), (11, 0.87, -0.5), (12, 0.87, 0.5),
        (13, 0, 1), (14, -1, 0), (15, 0, -1), (16, 1, 0),
    ],
)  # fmt: skip
def test_each_segment_lies_where_the_published_figure_has_it(number: int, right: float, up: float) -> None:
    """Anterior is up, the septum is left; the wall is bright on one side only."""
    rows, columns = np.mgrid[:40, :40] - 19.5
    is_bright = (columns * right - rows * up) / np.maximum(np.hypot(rows, columns), 1e-9) > 0.9
    found = measured(Slices(values=np.broadcast_to(is_bright, (40, 40, 40)).astype(np.float32)))
    of_level = [each.number for each in AHA_SEGMENTS if each.level is AHA_SEGMENTS[number - 1].level]
    assert max(of_level, key=lambda each: found[each - 1]) == number


def test_every_place_of_the_map_is_in_one_segment_and_their_sizes_are_as_published() -> None:
    masks = np.array([segment_places(segment, PERFUSION_MAP) for segment in AHA_SEGMENTS])
    assert (masks.sum(axis=0) == 1).all()
    shares = masks.sum(axis=(1, 2)) / PERFUSION_MAP.rings / PERFUSION_MAP.angles
    np.testing.assert_allclose(shares, [1 / 6] * 12 + [1 / 4] * 4 + [1.0])


@pytest.mark.parametrize(
    ("level", "first", "last"),
    [(Level.BASAL, 22.78, 30), (Level.MID, 16.3, 22.0), (Level.APICAL, 10.2, 15.7)],
)
def test_the_length_beyond_the_cavity_end_is_cut_in_equal_thirds(level: Level, first: float, last: float) -> None:
    """The cavity ends half a wall, 5 mm or 1.67 slices, after slice 8: thirds of 6.78 slices follow."""
    values = np.zeros((40, 40, 40), dtype=np.float32)
    values[:] = np.arange(40)[:, None, None]
    found = polar_map(Slices(values=values), PERFUSION_MAP)
    rings = found[PERFUSION_MAP.rings * list(Level).index(level) :][: PERFUSION_MAP.rings]
    third = (30 - (8 + 5 / 3)) / 3
    start = 8 + 5 / 3 + third * [Level.APICAL, Level.MID, Level.BASAL].index(level)
    np.testing.assert_allclose(rings[0], start + third / 16, atol=1e-5)
    np.testing.assert_allclose(rings[-1], start + third * 15 / 16, atol=1e-5)
    assert first < rings.mean() < last


def test_an_even_sphere_is_even_and_the_apex_is_its_tip() -> None:
    np.testing.assert_allclose(measured(even(7.5)), 7.5)
    slices, rows, columns = np.mgrid[:40, :40, :40].astype(float)
    tip = np.hypot(rows - 19.5, columns - 19.5) + 2 * np.abs(slices - 8) < 4
    found = measured(Slices(values=tip.astype(np.float32)))
    assert found.argmax() == 16
    assert found[:12].max() == 0


@settings(max_examples=8, phases=UNSHRUNK)
@given(values=SEGMENT_VALUES, tilt=st.floats(0, 50), turn=st.floats(0, 360))
def test_a_rotated_shell_gives_the_values_of_its_segments(values: tuple[float, ...], tilt: float, turn: float) -> None:
    shell = Shell(values=values, axis=tilted(tilt, turn))
    slices = short_axis(shell.grid(), shell.ventricle, SHORT_AXIS_48)
    found = segment_values(polar_map(slices, PERFUSION_MAP), PERFUSION_MAP)
    np.testing.assert_allclose(found[:16], values[:16], atol=0.08)
    assert found[16] == pytest.approx(values[16], abs=0.15)  # half of its rays leave through the apical third


@settings(max_examples=4, phases=UNSHRUNK)
@given(values=SEGMENT_VALUES, tilt=st.floats(0, 40), turn=st.floats(0, 360))
def test_so_it_does_where_the_ventricle_is_found_and_not_given(
    values: tuple[float, ...], tilt: float, turn: float
) -> None:
    grid = Shell(values=values, axis=tilted(tilt, turn)).grid(MIDDLING)
    slices = short_axis(grid, find_left_ventricle(grid, PERFUSED_VENTRICLE), SHORT_AXIS_48)
    found = segment_values(polar_map(slices, PERFUSION_MAP), PERFUSION_MAP)
    assert np.abs(found - values).mean() < 0.08
    assert np.corrcoef(found, values)[0, 1] > 0.8 or np.std(values) < 0.08


def test_the_scale_of_the_values_is_kept() -> None:
    shell = Shell()
    slices = short_axis(shell.grid(), shell.ventricle, SHORT_AXIS_48)
    doubled = slices.with_values(2 * slices.values)
    np.testing.assert_allclose(polar_map(doubled, PERFUSION_MAP), 2 * polar_map(slices, PERFUSION_MAP), rtol=1e-6)


def test_along_the_radius_the_declared_value_is_taken() -> None:
    shell = Shell(values=EVEN, background=0.0)
    slices = short_axis(
        shell.grid(Lattice(spacing_mm=(3.0, 3.0, 3.0), shape=(56, 60, 60))), shell.ventricle, SHORT_AXIS_48
    )
    mean = PERFUSION_MAP.model_copy(update={"along_radius": AlongRadius.MEAN})
    profile = np.exp(-0.5 * (np.linspace(-5, 5, 11) / 4.5) ** 2).mean()
    middle = slice(2 * PERFUSION_MAP.rings, 3 * PERFUSION_MAP.rings)
    assert polar_map(slices, mean)[middle].mean() == pytest.approx(profile, abs=0.03)
    assert polar_map(slices, PERFUSION_MAP)[middle].mean() == pytest.approx(1.0, abs=0.05)


def test_over_a_segment_the_declared_value_is_taken() -> None:
    places = np.tile(np.arange(72.0), (32, 1))
    highest = PERFUSION_MAP.model_copy(update={"over_segment": OverSegment.MAXIMUM})
    assert segment_values(places, PERFUSION_MAP)[3] == pytest.approx(np.arange(48, 60).mean())  # 240 to 300 degrees
    assert segment_values(places, highest)[3] == 59


def test_a_base_before_the_end_of_the_cavity_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond the end of the cavity"):
        polar_map(replace(even(), base_slice=9.0), PERFUSION_MAP)


def test_rings_go_from_the_apex_to_the_base_and_the_cap_ends_with_the_cavity() -> None:
    slices = short_axis(Shell().grid(MIDDLING), Shell().ventricle, SHORT_AXIS_48)
    shares = long_axis_shares(slices, PERFUSION_MAP)
    rings = PERFUSION_MAP.rings
    length_mm = Shell().apex_mm + Shell().base_mm
    assert shares.shape == (4 * rings,)
    assert (np.diff(shares) > 0).all()
    assert 0 < shares[0] < shares[rings - 1] < PERFUSION_MAP.wall_mm / 2 / length_mm < shares[rings]
    np.testing.assert_allclose(np.diff(shares[rings:]), (1 - PERFUSION_MAP.wall_mm / 2 / length_mm) / (3 * rings))


def test_a_place_weighs_what_it_weighs_in_a_segment() -> None:
    weights, ramp = place_weights(PERFUSION_MAP), np.linspace(1, 2, 4 * PERFUSION_MAP.rings)[:, None]
    values = np.repeat(ramp, PERFUSION_MAP.angles, axis=1)
    places = segment_places(AHA_SEGMENTS[16], PERFUSION_MAP)
    mean = np.average(values[places], weights=weights[places])
    assert segment_values(values, PERFUSION_MAP)[16] == pytest.approx(mean)
    assert (weights[PERFUSION_MAP.rings :] == 1).all()
