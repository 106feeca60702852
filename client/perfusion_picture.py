"""Polar maps of SPECT and virtual PET at stress and rest, side by side in one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from client.polar_picture import Picture, polar_picture
from evaluation.polar_map import PolarMap

NOTE: Final = "Virtual PET is synthetic, computed from SPECT: research only, not for clinical use."
_CAPTION_PIXELS: Final = 36
_NOTE_PIXELS: Final = 32
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
    """Draw polar maps in rows and columns with captions, and say below that they are synthetic.

    Args:
        rows: As many maps in each.

    Returns:
        RGB, shape (row, column, 3), 0 to 255, on white.
    """
    drawn = [[polar_picture(each.percents, highest=100.0) for each in row] for row in rows]
    side = drawn[0][0].shape[0]
    panel = side + _CAPTION_PIXELS
    picture = Image.new("RGB", (side * len(rows[0]), panel * len(rows) + _NOTE_PIXELS), "white")
    draw = ImageDraw.Draw(picture)
    for row, (maps, images) in enumerate(zip(rows, drawn, strict=True)):
        for column, (each, image) in enumerate(zip(maps, images, strict=True)):
            left, top = column * side, row * panel
            draw.text((left + _MARGIN, top + _MARGIN), f"{each.caption}: {each.sum_of_scores}", _BLACK, font=_font())
            picture.paste(Image.fromarray(image), (left, top + _CAPTION_PIXELS))
    draw.text((_MARGIN, panel * len(rows) + _MARGIN // 2), NOTE, _GRAY, font=_font())
    return np.asarray(picture, dtype=np.uint8)


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=18)
