"""Whether lossless JPEG decoded all of its data and nothing else: the bits that its pixels take, counted.

A wrong bit in a code puts the later ones out of place, so that the pixels decoded instead take another
number of bits than there are. Damage that keeps the number is found by no decoder.

Source:
    ITU-T T.81 (JPEG): B.2.3 scan header, B.2.4.2 Huffman tables, F.1.2.3 byte stuffing, H.1.2 lossless coding.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from preprocessing.jpeg_header import SoundJpeg, segments
from preprocessing.pixel_layout import Undecodable

MOST_SURPLUS_BITS = 15
"""Most that may follow the last pixel: up to seven pad the last byte; one byte more is tolerated: our choice."""

_MOST_NARROW_BITS = 14

_DHT, _SOS = 0xC4, 0xDA

Samples = NDArray[np.uint16]


@dataclass(frozen=True, kw_only=True)
class _Scan:
    """The one scan of one component, T.81 B.2.3."""

    predictor: int
    point_transform: int
    code_lengths: NDArray[np.int64]


def check_length(frame: bytes, decoded: NDArray[np.integer], header: SoundJpeg) -> None:
    """Compare the bits that the decoded pixels take with those of the entropy-coded data.

    Nothing is checked where the codestream has restart markers, or tables or parameters out of the ordinary.

    Args:
        frame: The codestream, found sound by `check_jpeg`, which returned its `header`.
        decoded: Its samples as unsigned values, axes (row, column), below 2 to the power of its precision.
        header: What it says of its image.

    Raises:
        Undecodable: the data end before the last pixel, or go on after it.
    """
    scan = _scan(frame)
    if scan is None or header.has_restarts:
        return
    samples: Samples = (decoded.astype(np.uint16) >> scan.point_transform).astype(np.uint16)
    differences = _differences(samples, scan, precision=header.precision)
    counts = _counts(differences)
    lengths = scan.code_lengths[_CATEGORIES] + _EXTRA_BITS
    if (counts[scan.code_lengths[_CATEGORIES] == 0] > 0).any():
        raise Undecodable("its pixels need codes that its tables lack")
    data = frame[header.data_start : header.data_end].rstrip(b"\xff")
    surplus = 8 * (len(data) - data.count(b"\xff\x00")) - int(counts @ lengths)
    if not 0 <= surplus <= MOST_SURPLUS_BITS:
        place = "end before" if surplus < 0 else "go on after"
        raise Undecodable(f"its data {place} the last pixel")


def _counts(differences: Samples) -> NDArray[np.int64]:
    """Count each difference, shape (65536,): by OpenCV in a third of NumPy's time where its floats are exact."""
    if differences.size >= 1 << 24:
        return np.bincount(differences.ravel(), minlength=1 << 16)
    counted = np.asarray(cv2.calcHist([differences], [0], None, [1 << 16], [0, 1 << 16]))
    return counted.ravel().astype(np.int64)


def _scan(frame: bytes) -> _Scan | None:
    """Read tables and parameters; None where the scan is not of the ordinary kind."""
    lengths: NDArray[np.int64] | None = None
    for marker, content, _ in segments(frame):
        if marker == _DHT:
            if lengths is not None or len(content) != 17 + sum(content[1:17]):
                return None  # several tables: which one counts is not worth a parser
            lengths = _code_lengths(content)
        if marker == _SOS:
            if lengths is None or len(content) != 6 or content[0] != 1 or not 1 <= content[3] <= 7:
                return None
            return _Scan(predictor=content[3], point_transform=content[5] & 15, code_lengths=lengths)
    return None


def _code_lengths(table: bytes) -> NDArray[np.int64]:
    """Return the bits of the code of each difference category, 0 to 16; 0 where it has none."""
    lengths = np.zeros(17, dtype=np.int64)
    symbols = table[17:]
    by_length = np.repeat(np.arange(1, 17), list(table[1:17]))
    for symbol, length in zip(symbols, by_length, strict=True):
        if symbol <= 16:
            lengths[symbol] = length
    return lengths


def _differences(samples: Samples, scan: _Scan, *, precision: int) -> Samples:
    """Return what each sample differs from its prediction by, modulo 2 to the power of 16 (T.81 H.1.2.1)."""
    predicted = np.empty_like(samples)
    predicted[0, 0] = 1 << (precision - scan.point_transform - 1)
    predicted[0, 1:] = samples[0, :-1]
    predicted[1:, 0] = samples[:-1, 0]
    left, above, corner = samples[1:, :-1], samples[:-1, 1:], samples[:-1, :-1]
    predicted[1:, 1:] = _prediction(left, above, corner, predictor=scan.predictor, precision=precision)
    return samples - predicted


def _prediction(left: Samples, above: Samples, corner: Samples, *, predictor: int, precision: int) -> Samples:
    """T.81 Table H.1."""
    if predictor <= 3:
        return (left, above, corner)[predictor - 1]
    # holds sums of three; half the time with the narrower type
    wide: np.dtype[np.signedinteger] = np.dtype(np.int16 if precision <= _MOST_NARROW_BITS else np.int32)
    a, b, c = (side.astype(wide) for side in (left, above, corner))
    match predictor:
        case 4:
            predicted = a + b - c
        case 5:
            predicted = a + ((b - c) >> 1)
        case 6:
            predicted = b + ((a - c) >> 1)
        case _:
            predicted = (a + b) >> 1
    return predicted.astype(np.uint16)


def _categories() -> NDArray[np.int64]:
    """Return the category of each difference, 0 to 65535 modulo 2 to the power of 16: the bits of its magnitude."""
    signed = np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int64)
    categories: NDArray[np.int64] = np.ceil(np.log2(np.abs(signed) + 1)).astype(np.int64)
    return categories


_CATEGORIES = _categories()
_EXTRA_BITS = np.where(_CATEGORIES == 16, 0, _CATEGORIES)
"""Bits after the code: none for the difference 32768."""
