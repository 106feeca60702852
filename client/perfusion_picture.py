"""Polar maps of SPECT and virtual PET at stress and rest, side by side in one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from client.polar_picture import Picture, color_scale, polar_picture
from evaluation.polar_map import PolarMap

NOTE: Final = "Virtual PET is synthetic, computed from SPECT: research only, not for clinical use."
_CAPTION_PIXELS: Final = 36
_WALL_PIXELS: Final = 26
"""Around each map, for the names of the walls."""
_SCALE_PIXELS: Final = 64
_NOTE_PIXELS: Final = 32
_SCALE_SIDES: Final = (18, 360)
_MARKS_PERCENT: Final = (0, 50, 100)
_SCALE_TITLE: Final = "% of the highest segment of the map"
_MARGIN: Final = 12
_BLACK: Final = (0, 0, 0)
_GRAY: Final = (90, 90, 90)


@dataclass(frozen=True, kw_only=True)
class CaptionedMap:
    """One polar map with what is written above it.

    Attributes:
        caption: What it shows.
        percents: At least 0, % of the highest segment: 100 has the brightest color, so that maps compare.
        sum_of_scores: In a few words.
    """

    caption: str
    percents: PolarMap
    sum_of_scores: str


def perfusion_picture(rows: Sequence[Sequence[CaptionedMap]]) -> Picture:
    """Draw polar maps in rows and columns with captions and walls, below them their colors and that they are synthetic.

    Args:
        rows: As many maps in each.

    Returns:
        RGB, shape (row, column, 3), 0 to 255, on white.
    """
    drawn = [[_with_walls(polar_picture(each.percents, highest=100.0)) for each in row] for row in rows]
    side = drawn[0][0].width
    panel = side + _CAPTION_PIXELS
    below = panel * len(rows)
    picture = Image.new("RGB", (side * len(rows[0]), below + _SCALE_PIXELS + _NOTE_PIXELS), "white")
    draw = ImageDraw.Draw(picture)
    for row, (maps, images) in enumerate(zip(rows, drawn, strict=True)):
        for column, (each, image) in enumerate(zip(maps, images, strict=True)):
            left, top = column * side, row * panel
            draw.text((left + _MARGIN, top + _MARGIN), f"{each.caption}: {each.sum_of_scores}", _BLACK, font=_font())
            picture.paste(image, (left, top + _CAPTION_PIXELS))
    _draw_scale(picture, top=below)
    draw.text((_MARGIN, below + _SCALE_PIXELS + _MARGIN // 2), NOTE, _GRAY, font=_font())
    return np.asarray(picture, dtype=np.uint8)


def _with_walls(polar: Picture) -> Image.Image:
    """Name the walls about a map; septal and lateral are read along it."""
    side = polar.shape[0] + 2 * _WALL_PIXELS
    picture = Image.new("RGB", (side, side), "white")
    picture.paste(Image.fromarray(polar), (_WALL_PIXELS, _WALL_PIXELS))
    for name, turns, is_far in (("anterior", 0, 0), ("septal", 1, 0), ("inferior", 0, 1), ("lateral", 1, 1)):
        strip = Image.new("RGB", (side, _WALL_PIXELS), "white")
        ImageDraw.Draw(strip).text((side / 2, _WALL_PIXELS / 2), name, _GRAY, font=_font(), anchor="mm")
        place = is_far * (side - _WALL_PIXELS)
        picture.paste(strip.rotate(90 * turns, expand=True), (place, 0) if turns else (0, place))
    return picture


def _draw_scale(picture: Image.Image, *, top: int) -> None:
    """Draw what the colors stand for, with marks, in the middle of the picture's width."""
    rows, columns = _SCALE_SIDES
    left, draw = (picture.width - columns) // 2, ImageDraw.Draw(picture)
    picture.paste(Image.fromarray(color_scale(rows=rows, columns=columns)), (left, top + _MARGIN))
    for percent in _MARKS_PERCENT:
        place = (left + percent / 100 * columns, top + _MARGIN + rows + 4)
        draw.text(place, str(percent), _BLACK, font=_font(), anchor="ma")
    draw.text((left + columns + 2 * _MARGIN, top + _MARGIN + rows / 2), _SCALE_TITLE, _BLACK, font=_font(), anchor="lm")


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=18)
