"""JPEG 2000 by OpenJPEG, HTJ2K by OpenJPH: decoded so that damage is found.

A wrong bit in a code-block of JPEG 2000 puts its arithmetic decoder out of step, which then mostly takes fewer bytes
than there are: OpenJPEG counts them where a codestream says that code-blocks end predictably, and says so in a
message. So it is told so. Where it takes more, that is no sign: an encoder may cut off an end that the decoder makes up
by itself, and 77 bytes of one were seen.

Source:
    ITU-T T.800 A.6.1 (code-block style), C.3.4 and D.4 (termination). In every JPEG 2000 file of
    pydicom-data, in all 63 combinations of code-block styles that OpenJPEG writes, and in phantoms of the matrix of a
    detector at 30, 45 and 60 dB and without loss, nothing was left over.
"""

import logging
import re
import threading

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from preprocessing.jpeg2000_header import Jpeg2000Header
from preprocessing.jpeg2000_markers import (
    HIGH_THROUGHPUT,
    PREDICTABLE_TERMINATION,
    CodingStyle,
    Marker,
    Segment,
    header_segments,
)
from preprocessing.pixel_layout import Undecodable
from preprocessing.processors import available_processors

MOST_BYTES_LEFT = 8
"""Most bytes of a code-block that may be left over; our choice: as many as encoders add where they only estimate an
end, and some. With one wrong byte, 97 % of lossless images have more."""

_THREADS = min(4, available_processors())
"""Two threads take half the time of one and 3 % more of the processor."""

_SIGN_AT, _SIGN = 42, 0x80
"""Place of the sign of the one component in a codestream, Ssiz: T.800 A.5.1."""

_WITH_WARNINGS = 2
_BYTES_LEFT = re.compile(r"PTERM check failure: (\d+) remaining bytes")
_NO_END_OF_HEADER = "Expected EPH marker"


class _Signs(logging.Handler):
    """Counts signs of damage among the messages of OpenJPEG, which imagecodecs logs."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self._own = threading.local()

    @property
    def count_of_this_thread(self) -> int:
        return getattr(self._own, "count", 0)

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        found = _BYTES_LEFT.search(message)
        if _NO_END_OF_HEADER in message or (found and int(found[1]) > MOST_BYTES_LEFT):
            self.count += 1
            self._own.count = self.count_of_this_thread + 1


_SIGNS = _Signs()
_LOGGER = logging.getLogger("imagecodecs")
_LOGGER.addHandler(_SIGNS)
_LOGGER.setLevel(logging.WARNING)  # its messages are no one else's business: damage is named by our errors
_LOGGER.propagate = False


def decode_jpeg2000(frame: bytes, out: NDArray[np.integer]) -> None:
    """Decode a codestream of one component.

    Args:
        frame: A codestream that `check_jpeg2000` accepted.
        out: Array of the shape, precision and sign that it declares; is filled.

    Raises:
        Undecodable: a code-block was not decoded with its own data.
        imagecodecs.Jpeg2kError: it does not decode.
    """
    frame = _with_predictable_termination(frame)
    before = _SIGNS.count
    imagecodecs.jpeg2k_decode(frame, out=out, verbose=_WITH_WARNINGS, numthreads=_THREADS)
    if _SIGNS.count != before and _has_signs_of_its_own(frame, out):
        raise Undecodable("its code-blocks are out of step with their data")


def _has_signs_of_its_own(frame: bytes, out: NDArray[np.integer]) -> bool:
    """Decode once more on this thread alone: threads of OpenJPEG do not say which of several images is damaged."""
    before = _SIGNS.count_of_this_thread
    imagecodecs.jpeg2k_decode(frame, out=out, verbose=_WITH_WARNINGS, numthreads=1)
    return _SIGNS.count_of_this_thread != before


def _with_predictable_termination(frame: bytes) -> bytes:
    """Return the codestream with the style that has code-blocks checked; it changes no pixel."""
    checked = bytearray(frame)
    for segment in header_segments(frame):
        if segment.marker == Marker.COD:
            checked[_content_of(segment)] = _checked_style(segment.content)
    return bytes(checked)


def _content_of(segment: Segment) -> slice:
    return slice(segment.end - len(segment.content), segment.end)


def _checked_style(content: bytes) -> bytes:
    style = CodingStyle.of(content)
    if style.code_block_style & HIGH_THROUGHPUT:  # another decoder, which does not look at it
        return content
    start = style._replace(code_block_style=style.code_block_style | PREDICTABLE_TERMINATION).content()
    return start + content[len(start) :]


def decode_htj2k(frame: bytes, out: NDArray[np.integer], header: Jpeg2000Header) -> None:
    """Decode an HTJ2K codestream of one component, with a check that the last row was reached.

    imagecodecs 2026.3.6 loses the exceptions of OpenJPH between rows ("Exception ignored in _copy_from_codestream"),
    and leaves the rest zero. So the codestream is decoded as of the other sign, where zero is in the middle of the
    range: a last row of that alone is looked at once more with its own sign, where it is not zero.

    Args:
        frame: A codestream that `check_jpeg2000` accepted.
        out: Array of the shape, precision and sign that it declares; is filled.
        header: What `check_jpeg2000` returned.

    Raises:
        Undecodable: it breaks off.
        imagecodecs.Htj2kError: it does not decode.
    """
    if not header.reversible and (header.signed or header.precision in (8, 16)):
        # OpenJPH 0.26 does not clamp what a lossy codestream overshoots, and here it would turn over
        decode_jpeg2000(frame, out)
        return
    middle, bits = 1 << (header.precision - 1), out.view(f"u{out.itemsize}")
    other = bits if header.signed else out.view(f"i{out.itemsize}")
    imagecodecs.htj2k_decode(_of_other_sign(frame), out=other)
    if not other[-1].any() and not imagecodecs.htj2k_decode(frame)[-1].any():
        raise Undecodable("its codestream breaks off")
    if not header.reversible:
        np.clip(other, -middle, middle - 1, out=other)
    bits += np.asarray(-middle if header.signed else middle).astype(bits.dtype)  # modulo its range


def _of_other_sign(frame: bytes) -> bytearray:
    other = bytearray(frame)
    other[_SIGN_AT] ^= _SIGN
    return other
