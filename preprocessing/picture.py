"""PNG and JPEG files of research sets: pixels without a header that says what they show."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from preprocessing.errors import PixelDecode, UnsupportedImage
from preprocessing.jpeg_header import JPEG_LS, LOSSLESS, SEQUENTIAL_DCT, check_jpeg, read_jpeg_header
from preprocessing.pixel_layout import PixelLayout, Undecodable

Image.MAX_IMAGE_PIXELS = None  # the recipe's own bound is looked at before a pixel is decoded

_DEEP_JPEG = SEQUENTIAL_DCT | LOSSLESS
"""JPEG processes of which gray of other than 8 bits is read, by imagecodecs: Pillow knows 8 bits only."""

_BROKEN_PICTURE = (
    EOFError, IndexError, OSError, RuntimeError, SyntaxError, TypeError, ValueError, struct.error, zlib.error
)  # fmt: skip
"""What Pillow and imagecodecs raise on damaged files."""

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}

_GRAY_MODES = ("1", "L", "LA")
_DEEP_GRAY_MODES = ("I;16", "I;16B", "I;16L", "I")
_COLOR_MODES = ("P", "RGB", "RGBA")
_ACCEPTED = "PNG or JPEG, gray or RGB; RGB of 8 bits, gray of up to 16"

_UINT16_PER_UINT8 = 257  # 65535 / 255


def picture_format(start: bytes) -> str | None:
    """Name the format of a file from its first bytes, "PNG" or "JPEG"; None for any other file."""
    return next((name for signature, name in _SIGNATURES.items() if start.startswith(signature)), None)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A PNG or JPEG file held in memory, its header read, its pixels not yet decoded."""

    format: str
    matrix: tuple[int, int]
    """Rows and columns, as the header declares them."""

    image: Image.Image | bytes
    """Opened by Pillow, or the codestream of a gray JPEG file of other than 8 bits."""


def read_picture(content: bytes) -> Picture:
    """Read the header of a PNG or JPEG file.

    Raises:
        PixelDecode: the header is damaged.
        UnsupportedImage: JPEG of a kind that is not read.
    """
    name = picture_format(content) or "PNG or JPEG"
    try:
        image = Image.open(BytesIO(content), formats=("PNG", "JPEG"))
    except _BROKEN_PICTURE as error:
        deep = _deep_jpeg(content)
        if deep is None:
            raise PixelDecode(transfer_syntax=name, cause=type(error).__name__) from None
        return deep
    return Picture(format=name, matrix=(image.height, image.width), image=image)


def _deep_jpeg(content: bytes) -> Picture | None:
    """Return a gray JPEG file of 2 to 16 bits other than 8; None for what is no readable JPEG."""
    try:
        header = read_jpeg_header(content)
    except Undecodable:
        return None
    if header.process in JPEG_LS:
        raise UnsupportedImage(what="it is JPEG-LS outside of DICOM", accepted=_ACCEPTED)
    if header.precision == 8 or not 2 <= header.precision <= 16:
        return None
    if header.components != 1 or header.process not in _DEEP_JPEG:
        kind = "" if header.process in _DEEP_JPEG else ", neither sequential nor lossless"
        what = f"it is JPEG of {header.precision} bits and {header.components} components{kind}"
        raise UnsupportedImage(what=what, accepted=_ACCEPTED)
    return Picture(format="JPEG", matrix=(header.rows, header.columns), image=content)


def displayed_picture(picture: Picture) -> NDArray[np.uint16] | None:
    """Decode a picture to gray values.

    8-bit values are taken as they are. Those of other bits are stretched from the smallest to the largest that occurs,
    for nothing says how many of the bits are used: our choice.

    Args:
        picture: One whose matrix was found within the recipe's bounds.

    Returns:
        Gray values, axes (row, column), 0 (black) to 65535 (white); None where the picture has colors.

    Raises:
        PixelDecode: the pixels do not decode.
        UnsupportedImage: the picture is neither gray nor RGB.
    """
    try:
        return _displayed(picture.image, picture.matrix)
    except Undecodable as error:
        raise PixelDecode(transfer_syntax=picture.format, cause=str(error)) from None
    except _BROKEN_PICTURE as error:
        raise PixelDecode(transfer_syntax=picture.format, cause=type(error).__name__) from None


def _displayed(image: Image.Image | bytes, matrix: tuple[int, int]) -> NDArray[np.uint16] | None:
    if isinstance(image, bytes):
        return _stretched(_decode_deep_jpeg(image, matrix))
    if image.mode not in (*_GRAY_MODES, *_DEEP_GRAY_MODES, *_COLOR_MODES):
        raise UnsupportedImage(what=f"its colors are {image.mode}", accepted=_ACCEPTED)
    if image.mode in _DEEP_GRAY_MODES:
        return _stretched(np.asarray(image, dtype=np.int64))
    if image.mode in _GRAY_MODES:
        return _widened(np.asarray(image.convert("L")))
    colors = np.asarray(image.convert("RGB"))
    is_gray = np.array_equal(colors[..., 0], colors[..., 1]) and np.array_equal(colors[..., 0], colors[..., 2])
    return _widened(colors[..., 0]) if is_gray else None


def _decode_deep_jpeg(codestream: bytes, matrix: tuple[int, int]) -> NDArray[np.int64]:
    layout = PixelLayout(rows=matrix[0], columns=matrix[1], bits_allocated=16, bits_stored=16, signed=False)
    precision = check_jpeg(codestream, layout, _DEEP_JPEG).precision
    out = np.empty(matrix, dtype=np.uint8 if precision <= 8 else np.uint16)
    imagecodecs.jpeg8_decode(codestream, out=out)
    return out.astype(np.int64)


def _widened(gray: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return gray.astype(np.uint16) * np.uint16(_UINT16_PER_UINT8)


def _stretched(gray: NDArray[np.int64]) -> NDArray[np.uint16]:
    low, high = int(gray.min()), int(gray.max())
    if low == high:
        return np.zeros(gray.shape, dtype=np.uint16)
    return ((gray - low) * 65535 // (high - low)).astype(np.uint16)
