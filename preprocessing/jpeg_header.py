"""The header of a JPEG or JPEG-LS codestream, read before a decoder sees it.

Source:
    ITU-T T.81 B.1 and B.2 (JPEG), ITU-T T.87 C.2 (JPEG-LS).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from preprocessing.errors import UnsupportedImage
from preprocessing.pixel_layout import PixelLayout, Undecodable

SEQUENTIAL_DCT = frozenset({0xC0, 0xC1})
"""SOF0, SOF1: baseline (8 bits) and extended (8 or 12 bits), Huffman."""

LOSSLESS = frozenset({0xC3})
"""SOF3: lossless, Huffman; every selection value."""

JPEG_LS = frozenset({0xF7})
"""SOF55."""

_START_OF_FRAME = (frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}) | JPEG_LS  # without DHT, JPG, DAC
_APP0 = 0xE0
_START_OF_SCAN = 0xDA
_RESTART_INTERVAL = 0xDD
_END_OF_IMAGE = 0xD9
_FRAME = struct.Struct(">BHHB")
_FILL_BYTE = 0xFF
_RESTARTS = np.arange(0xD0, 0xD8, dtype=np.uint8)
"""Besides data, what may follow 0xFF within a scan of either kind: T.81 B.1.1."""


@dataclass(frozen=True, kw_only=True)
class JpegHeader:
    """What a codestream says of its image."""

    process: int
    precision: int
    rows: int
    columns: int
    components: int
    is_jfif: bool
    has_restarts: bool
    """The data of a scan come in intervals, with a marker between them."""

    rows_at: int
    """Where the number of rows lies in the codestream, two bytes."""

    scan_components: int
    """Components of the first scan."""

    near: int
    """Levels by which JPEG-LS may change a sample, NEAR (T.87 C.2.3); 0 in every other process."""

    data_start: int
    """Where the entropy-coded data of the first scan begin."""


@dataclass(frozen=True, kw_only=True)
class SoundJpeg(JpegHeader):
    """The header of a codestream of one scan that `check_jpeg` accepted."""

    data_end: int
    """Where the entropy-coded data end, and EOI follows."""


def check_jpeg(frame: bytes, layout: PixelLayout, processes: frozenset[int]) -> SoundJpeg:
    """Check that the codestream declares the image of the DICOM header and is not cut short.

    libjpeg fills what is missing with gray and only warns, and CharLS 2.4 counts to 2^31 (3.5 s) where a codestream
    stops without its end; so the end of the scan is looked for here.

    Args:
        frame: The codestream, from SOI on.
        layout: What the DICOM header declares.
        processes: Second bytes of the SOF markers that the transfer syntax allows.

    Raises:
        Undecodable: another process, matrix, or count of components; more bits than Bits Allocated; no end; restart
            markers out of order.
        UnsupportedImage: a first scan without some component. Where the others do not follow, libjpeg makes up what
            is missing, and a luminance alone would pass for gray.
    """
    header = read_jpeg_header(frame)
    if header.process not in processes:
        raise Undecodable("its codestream is of another JPEG process than its transfer syntax")
    if (header.rows, header.columns, header.components) != (*layout.matrix, layout.samples):
        raise Undecodable(
            f"{header.rows} x {header.columns} x {header.components} in the codestream "
            f"where the header says {layout.rows} x {layout.columns} x {layout.samples}"
        )
    if 0 < header.scan_components < header.components:
        raise UnsupportedImage(what="its colors lie in several scans", accepted="one scan of all components")
    if not 2 <= header.precision <= layout.bits_allocated:
        raise Undecodable(f"{header.precision} bits in the codestream where {layout.bits_allocated} are allocated")
    return SoundJpeg(**vars(header), data_end=_end_of_data(frame, header))


def _end_of_data(frame: bytes, header: JpegHeader) -> int:
    """Return where the marker is that ends the image and its one scan.

    After 0xFF, entropy-coded JPEG has a zero byte (T.81 B.1.1.5), JPEG-LS a zero bit (T.87 A.1). Restart markers count
    from 0 to 7 again and again (T.81 B.1.1.3).
    """
    scan = np.frombuffer(frame, dtype=np.uint8, offset=header.data_start)
    positions = np.flatnonzero(scan[:-1] == 0xFF)
    following = scan[positions + 1]
    is_marker = (following >= (0x80 if header.process in JPEG_LS else 0x01)) & (following != _FILL_BYTE)
    positions, markers = positions[is_marker], following[is_marker]
    restarts = int(np.argmin(np.isin(markers, _RESTARTS))) if markers.size else 0
    if not markers.size or markers[restarts] != _END_OF_IMAGE:
        raise Undecodable("its codestream does not reach its end")
    if not np.array_equal(markers[:restarts], np.resize(_RESTARTS, restarts)):
        raise Undecodable("its restart markers do not follow one another")
    return header.data_start + int(positions[restarts])


def read_jpeg_header(codestream: bytes) -> JpegHeader:
    """Read what a codestream declares in the only frame header before its first scan, without a look at its scans.

    Raises:
        Undecodable: it has no readable header.
    """
    if not codestream.startswith(b"\xff\xd8"):
        raise Undecodable("its codestream does not begin as JPEG")
    before = list(segments(codestream))
    frames = [segment for segment in before if segment[0] in _START_OF_FRAME and len(segment[1]) >= _FRAME.size]
    _, scan, data_start = before[-1]
    if len(frames) != 1 or not scan:
        raise Undecodable("its codestream has not exactly one frame header")
    process, content, end = frames[0]
    precision, rows, columns, components = _FRAME.unpack_from(content)
    return JpegHeader(
        process=process,
        precision=precision,
        rows=rows,
        columns=columns,
        components=components,
        is_jfif=any(marker == _APP0 and content.startswith(b"JFIF\0") for marker, content, _ in before),
        has_restarts=any(marker == _RESTART_INTERVAL and any(content) for marker, content, _ in before),
        rows_at=end - len(content) + 1,
        scan_components=scan[0],
        near=int.from_bytes(scan[-3:-2]) if process in JPEG_LS else 0,
        data_start=data_start,
    )


def segments(frame: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield marker, content and end of each segment, from the first one after SOI to the first scan header.

    Raises:
        Undecodable: a segment reaches beyond the end.
    """
    marker, position = 0, 2
    while marker != _START_OF_SCAN:
        marker, content, position = _segment(frame, position)
        yield marker, content, position


def _segment(frame: bytes, position: int) -> tuple[int, bytes, int]:
    """Return marker and content of the segment at a position, and where the next begins."""
    while frame[position : position + 2] == b"\xff\xff":  # fill bytes, T.81 B.1.1.2
        position += 1
    if position + 4 > len(frame) or frame[position] != 0xFF:
        raise Undecodable("its codestream has no readable header")
    length = int.from_bytes(frame[position + 2 : position + 4], "big")
    end = position + 2 + length
    if length < 2 or end > len(frame):
        raise Undecodable("its codestream has no readable header")
    return frame[position + 1], frame[position + 4 : end], end
