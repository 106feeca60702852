"""Pixels are taken in any order without being copied, and the digest of a part tells every change of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from training.prepared_part import ChosenPixels, PreparedPart

STORED = np.arange(7 * 1 * 2 * 3, dtype=np.uint8).reshape(7, 1, 2, 3)
ROWS = st.lists(st.integers(0, 6), min_size=1, max_size=9).map(lambda rows: np.array(rows, dtype=np.intp))


def part() -> PreparedPart:
    return PreparedPart(
        name="a part",
        seed=0,
        pixels=ChosenPixels.all_of(STORED),
        truth=np.arange(7, dtype=np.float32),
        measurements=np.arange(14, dtype=np.float32).reshape(7, 2),
    )


@given(first=ROWS, data=st.data())
def test_a_choice_of_a_choice_is_what_indexing_twice_gives(first: NDArray[np.intp], data: st.DataObject) -> None:
    second = np.array(data.draw(st.lists(st.integers(0, first.size - 1), max_size=9)), dtype=np.intp)
    chosen = ChosenPixels(STORED, first).chosen(second)
    expected = STORED[first][second]
    assert chosen.shape == expected.shape
    assert len(chosen) == len(expected)
    assert np.array_equal(chosen, expected)
    assert np.array_equal(chosen[1:4], expected[1:4])
    assert all(np.array_equal(chosen[index], expected[index]) for index in range(len(expected)))


def test_no_pixels_are_copied_until_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "pixels.bin").write_bytes(STORED.tobytes())
    mapped = np.memmap(tmp_path / "pixels.bin", dtype=np.uint8, mode="c", shape=STORED.shape)
    chosen = ChosenPixels.all_of(mapped).chosen(np.array([6, 2]))
    assert np.shares_memory(chosen[0], mapped)
    assert np.array_equal(chosen[0], STORED[6])


def test_a_choice_of_a_part_keeps_what_belongs_together() -> None:
    chosen = part().chosen(np.array([5, 1]), name="two of it")
    assert chosen.name == "two of it"
    assert chosen.truth.tolist() == [5, 1]
    assert chosen.measurements.tolist() == [[10, 11], [2, 3]]
    assert np.array_equal(chosen.pixels, STORED[[5, 1]])


def brighter(whole: PreparedPart) -> PreparedPart:
    pixels = STORED.copy()
    pixels[6, 0, 1, 2] += 1
    return replace(whole, pixels=ChosenPixels.all_of(pixels))


CHANGES: list[Callable[[PreparedPart], PreparedPart]] = [
    brighter,
    lambda whole: replace(whole, truth=whole.truth + np.float32(1)),
    lambda whole: replace(whole, measurements=whole.measurements * np.float32(2)),
    lambda whole: whole.chosen(np.arange(6), name=whole.name),
    lambda whole: replace(whole, pixels=whole.pixels.chosen(np.arange(7)[::-1])),
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_digest_tells_every_change(change: Callable[[PreparedPart], PreparedPart]) -> None:
    assert change(part()).sha256() != part().sha256()


def test_the_digest_does_not_tell_where_pixels_lie() -> None:
    twice = np.concatenate([STORED[::-1], STORED])
    elsewhere = replace(part(), pixels=ChosenPixels(twice, np.arange(7, 14)), name="another name")
    assert elsewhere.sha256() == part().sha256()
