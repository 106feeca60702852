"""Polar maps as pictures: the left ventricle seen from the apex, with borders and numbers of the 17 segments."""

from functools import cache

import cv2
import numpy as np
from cmap import Colormap
from numpy.typing import NDArray

from evaluation.polar_map import PolarMap
from specs.myocardial_segments import AHA_SEGMENTS, Level, Segment

_SIDE, _MARGIN = 512, 8
_RADIUS = _SIDE / 2 - _MARGIN
_FRACTION_BITS = 4
"""OpenCV draws between pixels in fractions of 2^-4."""
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)

Picture = NDArray[np.uint8]
"""RGB, shape (row, column, 3), 0 to 255."""


def polar_picture(values: PolarMap, *, highest: float) -> Picture:
    """Draw a polar map as it is displayed: anterior up, septum left, apex in the middle, base outside.

    Each of the four levels has a quarter of the radius.

    Args:
        values: At least 0: see `PolarMap`.
        highest: What gets the brightest color, in the unit of `values`; above 0. Maps that are compared share it.

    Returns:
        Shape (512, 512, 3); white outside.

    Raises:
        ValueError: `highest` is not above 0.
    """
    if not highest > 0:
        raise ValueError("highest must be above 0")
    places = (np.arange(_SIDE) + 0.5) - _SIDE / 2
    right, down = np.meshgrid(places, places)
    radius = np.hypot(right, down) / _RADIUS
    angle = np.arctan2(-down, right) % (2 * np.pi)
    rings, angles = values.shape
    ring = np.minimum((radius * rings).astype(int), rings - 1)
    shares = values[ring, np.minimum((angle / (2 * np.pi) * angles).astype(int), angles - 1)] / highest
    picture: Picture = _colors()[np.rint(np.clip(shares, 0.0, 1.0) * 255).astype(np.uint8)]
    picture[radius > 1] = 255
    for segment in AHA_SEGMENTS:
        _draw_borders(picture, segment)
        _draw_number(picture, segment)
    return picture


def color_scale(*, rows: int, columns: int) -> Picture:
    """Draw the colors of polar maps from nothing at the left to the highest at the right, shape (rows, columns, 3)."""
    shades = np.rint(np.linspace(0, 255, columns)).astype(np.uint8)
    return np.tile(_colors()[shades], (rows, 1, 1))


@cache
def _colors() -> Picture:
    """Return 256 colors from nothing to the highest, shape (256, 3)."""
    colors = np.asarray(Colormap("matplotlib:inferno")(np.linspace(0.0, 1.0, 256))[:, :3])
    return np.asarray(np.rint(colors * 255), dtype=np.uint8)


def _radii(segment: Segment) -> tuple[float, float]:
    """Return the inner and the outer radius of a segment's level, pixels."""
    place = list(Level).index(segment.level)
    width = _RADIUS / len(Level)
    return place * width, (place + 1) * width


def _pixel(radius: float, degrees: float) -> tuple[int, int]:
    """Return a place as OpenCV wants it: column and row, in fractions of a pixel, whose centers are whole."""
    angle, scale = np.radians(degrees), 2**_FRACTION_BITS
    column, row = _SIDE / 2 + radius * np.cos(angle) - 0.5, _SIDE / 2 - radius * np.sin(angle) - 0.5
    return round(float(column) * scale), round(float(row) * scale)


def _draw_borders(picture: Picture, segment: Segment) -> None:
    inner, outer = _radii(segment)
    scale = 2**_FRACTION_BITS
    cv2.circle(picture, _pixel(0, 0), round(outer * scale), _WHITE, 1, cv2.LINE_AA, _FRACTION_BITS)
    if segment.level is not Level.APEX:
        ends = _pixel(inner, segment.start_degrees), _pixel(outer, segment.start_degrees)
        cv2.line(picture, *ends, _WHITE, 1, cv2.LINE_AA, _FRACTION_BITS)


def _draw_number(picture: Picture, segment: Segment) -> None:
    inner, outer = _radii(segment)
    middle = 0.0 if segment.level is Level.APEX else (inner + outer) / 2
    column, row = (
        each / 2**_FRACTION_BITS for each in _pixel(middle, (segment.start_degrees + segment.end_degrees) / 2)
    )
    text, font, size = str(segment.number), cv2.FONT_HERSHEY_SIMPLEX, 0.6
    (width, height), _ = cv2.getTextSize(text, font, size, 1)
    corner = round(column - width / 2), round(row + height / 2)
    cv2.putText(picture, text, corner, font, size, _BLACK, 4, cv2.LINE_AA)
    cv2.putText(picture, text, corner, font, size, _WHITE, 1, cv2.LINE_AA)
