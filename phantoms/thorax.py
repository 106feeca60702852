"""The trunk: body outline, lungs, diaphragm, breasts, mediastinum and airways as path lengths."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from phantoms.anatomy import ChestAnatomy, ThoraxAnatomy
from phantoms.aorta import AortaShapes
from phantoms.shapes import (
    ByteImage,
    DetectorGrid,
    Ellipsoid,
    FloatImage,
    Points,
    add_ellipsoid,
    fill,
    rounded_depth,
    smooth_curve,
    stroke,
)
from phantoms.view import View

_RECESS_MM = 38.0
"""How far the costophrenic angle lies below the dome."""


@dataclass(frozen=True, kw_only=True)
class LungOutlines:
    """The coverage of the two lungs, 0 to 255, shape (rows, columns)."""

    right: ByteImage
    left: ByteImage

    @property
    def both(self) -> ByteImage:
        """Coverage of either lung."""
        return np.maximum(self.right, self.left)


def body_thickness(grid: DetectorGrid, thorax: ThoraxAnatomy) -> FloatImage:
    """Cast the trunk, neck and shoulders as if they were solid.

    Returns:
        Millimeters of tissue, shape (rows, columns), 0 beside the patient.
    """
    wide = thorax.half_width_mm
    flank = wide + thorax.wall_mm
    side = [
        (-260, 50), (-165, 52), (-128, 64), (-112, 110), (-98, 165), (-60, 215), (0, 222), (45, 200),
        (75, flank + 22), (110, flank + 6), (180, flank + 2), (260, flank + 8), (330, flank + 14),
    ]  # fmt: skip
    coverage = grid.blank()
    outline = smooth_curve([*side, *((row, -column) for row, column in reversed(side))])
    fill(coverage, grid, outline)
    depth = rounded_depth(coverage, reach=grid.pixels(95), coarseness=4)
    rows_mm = (np.arange(grid.rows) - grid.carina_row) * grid.spacing_mm
    narrowing = np.interp(rows_mm, [-180, -110, -50, 150], [0.68, 0.82, 1.0, 1.06]).astype(np.float32)
    thickness: FloatImage = depth * narrowing[:, None] * np.float32(thorax.depth_mm)
    return thickness


def outline_lungs(grid: DetectorGrid, anatomy: ChestAnatomy, view: View) -> LungOutlines:
    """Draw both lungs down to the diaphragm domes, or to the fluid that stands above them."""
    thorax = anatomy.thorax
    coverages = []
    # The left effusion of a weak heart is the smaller one.
    for side, share in ((-1, 1.0), (1, 0.75)):
        dome_row_mm = _dome_row_mm(thorax, view, side)
        coverage = grid.blank()
        fill(coverage, grid, _lung_outline(thorax, side=side, dome_row_mm=dome_row_mm))
        height_mm = share * anatomy.lungs.effusion_mm
        fill(coverage, grid, _fluid_outline(thorax, side=side, recess_row_mm=dome_row_mm + _RECESS_MM,
                                            height_mm=height_mm), value=0)  # fmt: skip
        coverages.append(coverage)
    return LungOutlines(right=coverages[0], left=coverages[1])


def costophrenic_angles(anatomy: ChestAnatomy, view: View) -> tuple[Points, Points]:
    """Return the corners of the lower lateral 60 mm of the right and the left lung, each of shape (4, 2)."""
    wide = anatomy.thorax.half_width_mm
    right, left = (
        _rectangle(
            rows_mm=(_dome_row_mm(anatomy.thorax, view, side) + _RECESS_MM - np.array([60, 0])),
            columns_mm=side * wide * np.array([0.55, 1.0]),
        )
        for side in (-1, 1)
    )
    return right, left


def upper_zones(anatomy: ChestAnatomy) -> tuple[Points, Points]:
    """Return the corners of the right and the left lung above the hilum, each of shape (4, 2)."""
    rows_mm = np.array([0.85 * anatomy.thorax.apex_row_mm, 10.0])
    right, left = (
        _rectangle(rows_mm=rows_mm, columns_mm=side * anatomy.thorax.half_width_mm * np.array([0.2, 0.85]))
        for side in (-1, 1)
    )
    return right, left


def _rectangle(*, rows_mm: Points, columns_mm: Points) -> Points:
    return np.array([(row, column) for row in rows_mm for column in columns_mm])


def _dome_row_mm(thorax: ThoraxAnatomy, view: View, side: int) -> float:
    """Return the row of a diaphragm dome; the left one (side 1) stands lower."""
    return thorax.dome_row_mm - view.elevation_mm + (8 if side == 1 else 0)


def _fluid_outline(thorax: ThoraxAnatomy, *, side: int, recess_row_mm: float, height_mm: float) -> Points:
    """Return pleural fluid with its meniscus: highest at the lateral wall, at height 0 below the lung."""
    wide = thorax.half_width_mm
    meniscus = [(1.0, 1.06), (0.78, 0.95), (0.55, 0.85), (0.38, 0.70), (0.30, 0.5), (0.28, 0.0)]
    surface = smooth_curve([(recess_row_mm - share * height_mm, side * column * wide) for share, column in meniscus])
    floor = np.array([(recess_row_mm + 30, 0.0), (recess_row_mm + 30, side * 1.06 * wide)])
    return np.concatenate([surface, floor])


def _lung_outline(thorax: ThoraxAnatomy, *, side: int, dome_row_mm: float) -> Points:
    wide, apex = thorax.half_width_mm, thorax.apex_row_mm
    recess = dome_row_mm + _RECESS_MM
    points = [
        (apex, 0.36 * wide), (0.86 * apex, 0.54 * wide), (0.55 * apex, 0.73 * wide),
        (0.1 * apex, 0.86 * wide), (40, 0.95 * wide), (85, wide), (recess - 18, wide), (recess, 0.985 * wide),
        (dome_row_mm + 11, 0.80 * wide), (dome_row_mm, 0.52 * wide), (dome_row_mm + 6, 0.25 * wide),
        (dome_row_mm + 15, 0.06 * wide), (60, 0.05 * wide), (-30, 0.07 * wide), (0.75 * apex, 0.12 * wide),
    ]  # fmt: skip
    return smooth_curve([(row, side * column) for row, column in points], closed=True)


def lung_depth(grid: DetectorGrid, lungs: LungOutlines, thorax: ThoraxAnatomy) -> FloatImage:
    """Cast the lungs' path length, vessels and heart not yet taken out.

    Returns:
        Millimeters, shape (rows, columns).
    """
    rounded = rounded_depth(lungs.both, reach=grid.pixels(62), coarseness=2)
    return rounded * np.float32(0.74 * thorax.depth_mm)


def mediastinum_thickness(grid: DetectorGrid, anatomy: ChestAnatomy, view: View, aorta: AortaShapes) -> FloatImage:
    """Cast the aorta and mediastinal tissue.

    Returns:
        Millimeters, shape (rows, columns).
    """
    half = anatomy.mediastinum.half_width_mm
    column, descent = grid.blank(), grid.blank()
    fill(column, grid, _column(
        [(-150, -22), (-80, -half - 1), (-30, -half), (20, -half - 2), (60, -20), (190, -18)],
        [(-150, 22), (-85, half + 2), (-35, half - 4), (20, half), (60, 18), (190, 20)], view.shift_mm(18)),
        value=210)  # fmt: skip
    stroke(descent, grid, [aorta.descent], width_mm=aorta.descent_width_mm, value=44)
    soft = cv2.GaussianBlur(cv2.add(column, descent), (0, 0), grid.pixels(1.9))
    tissue: FloatImage = soft * np.float32(0.5)
    add_ellipsoid(tissue, grid, aorta.knob)
    add_ellipsoid(tissue, grid, aorta.ascending)
    return tissue


def _column(right: Sequence[tuple[float, float]], left: Sequence[tuple[float, float]], shift_mm: float) -> Points:
    border = np.concatenate([smooth_curve(right), smooth_curve(left)[::-1]])
    shifted: Points = border + np.array([0, shift_mm])
    return shifted


def airway_depth(grid: DetectorGrid, anatomy: ChestAnatomy, view: View) -> FloatImage:
    """Cast the air of trachea and main bronchi.

    Returns:
        Millimeters of air, shape (rows, columns).
    """
    mediastinum = anatomy.mediastinum
    half_angle = np.radians(mediastinum.carina_angle_deg / 2)
    lean = view.shift_mm(8)
    coverage = grid.blank()
    trachea = smooth_curve([(-200, 0), (-90, lean), (-40, lean - 3), (2, lean - 3)])
    stroke(coverage, grid, [trachea], width_mm=mediastinum.trachea_mm, value=255)
    # The right main bronchus runs steeper than the left: 0.8 and 1.2 of the half angle.
    for side, share, length_mm in ((-1, 0.8, 34.0), (1, 1.2, 46.0)):
        angle = share * half_angle
        tip = (float(length_mm * np.cos(angle)), lean - 3 + side * float(length_mm * np.sin(angle)))
        start = (-3.0, lean - 3 + side * 2.0)
        stroke(coverage, grid, [np.array([start, tip])], width_mm=0.72 * mediastinum.trachea_mm, value=215)
    soft = cv2.GaussianBlur(coverage, (0, 0), grid.pixels(1.2)).astype(np.float32)
    return soft * np.float32(1.5 * mediastinum.trachea_mm / 255)


def breast_thickness(grid: DetectorGrid, thorax: ThoraxAnatomy) -> FloatImage:
    """Cast the breasts, a soft upper and a sharper lower border.

    Returns:
        Millimeters, shape (rows, columns).
    """
    tissue = grid.empty()
    if thorax.breast_mm > 2:
        for side in (-1, 1):
            add_ellipsoid(tissue, grid, Ellipsoid(
                row_mm=95 + 0.6 * thorax.breast_mm, column_mm=side * 0.66 * thorax.half_width_mm,
                long_mm=52 + 0.6 * thorax.breast_mm, short_mm=48 + 0.4 * thorax.breast_mm,
                depth_mm=0.65 * thorax.breast_mm, tilt_rad=side * 0.6))  # fmt: skip
    return tissue
