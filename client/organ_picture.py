"""One picture of a cardiac MIBG study, early and late: slices through the heart with outlines, and planar images."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from preprocessing.planar_heart import PlanarRatio
from preprocessing.unknown import Unknown
from specs.notices import NOT_A_DEVICE

Picture = NDArray[np.uint8]
"""RGB, shape (row, column, 3), 0 to 255."""

_SIDE_MM: Final = 400.0
"""Of what a slice shows, about its middle: a chest."""
_SIDE: Final = 320
_PANEL: Final = 460
_LINE, _MARGIN, _TITLE, _LETTERS = 18, 12, 22, 62
_WHITE_OVER_CHEST: Final = 1.3
"""What is white, over the brightest parts of heart and lungs: our choice. The liver is beyond it, so that the chest is
seen of a heart too that takes up hardly anything."""
_BRIGHT_SHARES: Final = {"heart": 0.95, "lungs": 0.9}
"""Quantile of what is bright in an organ: lungs have counts of the liver at their border."""
_BRIGHTEST_QUANTILE: Final = 0.985
"""The same of all counts, where neither was found."""
_WHITE_OVER_REGIONS: Final = 2.0
"""The same on a planar image, over the mean of its brighter region."""
_PLANAR_QUANTILE: Final = 0.9
_MEDIASTINUM_COLOR: Final = (255, 220, 80)
_TEXT: Final = (235, 235, 235)
_COLORS: Final = {"heart": (255, 80, 80), "lungs": (90, 170, 255), "liver": (90, 220, 120)}
_NOTE: Final = f"{NOT_A_DEVICE}, not for clinical use"


@dataclass(frozen=True, kw_only=True)
class PictureTime:
    """What the picture shows of one time: the volume with its masks, the regions on the planar image or why none."""

    masked: MaskedTime
    regions: PlanarRatio | Unknown


def organ_picture(early: PictureTime, late: PictureTime, quantities: Sequence[Quantity]) -> Picture:
    """Show a coronal and a transverse slice of each time through the middle of the heart, and what was measured.

    Slices are as radiologists look at them: the patient's right at the left of the picture, the head or the front up.
    Each volume has its own brightness, by heart and lungs. Where the study has a planar image, it is below them with
    the heart's circle and the mediastinum's rectangle.

    Args:
        early: Early volume and masks.
        late: Late ones.
        quantities: What is written beside them; of what is unknown, why.

    Returns:
        RGB, 0 to 255; early left of late, coronal above transverse slices above planar images.
    """
    shown = [[*_slices(each.masked), *_planar(each)] for each in (early, late)]
    width, height = 2 * _SIDE + _PANEL, max(map(len, shown)) * _SIDE + _TITLE
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    for column, (each, images) in enumerate(zip((early, late), shown, strict=True)):
        draw.text((column * _SIDE + 8, 2), each.masked.time, fill=_TEXT, font=_font())
        for row, image in enumerate(images):
            picture.paste(Image.fromarray(image), (column * _SIDE, _TITLE + row * _SIDE))
            _draw_sides(draw, left=column * _SIDE, bottom=_TITLE + (row + 1) * _SIDE)
    legend = dict(_COLORS)
    if any(isinstance(each.regions, PlanarRatio) for each in (early, late)):
        legend["mediastinum"] = _MEDIASTINUM_COLOR
    _draw_panel(draw, quantities, legend)
    return np.asarray(picture, dtype=np.uint8)


def _planar(each: PictureTime) -> Iterator[Picture]:
    """Yield the planar image, where there is one, with the outlines of its regions."""
    image, regions = each.masked.point.planar, each.regions
    if isinstance(image, Unknown):
        return
    if isinstance(regions, Unknown):
        yield _gray(image.counts, float(np.quantile(image.counts, _PLANAR_QUANTILE)), image.pixel_mm)
        return
    white = _WHITE_OVER_REGIONS * max(regions.heart_counts, regions.mediastinum_counts)
    picture = _gray(image.counts, white, image.pixel_mm)
    _outline(picture, regions.heart, image.pixel_mm, color=_COLORS["heart"])
    _outline(picture, regions.mediastinum, image.pixel_mm, color=_MEDIASTINUM_COLOR)
    yield picture


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
    picture = _gray(cut(each.volume.values), _white(each), sides_mm)
    for name, color in _COLORS.items():
        _outline(picture, cut(getattr(each.masks, name)), sides_mm, color=color)
    return picture


def _white(each: MaskedTime) -> float:
    """Return which counts of a volume are white."""
    counts = each.volume.values
    organs = [(counts[getattr(each.masks, name)], share) for name, share in _BRIGHT_SHARES.items()]
    bright = [float(np.quantile(inside, share)) for inside, share in organs if inside.size]
    return _WHITE_OVER_CHEST * max(bright) if bright else float(np.quantile(counts, _BRIGHTEST_QUANTILE))


def _gray(counts: NDArray[Any], white: float, sides_mm: tuple[float, float]) -> Picture:
    gray = np.rint(np.clip(counts / (white or 1.0), 0, 1) * 255).astype(np.uint8)
    return np.stack([_placed(gray, sides_mm)] * 3, axis=-1)


def _outline(picture: Picture, mask: NDArray[Any], sides_mm: tuple[float, float], *, color: tuple[int, ...]) -> None:
    """Draw the outline of a mask, in place."""
    inside = _placed(mask.astype(np.uint8) * 255, sides_mm) >= 128
    outlines, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, outlines, -1, color, 1, cv2.LINE_AA)


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


def _draw_panel(
    draw: ImageDraw.ImageDraw, quantities: Sequence[Quantity], legend: Mapping[str, tuple[int, ...]]
) -> None:
    left, top = 2 * _SIDE + _MARGIN, _MARGIN
    for name, color in legend.items():
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
