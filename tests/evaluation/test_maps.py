"""The share of a heat map's positive evidence inside a box."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.maps import HeatMap, energy_share
from phantoms import Box

WHOLE = Box(top=0, left=0, bottom=1, right=1)
heat_maps = arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.floats(-4, 4, width=16))
fractions = st.floats(0.01, 0.99)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Draw a box within the image."""
    (top, bottom), (left, right) = (
        sorted(draw(st.tuples(fractions, fractions).filter(lambda ends: ends[0] != ends[1]))) for _ in range(2)
    )
    return Box(top=top, left=left, bottom=bottom, right=right)


def share(heat_map: HeatMap, box: Box) -> float:
    """Return the share of a map that has positive evidence."""
    found = energy_share(heat_map, box).share
    assert found is not None
    return found


@given(heat_maps)
def test_the_whole_image_holds_everything(heat_map: HeatMap) -> None:
    assume(heat_map.max() > 0)
    assert share(heat_map, WHOLE) == pytest.approx(1)
    assert energy_share(heat_map, WHOLE).expected == 1


@given(heat_maps, boxes(), fractions)
def test_boxes_beside_each_other_add_up(heat_map: HeatMap, box: Box, cut: float) -> None:
    assume(heat_map.max() > 0)
    row = box.top + cut * (box.bottom - box.top)
    assume(box.top < row < box.bottom)
    upper = Box(top=box.top, left=box.left, bottom=row, right=box.right)
    lower = Box(top=row, left=box.left, bottom=box.bottom, right=box.right)
    assert share(heat_map, upper) + share(heat_map, lower) == pytest.approx(share(heat_map, box), abs=1e-9)


@given(heat_maps, boxes(), st.integers(-100, 100))
def test_the_strength_of_the_map_does_not_matter(heat_map: HeatMap, box: Box, exponent: int) -> None:
    assume(heat_map.max() > 0)
    scaled = heat_map.astype(np.float64) * 2.0**exponent
    assert share(scaled, box) == share(heat_map, box)


@given(heat_maps, boxes())
def test_evidence_against_the_finding_does_not_matter(heat_map: HeatMap, box: Box) -> None:
    assume(heat_map.max() > 0)
    assert share(np.where(heat_map < 0, -9, heat_map), box) == share(heat_map, box)


@given(heat_maps, boxes())
def test_a_finer_grid_of_the_same_map_has_the_same_share(heat_map: HeatMap, box: Box) -> None:
    assume(heat_map.max() > 0)
    finer = np.repeat(np.repeat(heat_map, 3, axis=0), 2, axis=1)
    assert share(finer, box) == pytest.approx(share(heat_map, box), abs=1e-9)


@given(heat_maps, boxes())
def test_rows_and_columns_trade_places(heat_map: HeatMap, box: Box) -> None:
    assume(heat_map.max() > 0)
    turned = Box(top=box.left, left=box.top, bottom=box.right, right=box.bottom)
    assert share(heat_map.T, turned) == pytest.approx(share(heat_map, box), abs=1e-9)


@given(boxes(), st.integers(1, 30), st.integers(1, 30))
def test_a_uniform_map_has_the_expected_share(box: Box, rows: int, columns: int) -> None:
    found = energy_share(np.full((rows, columns), 0.3), box)
    assert found.share == pytest.approx(found.expected)
    assert found.expected == pytest.approx((box.bottom - box.top) * (box.right - box.left))


def test_a_box_takes_its_part_of_the_cells_that_it_cuts() -> None:
    heat_map = np.array([[8.0, 0.0], [0.0, -5.0], [2.0, 6.0], [0.0, 0.0]])
    assert share(heat_map, Box(top=0, left=0, bottom=0.25, right=0.5)) == 8 / 16
    assert share(heat_map, Box(top=0.125, left=0, bottom=0.25, right=0.25)) == 2 / 16
    assert share(heat_map, Box(top=0.5, left=0.5, bottom=1, right=1)) == 6 / 16


def test_a_map_without_positive_evidence_has_no_share() -> None:
    assert energy_share(np.full((3, 3), -1.0), WHOLE).share is None


@pytest.mark.parametrize("heat_map", [np.zeros((2, 2, 1)), np.zeros((0, 3)), np.array([[np.nan, 1.0]])])
def test_what_is_no_map_is_refused(heat_map: HeatMap) -> None:
    with pytest.raises(ValueError, match="row and a column axis and finite values"):
        energy_share(heat_map, WHOLE)


class Outside:
    """A box beyond the image."""

    top, left, bottom, right = -0.1, 0.0, 0.5, 0.5


def test_a_box_outside_the_image_is_refused() -> None:
    with pytest.raises(ValueError, match="a box needs"):
        energy_share(np.ones((2, 2)), Outside())
