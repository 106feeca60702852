"""The aorta in the view, from the valve over the arch downward, with the calcium in it."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from phantoms.anatomy import ChestAnatomy
from phantoms.heart import HeartShapes
from phantoms.shapes import DetectorGrid, Ellipsoid, FloatImage, Points, smooth_curve, stroke
from phantoms.truth import Box
from phantoms.view import View

_VALVE_REACH_MM: Final = (10.0, 14.0)
"""Half height and half width of the calcified valve with its annulus."""
_SPECKS: Final = 9
_CALCIUM_MM: Final = 14.0
"""Calcium along the beam in the thickest speck of a valve that is full of it. Our choice, by eye."""
_KNOB_CALCIUM_MM: Final = 12.0
_VALUE_PER_MM: Final = 12.0
"""Gray values of the drawing for a millimeter of calcium."""


@dataclass(frozen=True, kw_only=True)
class AortaShapes:
    """The aorta as projected, in patient positions.

    Attributes:
        valve: Place of the aortic valve.
        ascending: Ascending aorta, the upper right border of the mediastinum.
        knob: Arch seen end on.
        descent: Course of the descending aorta, shape (n, 2).
        descent_width_mm: Its width.
    """

    valve: tuple[float, float]
    ascending: Ellipsoid
    knob: Ellipsoid
    descent: Points
    descent_width_mm: float

    def root_box(self, grid: DetectorGrid) -> Box:
        """Return the region of aortic valve and ascending aorta."""
        valve = np.array(self.valve) + np.array([(-1, -1), (1, 1)]) * _VALVE_REACH_MM
        return grid.bounding_box(np.concatenate([self.ascending.corners, valve]))

    def knob_box(self, grid: DetectorGrid) -> Box:
        """Return the region of the aortic knob."""
        return grid.bounding_box(self.knob.corners)


def place_aorta(anatomy: ChestAnatomy, view: View, heart: HeartShapes) -> AortaShapes:
    """Place the aorta as this view projects it; its root follows the heart up and sideways."""
    mediastinum = anatomy.mediastinum
    knob, unfolded = mediastinum.aortic_knob_mm, mediastinum.aortic_unfolding_mm
    radius = mediastinum.ascending_aorta_mm / 2
    front, back = view.shift_mm(35), view.shift_mm(-45)
    knob_column = 18 + 0.6 * knob + view.shift_mm(-10)
    # A wider ascending aorta grows outward, away from the spine, and so shows more than its radius.
    ascending_column = -9 - 0.35 * unfolded - 0.7 * (radius - 15.5) + front
    return AortaShapes(
        valve=heart.valve,
        ascending=Ellipsoid(row_mm=heart.valve[0] - 48, column_mm=ascending_column, long_mm=48,
                            short_mm=radius + 2, depth_mm=2.9 * radius, tilt_rad=1.5),
        knob=Ellipsoid(row_mm=-16, column_mm=knob_column, long_mm=1.1 * knob, short_mm=knob, depth_mm=75,
                       tilt_rad=1.2),
        descent=smooth_curve([(-10, knob_column), (40, 22 + unfolded + back), (100, 17 + 0.7 * unfolded + back),
                              (190, 6 + back)]),
        descent_width_mm=1.5 * knob + 4,
    )  # fmt: skip


def calcium_thickness(
    rng: np.random.Generator, *, grid: DetectorGrid, anatomy: ChestAnatomy, aorta: AortaShapes
) -> FloatImage:
    """Cast the calcium of valve, annulus and knob.

    The random numbers taken do not depend on how much there is.

    Returns:
        Millimeters of calcium, shape (rows, columns), 0 to about 20.
    """
    coverage = grid.blank()
    angles, reaches, amounts = rng.uniform(0, 2 * np.pi, _SPECKS), rng.uniform(0, 0.8, _SPECKS), rng.random(_SPECKS)
    calcification = anatomy.heart.valve_calcification
    directions = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    places = np.array(aorta.valve) + directions * reaches[:, None] * _VALVE_REACH_MM
    annulus = np.array(aorta.valve) + _circle(0.15 * np.pi, 0.95 * np.pi) * _VALVE_REACH_MM
    stroke(coverage, grid, [annulus], width_mm=4, value=_gray(0.7 * calcification * _CALCIUM_MM))
    for place, amount in sorted(zip(places, amounts, strict=True), key=lambda speck: float(speck[1])):
        thickness_mm = calcification * (0.35 + 0.65 * float(amount)) * _CALCIUM_MM
        stroke(coverage, grid, [np.array([place, place + 0.1])], width_mm=5, value=_gray(thickness_mm))
    arch = np.array([aorta.knob.row_mm, aorta.knob.column_mm]) + _circle(-0.45 * np.pi, 0.3 * np.pi) * (
        0.9 * anatomy.mediastinum.aortic_knob_mm
    )
    knob_mm = anatomy.mediastinum.knob_calcification * _KNOB_CALCIUM_MM
    stroke(coverage, grid, [arch], width_mm=3, value=_gray(knob_mm))
    return cv2.GaussianBlur(coverage, (0, 0), grid.pixels(0.7)) * np.float32(1 / _VALUE_PER_MM)


def _circle(start_rad: float, end_rad: float) -> Points:
    """Return an arc of radius 1 as directions (row, column); angles grow from the column axis toward the feet."""
    angles = np.linspace(start_rad, end_rad, 12)
    return np.stack([np.sin(angles), np.cos(angles)], axis=1)


def _gray(thickness_mm: float) -> int:
    return int(min(round(thickness_mm * _VALUE_PER_MM), 255))
