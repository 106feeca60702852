"""Files of the deflated transfer syntax: what they would take in memory is found out before they are inflated."""

import zlib

from pydicom.uid import DeflatedExplicitVRLittleEndian

from preprocessing.errors import UnsupportedImage
from preprocessing.pixel_layout import LARGEST_DECODED_BYTES

_GROUP_LENGTH = b"\x02\x00\x00\x00UL\x04\x00"
"""File Meta Information Group Length (0002,0000), the first element after the preamble: PS3.10 7.1."""

_GROUP_LENGTH_AT = 132
_LARGEST_RATIO = 1032
"""Deflate expands at most so: RFC 1951, 258 bytes from two bits."""

_STEP_BYTES = 1024 * 1024


def refuse_deflate_bomb(content: bytes) -> None:
    """Refuse a deflated file that holds more than `LARGEST_DECODED_BYTES`; pydicom inflates without a bound.

    Only a file that could hold so much is inflated here, a step at a time; other files cost a look at their header.

    Args:
        content: A DICOM Part 10 file.

    Raises:
        UnsupportedImage: it inflates beyond the bound.

    Source:
        DICOM PS3.5 A.5.
    """
    start = _GROUP_LENGTH_AT + len(_GROUP_LENGTH) + 4
    if not content.startswith(_GROUP_LENGTH, _GROUP_LENGTH_AT):
        meta_end = _GROUP_LENGTH_AT
    else:
        meta_end = start + int.from_bytes(content[start - 4 : start], "little")
    is_deflated = DeflatedExplicitVRLittleEndian.encode() in content[start:meta_end]
    if is_deflated and (len(content) - meta_end) * _LARGEST_RATIO > LARGEST_DECODED_BYTES:
        _count(content[meta_end:])


def _count(deflated: bytes) -> None:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated_bytes = 0
    while deflated and not stream.eof:
        try:
            step = stream.decompress(deflated, _STEP_BYTES)
        except zlib.error:
            return  # the reader names what does not parse
        inflated_bytes += len(step)
        if inflated_bytes > LARGEST_DECODED_BYTES:
            raise UnsupportedImage(
                what=f"it inflates to more than {LARGEST_DECODED_BYTES // 2**20} MiB", accepted="less than that"
            )
        if not step:
            return
        deflated = stream.unconsumed_tail
