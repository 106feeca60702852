"""The share of a heat map's positive evidence inside a box."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from evaluation.maps import WHOLE, HeatMap, TensorBox, energy_share
from phantoms import Box
from preprocessing import Placement

SIDE = 40
"""Rows and columns of a small input tensor."""

heat_maps = arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.floats(-4, 4, width=16))
fractions = st.floats(0.01, 0.99)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Draw a box within the image."""
    (top, bottom), (left, right) = (
        sorted(draw(st.tuples(fractions, fractions).filter(lambda ends: ends[0] != ends[1]))) for _ in range(2)
    )
    return Box(top=top, left=left, bottom=bottom, right=right)


def share(heat_map: HeatMap, box: Box | TensorBox) -> float:
    """Return the share of a map that has positive evidence."""
    found = energy_share(heat_map, [box]).share
    assert found is not None
    return found


@given(heat_maps)
def test_the_whole_image_holds_everything(heat_map: HeatMap) -> None:
    assume(heat_map.max() > 0)
    assert share(heat_map, WHOLE) == pytest.approx(1)
    assert energy_share(heat_map, [WHOLE]).expected == 1


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
    found = energy_share(np.full((rows, columns), 0.3), [box])
    assert found.share == pytest.approx(found.expected)
    assert found.expected == pytest.approx((box.bottom - box.top) * (box.right - box.left))


def test_a_box_takes_its_part_of_the_cells_that_it_cuts() -> None:
    heat_map = np.array([[8.0, 0.0], [0.0, -5.0], [2.0, 6.0], [0.0, 0.0]])
    assert share(heat_map, Box(top=0, left=0, bottom=0.25, right=0.5)) == 8 / 16
    assert share(heat_map, Box(top=0.125, left=0, bottom=0.25, right=0.25)) == 2 / 16
    assert share(heat_map, Box(top=0.5, left=0.5, bottom=1, right=1)) == 6 / 16


def test_a_map_without_positive_evidence_has_no_share() -> None:
    assert energy_share(np.full((3, 3), -1.0), [WHOLE]).share is None


@pytest.mark.parametrize("heat_map", [np.zeros((2, 2, 1)), np.zeros((0, 3)), np.array([[np.nan, 1.0]])])
def test_what_is_no_map_is_refused(heat_map: HeatMap) -> None:
    with pytest.raises(ValueError, match="row and a column axis and finite values"):
        energy_share(heat_map, [WHOLE])


@settings(max_examples=30)
@given(heat_maps, st.lists(boxes(), min_size=1, max_size=4))
def test_several_boxes_hold_what_a_fine_grid_finds_in_any_of_them(heat_map: HeatMap, several: list[Box]) -> None:
    assume(heat_map.max() > 0)
    edges = np.unique([0, 1, *(edge for box in several for edge in (box.top, box.bottom, box.left, box.right))])
    expected = total = 0.0
    for top, bottom in pairwise(edges):
        for left, right in pairwise(edges):
            piece = TensorBox(top=top, left=left, bottom=bottom, right=right)
            middle = ((top + bottom) / 2, (left + right) / 2)
            energy = share(heat_map, piece)
            total += energy
            if any(box.top < middle[0] < box.bottom and box.left < middle[1] < box.right for box in several):
                expected += energy
    assert total == pytest.approx(1)
    assert energy_share(heat_map, several).share == pytest.approx(expected, abs=1e-9)


def test_what_two_boxes_cover_counts_once() -> None:
    heat_map = np.array([[1.0, 2.0], [3.0, 4.0]])
    upper, left = Box(top=0, left=0, bottom=0.5, right=1), Box(top=0, left=0, bottom=1, right=0.5)
    found = energy_share(heat_map, [upper, left, upper])
    assert found.share == pytest.approx(6 / 10)
    assert found.expected == pytest.approx(3 / 4)


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    """Draw an image that lies anywhere in the tensor, not only in its center."""
    rows, columns = draw(st.integers(10, SIDE)), draw(st.integers(10, SIDE))
    top, left = draw(st.integers(0, SIDE - rows)), draw(st.integers(0, SIDE - columns))
    return Placement(top=top, left=left, rows=rows, columns=columns)


@given(placements(), boxes(), st.integers(0, 1000))
def test_a_box_of_the_image_holds_the_same_wherever_the_image_lies(place: Placement, box: Box, seed: int) -> None:
    evidence = np.random.default_rng(seed).random((place.rows, place.columns))
    heat_map = np.zeros((SIDE, SIDE))
    heat_map[place.top : place.top + place.rows, place.left : place.left + place.columns] = evidence
    image, placed = (TensorBox.of(each, place, (SIDE, SIDE)) for each in (WHOLE, box))
    in_tensor, in_image = energy_share(heat_map, [placed], image=image), energy_share(evidence, [box])
    assert in_tensor.share == pytest.approx(in_image.share, abs=1e-9)
    assert in_tensor.expected == pytest.approx(in_image.expected)


@given(placements(), boxes())
def test_evidence_spread_evenly_over_the_image_has_the_expected_share(place: Placement, box: Box) -> None:
    heat_map = np.zeros((SIDE, SIDE))
    heat_map[place.top : place.top + place.rows, place.left : place.left + place.columns] = 0.3
    image, placed = (TensorBox.of(each, place, (SIDE, SIDE)) for each in (WHOLE, box))
    found = energy_share(heat_map, [placed], image=image)
    assert found.share == pytest.approx(found.expected)


def test_a_box_in_an_image_off_the_center_is_where_its_pixels_are() -> None:
    place = Placement(top=2, left=10, rows=20, columns=16)
    placed = TensorBox.of(Box(top=0.5, left=0.25, bottom=1, right=0.75), place, (SIDE, SIDE))
    assert (placed.top, placed.bottom) == (12 / SIDE, 22 / SIDE)
    assert (placed.left, placed.right) == (14 / SIDE, 22 / SIDE)


def test_evidence_in_the_margin_lies_outside() -> None:
    heat_map = np.ones((2, 2))
    left = TensorBox(top=0, left=0, bottom=1, right=0.5)
    found = energy_share(heat_map, [left], image=left)
    assert (found.share, found.expected) == (0.5, 1.0)


def test_a_share_of_no_box_is_refused() -> None:
    with pytest.raises(ValueError, match="a box needs"):
        energy_share(np.ones((2, 2)), [])


class Outside:
    """A box beyond the image."""

    top, left, bottom, right = -0.1, 0.0, 0.5, 0.5


def test_a_box_outside_the_image_is_refused() -> None:
    with pytest.raises(ValueError, match="a box needs"):
        energy_share(np.ones((2, 2)), [Outside()])
