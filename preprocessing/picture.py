"""PNG and JPEG files of research sets: pixels without a header that says what they show."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from preprocessing.errors import PixelDecode, UnsupportedImage

Image.MAX_IMAGE_PIXELS = None  # the recipe's own bound is looked at before a pixel is decoded

_BROKEN_PICTURE = (EOFError, IndexError, OSError, SyntaxError, TypeError, ValueError, struct.error, zlib.error)
"""What Pillow raises on damaged files."""

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}

_GRAY_MODES = ("1", "L", "LA")
_DEEP_GRAY_MODES = ("I;16", "I;16B", "I;16L", "I")
_COLOR_MODES = ("P", "RGB", "RGBA")

_UINT16_PER_UINT8 = 257  # 65535 / 255


def picture_format(start: bytes) -> str | None:
    """Name the format of a file from its first bytes, "PNG" or "JPEG"; None for any other file."""
    return next((name for signature, name in _SIGNATURES.items() if start.startswith(signature)), None)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A PNG or JPEG file held in memory, its header read, its pixels not yet decoded."""

    format: str
    image: Image.Image

    @property
    def matrix(self) -> tuple[int, int]:
        """Rows and columns, as the header declares them."""
        return self.image.height, self.image.width


def read_picture(content: bytes) -> Picture:
    """Read the header of a PNG or JPEG file.

    Raises:
        PixelDecode: the header is damaged.
    """
    name = picture_format(content) or "PNG or JPEG"
    try:
        return Picture(format=name, image=Image.open(BytesIO(content), formats=("PNG", "JPEG")))
    except _BROKEN_PICTURE as error:
        raise PixelDecode(transfer_syntax=name, cause=type(error).__name__) from None


def displayed_picture(picture: Picture) -> NDArray[np.uint16] | None:
    """Decode a picture to gray values.

    8-bit values are taken as they are. 16-bit ones are stretched from the smallest to the largest that occurs, for
    nothing says how many of the bits are used: our choice.

    Args:
        picture: One whose matrix was found within the recipe's bounds.

    Returns:
        Gray values, axes (row, column), 0 (black) to 65535 (white); None where the picture has colors.

    Raises:
        PixelDecode: the pixels do not decode.
        UnsupportedImage: the picture is neither gray nor RGB.
    """
    mode = picture.image.mode
    if mode not in (*_GRAY_MODES, *_DEEP_GRAY_MODES, *_COLOR_MODES):
        raise UnsupportedImage(what=f"its colors are {mode}", accepted="gray or RGB, 8 or 16 bits")
    try:
        if mode in _DEEP_GRAY_MODES:
            return _stretched(np.asarray(picture.image, dtype=np.int64))
        if mode in _GRAY_MODES:
            return _widened(np.asarray(picture.image.convert("L")))
        colors = np.asarray(picture.image.convert("RGB"))
    except _BROKEN_PICTURE as error:
        raise PixelDecode(transfer_syntax=picture.format, cause=type(error).__name__) from None
    is_gray = np.array_equal(colors[..., 0], colors[..., 1]) and np.array_equal(colors[..., 0], colors[..., 2])
    return _widened(colors[..., 0]) if is_gray else None


def _widened(gray: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return gray.astype(np.uint16) * np.uint16(_UINT16_PER_UINT8)


def _stretched(gray: NDArray[np.int64]) -> NDArray[np.uint16]:
    low, high = int(gray.min()), int(gray.max())
    if low == high:
        return np.zeros(gray.shape, dtype=np.uint16)
    return ((gray - low) * 65535 // (high - low)).astype(np.uint16)
