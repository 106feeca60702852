"""The detector's grid, and the two shapes that anatomy is built of: ellipsoids and curves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from phantoms.truth import Box

FloatImage = NDArray[np.float32]
"""One value a pixel, axes (row, column)."""
ByteImage = NDArray[np.uint8]
"""Coverage of a pixel by a shape, 0 to 255, axes (row, column)."""
Points = NDArray[np.float64]
"""Positions, shape (n, 2), columns (row, column)."""

_SHIFT: Final = 4
"""Fractional bits of the vertices that OpenCV draws: a sixteenth of a pixel."""


@dataclass(frozen=True, kw_only=True)
class DetectorGrid:
    """The pixels of the detector and where the patient's carina falls on them.

    Attributes:
        rows: Rows of the matrix.
        columns: Columns of the matrix.
        spacing_mm: Side of a pixel.
        carina_row: Row of the carina in pixels.
        carina_column: Column of the carina in pixels.
        tilt_rad: Rotation of the patient in the plane of the image.
    """

    rows: int
    columns: int
    spacing_mm: float
    carina_row: float
    carina_column: float
    tilt_rad: float

    def to_pixels(self, points_mm: Points) -> Points:
        """Map patient positions, shape (n, 2), to pixel positions of the same shape."""
        cos, sin = math.cos(self.tilt_rad), math.sin(self.tilt_rad)
        row_mm, column_mm = points_mm[:, 0], points_mm[:, 1]
        return np.stack(
            [
                self.carina_row + (cos * row_mm + sin * column_mm) / self.spacing_mm,
                self.carina_column + (cos * column_mm - sin * row_mm) / self.spacing_mm,
            ],
            axis=1,
        )

    def pixels(self, length_mm: float) -> float:
        """Return a length in pixels."""
        return length_mm / self.spacing_mm

    def bounding_box(self, points_mm: Points) -> Box:
        """Return the box around patient positions, shape (n, 2), in fractions of the image, cut at its edges."""
        places = self.to_pixels(points_mm) / (self.rows, self.columns)
        (top, left), (bottom, right) = places.min(axis=0).clip(0, 0.99), places.max(axis=0).clip(0.01, 1)
        return Box(top=float(top), left=float(left), bottom=float(bottom), right=float(right))

    def empty(self) -> FloatImage:
        """Return a map of zeros, shape (rows, columns)."""
        return np.zeros((self.rows, self.columns), np.float32)

    def blank(self) -> ByteImage:
        """Return a coverage of zeros, shape (rows, columns)."""
        return np.zeros((self.rows, self.columns), np.uint8)


@dataclass(frozen=True, kw_only=True)
class Ellipsoid:
    """An ellipsoid seen along the beam.

    Attributes:
        row_mm: Row of its center.
        column_mm: Column of its center.
        long_mm: Semi-axis along `tilt_rad`.
        short_mm: Semi-axis across it.
        depth_mm: Thickness along the beam at its center.
        tilt_rad: Angle of the long axis from the column axis toward growing rows.
    """

    row_mm: float
    column_mm: float
    long_mm: float
    short_mm: float
    depth_mm: float
    tilt_rad: float = 0.0

    @property
    def half_width_mm(self) -> float:
        """Half extent along columns."""
        return math.hypot(self.long_mm * math.cos(self.tilt_rad), self.short_mm * math.sin(self.tilt_rad))

    @property
    def half_height_mm(self) -> float:
        """Half extent along rows."""
        return math.hypot(self.long_mm * math.sin(self.tilt_rad), self.short_mm * math.cos(self.tilt_rad))

    @property
    def corners(self) -> Points:
        """Corners of the rectangle around it, shape (4, 2)."""
        half = np.array([self.half_height_mm, self.half_width_mm])
        signs = np.array([(-1, -1), (-1, 1), (1, -1), (1, 1)])
        corners: Points = np.array([self.row_mm, self.column_mm]) + signs * half
        return corners


Window = tuple[slice, slice]
"""The rows and columns of a part of an image."""


def interior(grid: DetectorGrid, shape: Ellipsoid) -> tuple[Window, FloatImage]:
    """Find the part of the image that an ellipsoid covers, and how deep inside it each pixel lies.

    Returns:
        The window of its bounding box inside the image, and for it `1 - r * r` with r the normalized radius:
        0 from the outline outward, 1 at the center.
    """
    row, column = grid.to_pixels(np.array([[shape.row_mm, shape.column_mm]]))[0]
    reach_row = grid.pixels(max(shape.half_height_mm, 1.0)) * 1.1 + 2
    reach_column = grid.pixels(max(shape.half_width_mm, 1.0)) * 1.1 + 2
    top, bottom = np.clip([row - reach_row, row + reach_row + 1], 0, grid.rows).astype(int)
    left, right = np.clip([column - reach_column, column + reach_column + 1], 0, grid.columns).astype(int)
    tilt = shape.tilt_rad - grid.tilt_rad
    rows = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(row)
    columns = np.arange(left, right, dtype=np.float32)[None, :] - np.float32(column)
    along = (rows * math.sin(tilt) + columns * math.cos(tilt)) / np.float32(grid.pixels(shape.long_mm))
    across = (rows * math.cos(tilt) - columns * math.sin(tilt)) / np.float32(grid.pixels(shape.short_mm))
    inside = np.maximum(np.float32(1) - along * along - across * across, np.float32(0))
    return (slice(top, bottom), slice(left, right)), inside.astype(np.float32, copy=False)


def add_ellipsoid(thickness_mm: FloatImage, grid: DetectorGrid, shape: Ellipsoid) -> None:
    """Add an ellipsoid's path length to a map of thickness, in place."""
    window, inside = interior(grid, shape)
    thickness_mm[window] += np.sqrt(inside) * np.float32(shape.depth_mm)


def smooth_curve(points_mm: Sequence[tuple[float, float]], *, steps: int = 8, closed: bool = False) -> Points:
    """Run a Catmull-Rom curve through points.

    Args:
        points_mm: Positions (row, column).
        steps: Points of the curve for each part between two given points.
        closed: Whether the last point joins the first.

    Returns:
        Positions on the curve, shape (n, 2).
    """
    given = np.asarray(points_mm, np.float64)
    if closed:
        padded = np.concatenate([given[-1:], given, given[:2]])
    else:
        padded = np.concatenate([2 * given[:1] - given[1:2], given, 2 * given[-1:] - given[-2:-1]])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    b, s, e, a = before[:, None], start[:, None], end[:, None], after[:, None]
    linear, square, cubic = e - b, 2 * b - 5 * s + 4 * e - a, 3 * s - b - 3 * e + a
    curve = s + 0.5 * (linear * t + square * t**2 + cubic * t**3)
    flat = curve.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, given[-1:]])


def fill(coverage: ByteImage, grid: DetectorGrid, outline_mm: Points, value: int = 255) -> None:
    """Fill an outline, shape (n, 2), in place with smooth edges."""
    cv2.fillPoly(coverage, [_vertices(grid, outline_mm)], value, cv2.LINE_AA, _SHIFT)


def stroke(coverage: ByteImage, grid: DetectorGrid, paths_mm: Sequence[Points], *, width_mm: float, value: int) -> None:
    """Draw paths, each of shape (n, 2), in place and all alike; they are at least one pixel wide."""
    width = max(1, round(grid.pixels(width_mm)))
    vertices = _vertices(grid, np.concatenate(paths_mm))
    ends = np.cumsum([len(path) for path in paths_mm])[:-1]
    cv2.polylines(coverage, np.split(vertices, ends), False, value, width, cv2.LINE_AA, _SHIFT)


def rounded_depth(coverage: ByteImage, *, reach: float, coarseness: int) -> FloatImage:
    """Give a filled outline the depth of a rounded body.

    Args:
        coverage: The outline filled, 0 to 255, shape (rows, columns).
        reach: How far inside the outline, in pixels, the body has its full depth.
        coarseness: Side of the blocks of pixels on which distances are measured, to save time.

    Returns:
        0 outside, rising like a quarter ellipse to 1, shape (rows, columns).
    """
    rows, columns = coverage.shape
    small_size = (max(columns // coarseness, 1), max(rows // coarseness, 1))
    small = cv2.resize(coverage, small_size, interpolation=cv2.INTER_LINEAR)
    distance = cv2.distanceTransform((small > 127).astype(np.uint8), cv2.DIST_L2, 3)
    inward = np.minimum(distance * np.float32(coarseness / reach), np.float32(1))
    rounded = cv2.GaussianBlur(np.sqrt(inward * (np.float32(2) - inward)), (0, 0), 0.7)
    full: FloatImage = cv2.resize(rounded, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return full


def _vertices(grid: DetectorGrid, points_mm: Points) -> NDArray[np.int32]:
    pixels = grid.to_pixels(points_mm)[:, ::-1]
    return np.rint(pixels * (1 << _SHIFT)).astype(np.int32)[:, None, :]
