"""Gray JPEG by libjpeg-turbo: decoded so that damage is found.

libjpeg only warns where entropy-coded data end too soon or go on after the last pixel, and imagecodecs passes no
warning on. In the lossless process the bits are counted afterwards. Of the others the pixels are too far from what is
coded; so they are asked for with one row of blocks more than there is, and what libjpeg makes up there tells how much
was left for it. Where blocks lack all of their data, it leaves them in the middle of the range.

Source:
    ITU-T T.81 (JPEG): A.2.2 one component comes block by block, F.1.2.3 the last byte is filled up with ones.
"""

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from preprocessing.jpeg_header import LOSSLESS, SoundJpeg
from preprocessing.jpeg_lossless_length import check_length
from preprocessing.pixel_layout import Undecodable

Samples = NDArray[np.unsignedinteger]
"""Axes (row, column), of 8 bits for a precision up to 8, else of 16."""

_BLOCK = 8
_MOST_ROWS = 0xFFFF

_MOST_SURPLUS_BYTES = 2
"""Most that may follow the last pixel: a byte of padding, and another: our choice."""

_FILLER = b"\xb5" * 32
"""Data that differ from the zeros that libjpeg goes on with, from the first bit on."""


def decode_gray_jpeg(frame: bytes, header: SoundJpeg, *, signed: bool = False) -> Samples:
    """Decode a codestream of one component.

    What its data lack or have too much is not looked for where it has restart markers.

    Args:
        frame: The codestream, found sound by `check_jpeg`, which returned its `header`.
        header: What it says of its image; sequential DCT or lossless.
        signed: Whether samples may be negative, which JPEG does not know: those beyond the precision are then let pass.

    Returns:
        Samples, shape (rows, columns) of the header, 0 to 2 to the power of its precision less one unless `signed`.

    Raises:
        Undecodable: the data end before the last pixel, go on after it, or hold values beyond the precision.
        imagecodecs.Jpeg8Error: it does not decode.
    """
    if header.process in LOSSLESS:
        decoded = _decode(frame, header.rows, header)
        check_length(frame, decoded, header)
        if not signed and int(decoded.max()) >> header.precision:
            raise Undecodable(f"its codestream holds values of more than its {header.precision} bits")
        return decoded
    whole = -(-header.rows // _BLOCK) * _BLOCK
    if header.has_restarts or whole + _BLOCK > _MOST_ROWS:
        return _decode(frame, header.rows, header)
    return _decode_to_the_end(frame, whole, header)


def _decode(frame: bytes, rows: int, header: SoundJpeg) -> Samples:
    """Decode a codestream that declares so many rows."""
    out = np.empty((rows, header.columns), dtype=np.uint8 if header.precision <= 8 else np.uint16)
    decoded: Samples = imagecodecs.jpeg8_decode(frame, out=out)
    return decoded


def _decode_to_the_end(frame: bytes, whole: int, header: SoundJpeg) -> Samples:
    """Decode with a row of blocks more than the `whole` ones. What seems wrong in it is tried out with other data."""
    rows, end = header.rows, header.data_end

    def decode(data: bytes) -> Samples:
        start = (
            frame[: header.rows_at]
            + (whole + _BLOCK).to_bytes(2, "big")
            + frame[header.rows_at + 2 : header.data_start]
        )
        return _decode(start + data + frame[end:], whole + _BLOCK, header)

    data = frame[header.data_start : end].rstrip(b"\xff")  # fill bytes, T.81 B.1.1.2
    decoded = decode(data)
    pixels = decoded[:rows]
    is_made_up = decoded[whole:] == 1 << (header.precision - 1)
    # the first block beyond still takes the bits that fill the last byte
    if is_made_up[:, :_BLOCK].all() and not np.array_equal(decode(data + _FILLER)[:rows], pixels):
        raise Undecodable("its data end before the last pixel")
    second = is_made_up[:, _BLOCK : 2 * _BLOCK]
    if not second.all() and np.array_equal(decode(data[: -_MOST_SURPLUS_BYTES - 1])[:rows], pixels):
        raise Undecodable("its data go on after the last pixel")
    return pixels
