"""One picture of a cardiac MIBG study: slices through the heart, early and late, with the outlines of the masks."""

from collections.abc import Callable, Sequence
from functools import cache
from textwrap import wrap
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from preprocessing.mibg_quantities import MaskedTime, Quantity, unknown_lines
from preprocessing.organ_masks import OrganMasks
from specs.notices import NOT_A_DEVICE

Picture = NDArray[np.uint8]
"""RGB, shape (row, column, 3), 0 to 255."""

_SIDE_MM: Final = 400.0
"""Of what a slice shows, about its middle: a chest."""
_SIDE: Final = 320
_PANEL: Final = 460
_LINE, _MARGIN, _TITLE, _LETTERS = 18, 12, 22, 62
_BRIGHTEST_QUANTILE: Final = 0.985
"""Of a volume's counts what is white: below the liver, so that the heart is seen."""
_TEXT: Final = (235, 235, 235)
_COLORS: Final = {"heart": (255, 80, 80), "lungs": (90, 170, 255), "liver": (90, 220, 120)}
_NOTE: Final = f"{NOT_A_DEVICE}, not for clinical use"


def organ_picture(early: MaskedTime, late: MaskedTime, quantities: Sequence[Quantity]) -> Picture:
    """Show a coronal and a transverse slice of each time through the middle of the heart, and what was measured.

    Slices are as radiologists look at them: the patient's right at the left of the picture, the head or the front up.
    Each volume has its own brightness.

    Args:
        early: Early volume and masks.
        late: Late ones.
        quantities: What is written beside them; of what is unknown, why.

    Returns:
        RGB, 0 to 255; early left of late, coronal above transverse slices.
    """
    width, height = 2 * _SIDE + _PANEL, 2 * _SIDE + _TITLE
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    for column, each in enumerate((early, late)):
        draw.text((column * _SIDE + 8, 2), each.time, fill=_TEXT, font=_font())
        for row, shown in enumerate(_slices(each)):
            picture.paste(Image.fromarray(shown), (column * _SIDE, _TITLE + row * _SIDE))
            _draw_sides(draw, left=column * _SIDE, bottom=_TITLE + (row + 1) * _SIDE)
    _draw_panel(draw, quantities)
    return np.asarray(picture, dtype=np.uint8)


def _slices(each: MaskedTime) -> tuple[Picture, Picture]:
    """Return the coronal and the transverse slice."""
    head, back = _middle(each.masks)
    slice_mm, row_mm, column_mm = each.volume.spacing_mm

    def coronal(values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(values[::-1, back])

    def transverse(values: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(values[head])

    return _slice(each, coronal, (slice_mm, column_mm)), _slice(each, transverse, (row_mm, column_mm))


def _middle(masks: OrganMasks) -> tuple[int, int]:
    """Return slice and row of the middle of the heart, of all organs where there is none, or of the volume."""
    for mask in (masks.heart, masks.any_organ, np.ones_like(masks.heart)):
        if mask.any():
            head, back, _ = ndimage.center_of_mass(mask)
            break
    return round(float(head)), round(float(back))


def _slice(each: MaskedTime, cut: Callable[[NDArray[Any]], NDArray[Any]], sides_mm: tuple[float, float]) -> Picture:
    """Draw a cut through the counts in gray with the outlines of the masks, shape (320, 320, 3)."""
    counts = each.volume.values
    white = float(np.quantile(counts, _BRIGHTEST_QUANTILE)) or 1.0
    gray = np.rint(np.clip(cut(counts) / white, 0, 1) * 255).astype(np.uint8)
    picture = np.stack([_placed(gray, sides_mm)] * 3, axis=-1)
    for name, color in _COLORS.items():
        inside = _placed(cut(getattr(each.masks, name)).astype(np.uint8) * 255, sides_mm) >= 128
        outlines, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, outlines, -1, color, 1, cv2.LINE_AA)
    return np.asarray(picture, np.uint8)


def _placed(image: NDArray[np.uint8], sides_mm: tuple[float, float]) -> NDArray[np.uint8]:
    """Enlarge a slice and put its middle into the middle of a square; black beside it."""
    row_pixels, column_pixels = (side_mm * _SIDE / _SIDE_MM for side_mm in sides_mm)
    rows, columns = image.shape
    # to where the center of a pixel goes from where it was
    matrix = np.array(
        [
            [column_pixels, 0, _SIDE / 2 - 0.5 - column_pixels * (columns - 1) / 2],
            [0, row_pixels, _SIDE / 2 - 0.5 - row_pixels * (rows - 1) / 2],
        ]
    )
    return np.asarray(cv2.warpAffine(np.ascontiguousarray(image), matrix, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR))


def _draw_sides(draw: ImageDraw.ImageDraw, *, left: int, bottom: int) -> None:
    draw.text((left + 6, bottom - _LINE - 2), "R", fill=_TEXT, font=_font())
    draw.text((left + _SIDE - _LINE, bottom - _LINE - 2), "L", fill=_TEXT, font=_font())


def _draw_panel(draw: ImageDraw.ImageDraw, quantities: Sequence[Quantity]) -> None:
    left, top = 2 * _SIDE + _MARGIN, _MARGIN
    for name, color in _COLORS.items():
        draw.text((left, top), name, fill=color, font=_font())
        left += 70
    lines = [str(each.measurement) for each in quantities if each.measurement is not None]
    lines += [*unknown_lines(quantities), _NOTE]
    top += _LINE
    for line in lines:
        for part in wrap(line, _LETTERS):
            top += _LINE
            draw.text((2 * _SIDE + _MARGIN, top), part, fill=_TEXT, font=_font())


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=13)
