"""Ribs, clavicles, scapulae, humeral heads and spine as millimeters of bone."""

import math

import cv2
import numpy as np

from phantoms.anatomy import ThoraxAnatomy
from phantoms.shapes import (
    ByteImage,
    DetectorGrid,
    Ellipsoid,
    FloatImage,
    Points,
    add_ellipsoid,
    fill,
    smooth_curve,
    stroke,
)
from phantoms.truth import Projection
from phantoms.view import View

_RIB_PAIRS = 10
_VERTEBRA_PITCH_MM = 22.0
_GRAIN_MM = 5.0
_GRAIN_STRENGTH = 0.6
"""Standard deviation of the thickness of bone at texture 1, of its mean."""
_VALUE_PER_MM = 8.0
"""Gray values of the drawings for a millimeter of bone; they are added, saturating at 255."""


def bone_thickness(rng: np.random.Generator, *, grid: DetectorGrid, thorax: ThoraxAnatomy, view: View) -> FloatImage:
    """Cast the skeleton.

    Returns:
        Millimeters of cortical bone, shape (rows, columns), 0 to about 30.
    """
    back = cv2.add(_posterior_ribs(grid, thorax), _scapulae(grid, thorax, view))
    front = cv2.add(_anterior_ribs(grid, thorax), _clavicles(grid, thorax, view))
    bones = cv2.add(cv2.add(back, front), _spine(grid, view))
    soft = cv2.GaussianBlur(bones, (0, 0), grid.pixels(0.9))
    bone_mm: FloatImage = soft * np.float32(thorax.bone_density / _VALUE_PER_MM)
    for side in (-1, 1):
        head = Ellipsoid(row_mm=-72, column_mm=side * (thorax.half_width_mm + 52), long_mm=24, short_mm=22,
                         depth_mm=16 * thorax.bone_density)  # fmt: skip
        add_ellipsoid(bone_mm, grid, head)
    bone_mm *= _trabeculae(rng, grid=grid, strength=thorax.bone_texture)
    return bone_mm


def _trabeculae(rng: np.random.Generator, *, grid: DetectorGrid, strength: float) -> FloatImage:
    """Draw the grain of spongy bone: bone that is thinned and thickened by turns.

    Returns:
        Share of the thickness that is there, shape (rows, columns), 0.2 to 1.8, 1 on average.
    """
    extent_mm = grid.rows * grid.spacing_mm, grid.columns * grid.spacing_mm
    cells = rng.standard_normal([round(length / _GRAIN_MM) for length in extent_mm], np.float32)
    grain = np.clip(cells * np.float32(_GRAIN_STRENGTH * strength), -0.8, 0.8) + np.float32(1)
    full: FloatImage = cv2.resize(grain, (grid.columns, grid.rows), interpolation=cv2.INTER_LINEAR)
    return full


def _rib_level_mm(thorax: ThoraxAnatomy, pair: int) -> float:
    span = (thorax.dome_row_mm - thorax.apex_row_mm) / (_RIB_PAIRS - 1)
    return thorax.apex_row_mm + 2 + pair * span * 0.93


def _rib_reach_mm(thorax: ThoraxAnatomy, pair: int) -> float:
    return thorax.half_width_mm * float(np.interp(pair, [0, 1, 2, 3, 5, 9], [0.50, 0.70, 0.84, 0.93, 1.0, 1.02]))


def _lateral_row_mm(thorax: ThoraxAnatomy, pair: int) -> float:
    return _rib_level_mm(thorax, pair) + thorax.rib_slope * _rib_reach_mm(thorax, pair)


def _posterior_ribs(grid: DetectorGrid, thorax: ThoraxAnatomy) -> ByteImage:
    turn = np.linspace(0, math.pi / 2, 14)
    paths = []
    for pair in range(_RIB_PAIRS):
        level, reach = _rib_level_mm(thorax, pair), _rib_reach_mm(thorax, pair)
        row = level - 7 * np.sin(2 * turn) + thorax.rib_slope * reach * (1 - np.cos(turn))
        column = 17 + (reach - 17) * np.sin(turn)
        paths += [np.stack([row, side * column], axis=1) for side in (-1, 1)]
    return _tubes(grid, paths, width_mm=11.5, body=49, edge=80)


def _anterior_ribs(grid: DetectorGrid, thorax: ThoraxAnatomy) -> ByteImage:
    turn = np.linspace(0, 0.46 * math.pi, 10)
    paths = []
    for pair in range(1, _RIB_PAIRS - 2):
        reach = _rib_reach_mm(thorax, pair)
        row = _lateral_row_mm(thorax, pair) + (30 + 3 * pair) * np.sin(turn)
        column = reach - 0.66 * reach * (1 - np.cos(turn))
        paths += [np.stack([row, side * column], axis=1) for side in (-1, 1)]
    return _tubes(grid, paths, width_mm=13, body=32, edge=42)


def _clavicles(grid: DetectorGrid, thorax: ThoraxAnatomy, view: View) -> ByteImage:
    shift, wide = view.shift_mm(80), thorax.half_width_mm
    top = 0.62 * thorax.apex_row_mm
    course = ((2, 15.0), (-4, 0.35 * wide), (-16, 0.7 * wide), (-30, 1.05 * wide), (-32, 1.28 * wide))
    paths = [smooth_curve([(top + row, shift + side * column) for row, column in course]) for side in (-1, 1)]
    return _tubes(grid, paths, width_mm=11, body=57, edge=88)


def _tubes(grid: DetectorGrid, paths_mm: list[Points], *, width_mm: float, body: int, edge: int) -> ByteImage:
    """Draw tubes: their two borders, seen along the cortex, are brighter than their middle."""
    coverage = grid.blank()
    stroke(coverage, grid, paths_mm, width_mm=width_mm, value=body)
    edges = [path + np.array([offset * width_mm, 0]) for path in paths_mm for offset in (-0.45, 0.45)]
    stroke(coverage, grid, edges, width_mm=1.2, value=edge)
    return coverage


def _scapulae(grid: DetectorGrid, thorax: ThoraxAnatomy, view: View) -> ByteImage:
    coverage = grid.blank()
    # Shoulders rolled forward, as in a PA view, bring the blades out of the lungs.
    overlap = 0.92 if view.projection is Projection.ANTERO_POSTERIOR else 1.06
    inner = overlap * thorax.half_width_mm
    for side in (-1, 1):
        outline = smooth_curve(
            [(-72, side * (inner + 4)), (-20, side * (inner - 2)), (62, side * (inner + 6)),
             (10, side * (inner + 30)), (-50, side * (inner + 52)), (-84, side * (inner + 46))], closed=True
        )  # fmt: skip
        fill(coverage, grid, outline, 16)
        stroke(coverage, grid, [outline], width_mm=2.0, value=34)
        spine = smooth_curve([(-58, side * (inner + 2)), (-82, side * (inner + 34)), (-98, side * (inner + 62))])
        stroke(coverage, grid, [spine], width_mm=7, value=31)
    return coverage


def _spine(grid: DetectorGrid, view: View) -> ByteImage:
    coverage = grid.blank()
    shift = view.shift_mm(-60)
    height = _VERTEBRA_PITCH_MM - 4
    plates, pedicles, processes = [], [], []
    for row in np.arange(-200, 300, _VERTEBRA_PITCH_MM):
        half = 15 + 4 * float(np.clip((row + 120) / 300, 0, 1))
        outline = np.array([(row, -half), (row, half), (row + height / 2, half - 2), (row + height, half),
                            (row + height, -half), (row + height / 2, 2 - half)])  # fmt: skip
        fill(coverage, grid, outline + np.array([0, shift]), 71)
        plates += [np.array([(end, shift - half), (end, shift + half)]) for end in (row, row + height)]
        pedicles += [np.array([(row + 4, shift + side), (row + 9, shift + side)]) for side in (-10.5, 10.5)]
        # A spinous process points backward: it lies farther from the axis and rotation moves it more.
        processes.append(np.array([(row + 12, 1.4 * shift), (row + 22, 1.4 * shift)]))
    stroke(coverage, grid, plates, width_mm=1.5, value=89)
    stroke(coverage, grid, pedicles, width_mm=4.5, value=101)
    stroke(coverage, grid, processes, width_mm=4, value=94)
    return coverage
