"""One picture of an answer from features: the image that they were measured on, and what each stage says."""

from functools import cache
from typing import Final

import cv2
import numpy as np
from cmap import Colormap
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from client.interpretation import Call
from client.result import ResultRow
from preprocessing import PreparedFeatures

_IMAGE_PIXELS: Final = 384
_PANEL_PIXELS: Final = 420
_MARGIN: Final = 20
_LINE_PIXELS: Final = 24
_BAR_PIXELS: Final = 16
_TEXT: Final = (235, 235, 235)
_TRACK: Final = (60, 60, 60)
_BAR: Final = (90, 150, 220)
_POSITIVE: Final = (225, 110, 60)


def feature_picture(prepared: PreparedFeatures, row: ResultRow) -> NDArray[np.uint8]:
    """Show the image beside the probability of each feature and of the disease, and what was measured.

    Args:
        prepared: The image and the measurements; the patient's right is at its left, as radiologists look at it.
        row: The answer.

    Returns:
        RGB, shape (384, 804, 3), 0 to 255.

    Source:
        Figure 2 of Nakajima 2022 (10.1007/s12149-022-01759-z) shows both for a patient; the layout is our choice.
    """
    picture = Image.new("RGB", (_IMAGE_PIXELS + _PANEL_PIXELS, _IMAGE_PIXELS))
    picture.paste(Image.fromarray(_colored(prepared.image)), (0, 0))
    draw = ImageDraw.Draw(picture)
    _draw_side_names(draw)
    top = _MARGIN
    bars = [(member.title or member.model, member.value, _BAR) for member in row.members]
    if row.value is not None:
        answer = row.model if row.finding is None else row.finding.meaning
        bars.append((answer, row.value, _POSITIVE if row.call is Call.POSITIVE else _BAR))
    for name, probability, color in bars:
        top = _draw_bar(draw, name, probability, top=top, color=color)
    top += _MARGIN // 2
    for measurement in prepared.measurements:
        draw.text((_IMAGE_PIXELS + _MARGIN, top), str(measurement), fill=_TEXT, font=_font())
        top += _LINE_PIXELS - 4
    return np.asarray(picture, dtype=np.uint8)


def _draw_side_names(draw: ImageDraw.ImageDraw) -> None:
    draw.text((8, _IMAGE_PIXELS - _LINE_PIXELS), "R", fill=_TEXT, font=_font())
    draw.text((_IMAGE_PIXELS - _MARGIN, _IMAGE_PIXELS - _LINE_PIXELS), "L", fill=_TEXT, font=_font())


def _draw_bar(
    draw: ImageDraw.ImageDraw, name: str, probability: float, *, top: int, color: tuple[int, int, int]
) -> int:
    """Draw name, bar and number of a probability; returns where the next one begins."""
    left, width = _IMAGE_PIXELS + _MARGIN, _PANEL_PIXELS - 2 * _MARGIN - 60
    draw.text((left, top), name, fill=_TEXT, font=_font())
    bar = top + _LINE_PIXELS - 4
    draw.rectangle((left, bar, left + width, bar + _BAR_PIXELS), fill=_TRACK)
    draw.rectangle((left, bar, left + round(width * probability), bar + _BAR_PIXELS), fill=color)
    draw.text((left + width + 10, bar - 1), f"{probability:.2f}", fill=_TEXT, font=_font())
    return bar + _BAR_PIXELS + 8


def _colored(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    enlarged = cv2.resize(image, (_IMAGE_PIXELS, _IMAGE_PIXELS), interpolation=cv2.INTER_CUBIC)
    colors: NDArray[np.uint8] = _colors()[enlarged]
    return colors


@cache
def _colors() -> NDArray[np.uint8]:
    colored = np.asarray(Colormap("matplotlib:inferno")(np.linspace(0, 1, 256))[:, :3], dtype=np.float32)
    return np.rint(colored * 255).astype(np.uint8)


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=15)
