"""The heart in the view: silhouette, left atrium behind it, the thickness they cast, what is measured."""

import math
from dataclasses import dataclass

import numpy as np

from phantoms.anatomy import ChestAnatomy, HeartAnatomy
from phantoms.shapes import (
    DetectorGrid,
    Ellipsoid,
    FloatImage,
    Points,
    add_ellipsoid,
    fill,
    rounded_depth,
    smooth_curve,
)
from phantoms.truth import Box
from phantoms.view import HEART_MAGNIFICATION, View

_HEART_DEPTH_MM = 30.0
"""How far the heart's middle lies in front of the middle of the trunk."""
_ATRIUM_DEPTH_MM = -25.0
"""The left atrium lies behind it."""
_APPENDAGE_ROW_MM = 47.0
"""Height of the left atrial appendage on the left border."""
_VALVE_MM = (62.0, 9.0)
"""Place of the aortic valve in a heart of scale 1, left of the spine's middle."""


@dataclass(frozen=True, kw_only=True)
class HeartShapes:
    """The heart as projected, in patient positions.

    Attributes:
        silhouette: Closed outline of the chambers in front, shape (n, 2).
        left_atrium: Lies behind and adds to the silhouette: the double density.
        appendage_row_mm: Row of the left atrial appendage.
        appendage_column_mm: Column of the left border at this row.
        left_ventricle: Points around the left ventricle, shape (n, 2).
        valve: Place of the aortic valve.
    """

    silhouette: Points
    left_atrium: Ellipsoid
    appendage_row_mm: float
    appendage_column_mm: float
    left_ventricle: Points
    valve: tuple[float, float]

    @property
    def width_mm(self) -> float:
        """Transverse diameter of the silhouette."""
        return float(np.ptp(self.silhouette[:, 1]))

    def heart_box(self, grid: DetectorGrid) -> Box:
        """Return the region of the whole heart."""
        return grid.bounding_box(np.concatenate([self.silhouette, self.left_atrium.corners]))

    def left_atrium_box(self, grid: DetectorGrid) -> Box:
        """Return the region of the left atrium with its appendage."""
        appendage = [
            (self.appendage_row_mm - 14, self.appendage_column_mm - 14),
            (self.appendage_row_mm + 14, self.appendage_column_mm + 2),
        ]
        return grid.bounding_box(np.concatenate([self.left_atrium.corners, np.array(appendage)]))

    def left_ventricle_box(self, grid: DetectorGrid) -> Box:
        """Return the region of the left ventricle."""
        return grid.bounding_box(self.left_ventricle)


def place_heart(anatomy: ChestAnatomy, view: View) -> HeartShapes:
    """Place the heart as this view projects it.

    It rests on the diaphragm. A raised diaphragm pushes it up, lays it across and widens it; an AP view
    magnifies it.
    """
    heart = anatomy.heart
    breath = view.elevation_mm / 45
    factor = heart.scale * HEART_MAGNIFICATION[view.projection] * (1 + 0.06 * breath)
    rise_mm = 0.5 * (anatomy.thorax.dome_row_mm - 136) - 0.45 * view.elevation_mm
    shift_mm = view.shift_mm(_HEART_DEPTH_MM)
    border = _border(heart, tilt_rad=math.radians(heart.axis_deg - 8 * breath))

    def project(point: tuple[float, float]) -> tuple[float, float]:
        return 20 + (point[0] - 20) * factor + rise_mm, point[1] * factor + shift_mm

    scaled = [project(point) for point in border]
    return HeartShapes(
        silhouette=smooth_curve(scaled, steps=6, closed=True),
        left_atrium=_left_atrium(anatomy, view, rise_mm),
        appendage_row_mm=scaled[_APPENDAGE][0],
        appendage_column_mm=scaled[_APPENDAGE][1],
        left_ventricle=np.array([*scaled[_LEFT_VENTRICLE], project(_VENTRICLE_BASE_MM)]),
        valve=project(_VALVE_MM),
    )


_APPENDAGE = 3
"""Place of the appendage among the points of `_border`."""
_LEFT_VENTRICLE = slice(4, 8)
"""Places of the left ventricle among the points of `_border`."""
_VENTRICLE_BASE_MM = (70.0, 3.0)
"""Where the long axis of the left ventricle starts in a heart of scale 1."""


def _border(heart: HeartAnatomy, *, tilt_rad: float) -> list[tuple[float, float]]:
    """Return the border of a heart of scale 1 as points, from the aorta clockwise as seen in the image."""
    stretch, rounding = heart.left_ventricle_scale, heart.apex_rounding_mm / heart.scale

    def ventricle(along: float, across: float) -> tuple[float, float]:
        along, across = along * stretch, across * stretch
        return (
            _VENTRICLE_BASE_MM[0] + along * math.sin(tilt_rad) - across * math.cos(tilt_rad),
            _VENTRICLE_BASE_MM[1] + along * math.cos(tilt_rad) + across * math.sin(tilt_rad),
        )

    shoulder = ventricle(48, 37)
    trunk = (24.0, 24 + heart.pulmonary_trunk_mm / heart.scale)
    share = (_APPENDAGE_ROW_MM - trunk[0]) / (shoulder[0] - trunk[0])
    chord = trunk[1] + share * (shoulder[1] - trunk[1])
    return [
        (-2.0, 0.0),
        (4.0, 30.0),
        trunk,
        (_APPENDAGE_ROW_MM, chord + heart.appendage_bulge_mm / heart.scale),
        shoulder,
        ventricle(74 + 0.5 * rounding, 31 + 1.2 * rounding),
        ventricle(88 + 0.2 * rounding, 9 + 0.4 * rounding),
        ventricle(80 + 0.3 * rounding, -32),
        (146.0, 8.0),
        (132.0, -28.0),
        (110.0, -40.0),
        (84.0, -42.5),
        (55.0, -37.0),
        (24.0, -25.0),
    ]


def _left_atrium(anatomy: ChestAnatomy, view: View, rise_mm: float) -> Ellipsoid:
    half_width_mm = anatomy.heart.left_atrium_width_mm / 2 * HEART_MAGNIFICATION[view.projection] ** 0.5
    return Ellipsoid(
        row_mm=47 + rise_mm + 0.35 * (half_width_mm - 29),
        column_mm=-3 + view.shift_mm(_ATRIUM_DEPTH_MM),
        long_mm=half_width_mm,
        short_mm=0.74 * half_width_mm,
        depth_mm=1.3 * half_width_mm,
        tilt_rad=-0.08,
    )


def heart_thickness(grid: DetectorGrid, shapes: HeartShapes) -> FloatImage:
    """Cast the heart's path length: the silhouette's rounded body, and the left atrium behind it.

    Returns:
        Millimeters of blood and muscle, shape (rows, columns), 0 to about 180.
    """
    coverage = grid.blank()
    fill(coverage, grid, shapes.silhouette)
    thickness_mm = rounded_depth(coverage, reach=grid.pixels(42), coarseness=2) * np.float32(95)
    add_ellipsoid(thickness_mm, grid, shapes.left_atrium)
    return thickness_mm
