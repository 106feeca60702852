"""The level of the wall is that of its brightest part, whatever defects and hot neighbors there are."""

from dataclasses import replace

import numpy as np
import pytest

from preprocessing.short_axis import ShortAxis, short_axis
from preprocessing.wall_level import wall_level
from specs.left_ventricle import PERFUSED_VENTRICLE, SHORT_AXIS_48
from tests.preprocessing.shells import EVEN, FINE, Shell

DEFECT = (*EVEN[:6], 0.3, 0.3, *EVEN[8:])


def slices(shell: Shell) -> ShortAxis:
    return short_axis(shell.grid(FINE), shell.ventricle, SHORT_AXIS_48)


def level(of: ShortAxis) -> float:
    return wall_level(of, wall_mm=PERFUSED_VENTRICLE.wall_mm, quantile=0.95)


def test_it_is_that_of_the_wall_in_the_unit_of_the_slices() -> None:
    even = slices(Shell())
    assert level(even) == pytest.approx(1.0, abs=0.05)
    assert level(even.with_values(250 * even.values)) == pytest.approx(250 * level(even))


def test_a_defect_and_a_bright_voxel_leave_it_where_it_is() -> None:
    even, defect = slices(Shell()), slices(Shell(values=DEFECT))
    assert level(defect) == pytest.approx(level(even), rel=0.03)
    bright = even.values.copy()
    bright[24, 41, 32] = 50.0
    assert level(even.with_values(bright)) == pytest.approx(level(even), rel=0.01)


def test_what_lies_beside_the_wall_and_beyond_the_base_is_not_asked() -> None:
    even = slices(Shell())
    hot = even.values.copy()
    hot[:, 56:] = 9.0  # below the heart
    hot[round(even.base_slice) + 2 :] = 9.0
    assert level(even.with_values(hot)) == pytest.approx(level(even))
    darker = replace(even, grid=replace(even.grid, values=np.where(even.values > 0.5, 0.5, even.values)))
    assert level(darker) == pytest.approx(0.5)
