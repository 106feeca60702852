"""What the header of an image says of its pixels, checked: the Image Pixel module (PS3.3 C.7.6.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from preprocessing.attributes import whole_number, word
from preprocessing.errors import InvalidAttribute, MissingAttribute, UnsupportedImage

StoredPixels = NDArray[np.unsignedinteger] | NDArray[np.signedinteger]
"""Stored values, axes (row, column) or, of colors, (row, column, sample), dtype as Pixel Representation and Bits
Allocated say."""


class ColorSpace(StrEnum):
    """What the samples of a pixel are."""

    GRAY = "gray"
    RGB = "RGB"
    YBR = "YCBCR"  # luminance, blue and red chrominance


COLOR_SPACES: Mapping[str, ColorSpace] = MappingProxyType(
    {
        "MONOCHROME1": ColorSpace.GRAY,
        "MONOCHROME2": ColorSpace.GRAY,
        "RGB": ColorSpace.RGB,
        "YBR_FULL": ColorSpace.YBR,
        "YBR_FULL_422": ColorSpace.YBR,
    }
)
"""Every Photometric Interpretation (PS3.3 C.7.6.3.1.2) that is read; what is not here is refused."""

_OTHER_INTERPRETATIONS = (
    "PALETTE COLOR", "YBR_ICT", "YBR_RCT", "YBR_PARTIAL_420", "YBR_PARTIAL_422", "XYB", "HSV", "ARGB", "CMYK"
)  # fmt: skip
"""Refused by their names; text that is none of the standard's is not repeated."""

LARGEST_DECODED_BYTES = 256 * 1024 * 1024
"""Most memory that one decoded image, or one inflated file, may take; our choice: twice the largest radiograph of a
recipe (64 million pixels of 16 bits)."""


class Undecodable(ValueError):
    """The bytes are not the image that the header declares; the text says why, without a value from the file."""


@dataclass(frozen=True, kw_only=True)
class PixelLayout:
    """One frame of one gray sample a pixel, or of three of a color."""

    rows: int
    columns: int
    color_space: ColorSpace = ColorSpace.GRAY
    bits_allocated: int
    bits_stored: int
    signed: bool
    is_high_bit_wrong: bool = False
    """High Bit is not Bits Stored less one, the only one that PS3.5 8.1.1 knows. The values are read from the lower
    bits all the same, as pydicom does, but none is cut: nobody knows where its bits are. Our choice."""

    @classmethod
    def of(cls, ds: Dataset) -> "PixelLayout":
        """Read the layout of an image.

        Raises:
            MissingAttribute: an attribute is absent or not a number.
            InvalidAttribute: Pixel Representation is neither of the two.
            UnsupportedImage: not one frame in one of `COLOR_SPACES`, other bits than PS3.5 8.1.1 allows, or more than
                `LARGEST_DECODED_BYTES`.
        """
        layout = cls(
            rows=_number(ds, "Rows"),
            columns=_number(ds, "Columns"),
            color_space=_color_space(ds),
            bits_allocated=_number(ds, "BitsAllocated"),
            bits_stored=_number(ds, "BitsStored"),
            signed=_number(ds, "PixelRepresentation") == 1,
            is_high_bit_wrong=whole_number(ds, "HighBit") not in (None, _number(ds, "BitsStored") - 1),
        )
        _check_bits(ds, layout)
        _check_one_frame(ds, layout)
        if layout.rows < 1 or layout.columns < 1 or layout.decoded_bytes > LARGEST_DECODED_BYTES:
            raise UnsupportedImage(
                what=f"its matrix is {layout.rows} x {layout.columns}",
                accepted=f"1 x 1 up to {LARGEST_DECODED_BYTES // 2**20} MiB of pixels",
            )
        return layout

    @property
    def samples(self) -> int:
        """Samples a pixel."""
        return 1 if self.color_space is ColorSpace.GRAY else 3

    @property
    def matrix(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, columns and, of colors, samples."""
        return self.matrix if self.samples == 1 else (*self.matrix, self.samples)

    @property
    def dtype(self) -> np.dtype[np.integer]:
        """Type of the stored values, in the byte order of this machine."""
        return np.dtype(f"{'i' if self.signed else 'u'}{self.bits_allocated // 8}")

    @property
    def decoded_bytes(self) -> int:
        """Memory of the decoded frame."""
        return self.rows * self.columns * self.samples * self.bits_allocated // 8

    @property
    def stored_range(self) -> tuple[int, int]:
        """Lowest and highest value that Bits Stored can hold."""
        lowest = -(1 << (self.bits_stored - 1)) if self.signed else 0
        return lowest, lowest + (1 << self.bits_stored) - 1


def _number(ds: Dataset, keyword: str) -> int:
    number = whole_number(ds, keyword)
    if number is None:
        raise MissingAttribute(keyword=keyword)
    return number


def _check_bits(ds: Dataset, layout: PixelLayout) -> None:
    if not 1 <= layout.bits_stored <= layout.bits_allocated or layout.bits_allocated not in (8, 16):
        raise UnsupportedImage(
            what=f"it has {layout.bits_stored} bits stored in {layout.bits_allocated}",
            accepted="1 to 8 bits in 8, or 1 to 16 in 16",
        )
    if ds.PixelRepresentation not in (0, 1):  # PS3.3 C.7.6.3.1.1: unsigned, two's complement
        raise InvalidAttribute(keyword="PixelRepresentation")


def _color_space(ds: Dataset) -> ColorSpace:
    interpretation = word(ds, "PhotometricInterpretation")
    if interpretation not in COLOR_SPACES:
        named = interpretation if interpretation in _OTHER_INTERPRETATIONS else "none of these"
        raise UnsupportedImage(what=f"its photometric interpretation is {named}", accepted=", ".join(COLOR_SPACES))
    return COLOR_SPACES[interpretation]


def _check_one_frame(ds: Dataset, layout: PixelLayout) -> None:
    samples = _number(ds, "SamplesPerPixel")
    if samples != layout.samples:
        raise UnsupportedImage(
            what=f"it has {samples} samples a pixel", accepted=f"{layout.samples} in its photometric interpretation"
        )
    if layout.samples == 3 and layout.signed:  # a color has no value below black
        raise UnsupportedImage(what="its colors are signed", accepted="unsigned colors")
    if word(ds, "NumberOfFrames") not in ("", "0"):  # absent or empty is one frame, and some writers put 0
        frames = _number(ds, "NumberOfFrames")
        if frames != 1:
            raise UnsupportedImage(what=f"it has {frames} frames", accepted="1")
