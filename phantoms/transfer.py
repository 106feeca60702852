"""The transfer syntaxes that phantoms are written in, all of them without loss."""

import struct
from enum import StrEnum
from typing import assert_never

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

StoredImage = NDArray[np.uint16]
"""Stored values, axes (row, column)."""


class TransferSyntax(StrEnum):
    """Transfer Syntax UID (0002,0010)."""

    IMPLICIT_LITTLE_ENDIAN = ImplicitVRLittleEndian
    EXPLICIT_LITTLE_ENDIAN = ExplicitVRLittleEndian
    RLE = RLELossless
    JPEG_LOSSLESS = JPEGLosslessSV1
    JPEG_LS = JPEGLSLossless
    JPEG_2000 = JPEG2000Lossless


def transfer(ds: FileDataset, syntax: TransferSyntax, *, stored: StoredImage) -> None:
    """Bring a data set in Explicit VR Little Endian into another transfer syntax, in place.

    Args:
        ds: What was built.
        syntax: The transfer syntax wanted.
        stored: Its stored values, shape (rows, columns).
    """
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    frame = encode_frame(stored, syntax, bits_stored=ds.BitsStored)
    if frame is not None:
        ds.PixelData = encapsulate([frame])
        # PS3.5 A.4: encapsulated Pixel Data is OB, of undefined length.
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True


def encode_frame(stored: StoredImage, syntax: TransferSyntax, *, bits_stored: int) -> bytes | None:
    """Compress one frame without loss.

    Returns:
        The frame's bit stream, or None where the transfer syntax stores pixels as they are.
    """
    match syntax:
        case TransferSyntax.EXPLICIT_LITTLE_ENDIAN | TransferSyntax.IMPLICIT_LITTLE_ENDIAN:
            return None
        case TransferSyntax.RLE:
            return _encode_rle(stored)
        case TransferSyntax.JPEG_LOSSLESS:
            # PS3.5 10.2: process 14, selection value 1, which is the predictor.
            return bytes(imagecodecs.jpeg8_encode(stored, lossless=True, predictor=1, bitspersample=bits_stored))
        case TransferSyntax.JPEG_LS:
            return bytes(imagecodecs.jpegls_encode(stored, level=0))
        case TransferSyntax.JPEG_2000:
            return bytes(
                imagecodecs.jpeg2k_encode(stored, reversible=True, codecformat="j2k", bitspersample=bits_stored)
            )
        case _:
            assert_never(syntax)


def _encode_rle(stored: StoredImage) -> bytes:
    """Encode both bytes of every pixel as a segment each, the high one first, row by row (PS3.5 G.3 to G.5)."""
    segments = []
    for plane in ((stored >> 8).astype(np.uint8), (stored & 0xFF).astype(np.uint8)):
        segment = b"".join(imagecodecs.packbits_encode(row.tobytes()) for row in plane)
        segments.append(segment + b"\0" * (len(segment) % 2))
    offsets = (64, 64 + len(segments[0]))
    return struct.pack("<16L", len(segments), *offsets, *[0] * 13) + b"".join(segments)
