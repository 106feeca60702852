"""PNG and JPEG files of research sets: pixels without a header that says what they show."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from preprocessing.errors import PixelDecode, UnsupportedImage
from preprocessing.gray_jpeg import decode_gray_jpeg
from preprocessing.gray_values import UINT16_PER_UINT8, Displayed
from preprocessing.jpeg_header import JPEG_LS, LOSSLESS, SEQUENTIAL_DCT, check_jpeg, read_jpeg_header
from preprocessing.pixel_layout import PixelLayout, Undecodable

Image.MAX_IMAGE_PIXELS = None  # the recipe's own bound is looked at before a pixel is decoded

_GRAY_JPEG = SEQUENTIAL_DCT | LOSSLESS
"""JPEG processes of which gray is decoded as in DICOM: damage is found, and Pillow knows 8 bits only."""

_BROKEN_PICTURE = (
    EOFError, IndexError, OSError, RuntimeError, SyntaxError, TypeError, ValueError, struct.error, zlib.error
)  # fmt: skip
"""What Pillow and imagecodecs raise on damaged files."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIGNATURES = {_PNG_SIGNATURE: "PNG", b"\xff\xd8\xff": "JPEG"}

_GRAY_MODES = ("1", "L", "LA")
_DEEP_GRAY_MODES = ("I;16", "I;16B", "I;16L", "I")
_COLOR_MODES = ("P", "RGB", "RGBA")
_ACCEPTED = "PNG or JPEG, gray or RGB; RGB of 8 bits, gray of up to 16"


def picture_format(start: bytes) -> str | None:
    """Name the format of a file from its first bytes, "PNG" or "JPEG"; None for any other file."""
    return next((name for signature, name in _SIGNATURES.items() if start.startswith(signature)), None)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A PNG or JPEG file held in memory, its header read, its pixels not yet decoded."""

    format: str
    matrix: tuple[int, int]
    """Rows and columns, as the header declares them."""

    content: bytes
    """The file."""

    image: Image.Image | None
    """Opened by Pillow; None for a gray JPEG file."""


def read_picture(content: bytes) -> Picture:
    """Read the header of a PNG or JPEG file.

    Raises:
        PixelDecode: the header is damaged.
        UnsupportedImage: JPEG of a kind that is not read.
    """
    name = picture_format(content) or "PNG or JPEG"
    gray = _gray_jpeg(content) if name == "JPEG" else None
    if gray:
        return gray
    try:
        image = Image.open(BytesIO(content), formats=("PNG", "JPEG"))
    except _BROKEN_PICTURE as error:
        raise PixelDecode(transfer_syntax=name, cause=type(error).__name__) from None
    return Picture(format=name, matrix=(image.height, image.width), content=content, image=image)


def _gray_jpeg(content: bytes) -> Picture | None:
    """Return a gray JPEG file of 2 to 16 bits; None for what only Pillow may read."""
    try:
        header = read_jpeg_header(content)
    except Undecodable:
        return None
    if header.process in JPEG_LS:
        raise UnsupportedImage(what="it is JPEG-LS outside of DICOM", accepted=_ACCEPTED)
    if not 2 <= header.precision <= 16:
        return None
    if header.components == 1 and header.process in _GRAY_JPEG:
        return Picture(format="JPEG", matrix=(header.rows, header.columns), content=content, image=None)
    if header.precision == 8:
        return None
    kind = "" if header.process in _GRAY_JPEG else ", neither sequential nor lossless"
    what = f"it is JPEG of {header.precision} bits and {header.components} components{kind}"
    raise UnsupportedImage(what=what, accepted=_ACCEPTED)


def displayed_picture(picture: Picture) -> Displayed | None:
    """Decode a picture to gray values.

    8-bit values are taken as they are. Those of other bits are stretched from the smallest to the largest that occurs,
    for nothing says how many of the bits are used: our choice.

    Args:
        picture: One whose matrix was found within the recipe's bounds.

    Returns:
        Gray values, axes (row, column); None where the picture has colors.

    Raises:
        PixelDecode: the pixels do not decode.
        UnsupportedImage: the picture is neither gray nor RGB.
    """
    try:
        return _displayed_jpeg(picture) if picture.image is None else _displayed(picture.image, picture)
    except Undecodable as error:
        raise PixelDecode(transfer_syntax=picture.format, cause=str(error)) from None
    except _BROKEN_PICTURE as error:
        raise PixelDecode(transfer_syntax=picture.format, cause=type(error).__name__) from None


def _displayed(image: Image.Image, picture: Picture) -> Displayed | None:
    if image.mode not in (*_GRAY_MODES, *_DEEP_GRAY_MODES, *_COLOR_MODES):
        raise UnsupportedImage(what=f"its colors are {image.mode}", accepted=_ACCEPTED)
    if picture.format == "PNG":
        _check_checksums(picture.content)
    if image.mode in _DEEP_GRAY_MODES:
        return _stretched(np.asarray(image, dtype=np.int64))
    if image.mode in _GRAY_MODES:
        return _widened(np.asarray(image.convert("L")))
    colors = np.asarray(image.convert("RGB"))
    is_gray = np.array_equal(colors[..., 0], colors[..., 1]) and np.array_equal(colors[..., 0], colors[..., 2])
    return _widened(colors[..., 0]) if is_gray else None


def _check_checksums(png: bytes) -> None:
    """Check every chunk to the end of the file, PNG (Third Edition) 5.3: Pillow stops where it has all rows."""
    content, start = memoryview(png), len(_PNG_SIGNATURE)
    while start + 12 <= len(png):
        end = start + 8 + int.from_bytes(png[start : start + 4], "big")
        if zlib.crc32(content[start + 4 : end]) != int.from_bytes(png[end : end + 4], "big"):
            raise Undecodable("a checksum does not fit")
        if png.startswith(b"IEND", start + 4):
            return
        start = end + 4
    raise Undecodable("it does not reach its end")


def _displayed_jpeg(picture: Picture) -> Displayed:
    rows, columns = picture.matrix
    layout = PixelLayout(rows=rows, columns=columns, bits_allocated=16, bits_stored=16, signed=False)
    header = check_jpeg(picture.content, layout, _GRAY_JPEG)
    gray = decode_gray_jpeg(picture.content, header)
    return _widened(gray.astype(np.uint8)) if header.precision == 8 else _stretched(gray.astype(np.int64))


def _widened(gray: NDArray[np.uint8]) -> Displayed:
    return Displayed(patterns=gray, table=np.arange(256, dtype=np.uint16) * np.uint16(UINT16_PER_UINT8))


def _stretched(gray: NDArray[np.int64]) -> Displayed:
    low, high = int(gray.min()), int(gray.max())
    if low == high:
        return Displayed(patterns=np.zeros(gray.shape, dtype=np.uint16))
    return Displayed(patterns=((gray - low) * 65535 // (high - low)).astype(np.uint16))
