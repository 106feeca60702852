"""The header of a JPEG or JPEG-LS codestream, read before a decoder sees it.

Source:
    ITU-T T.81 B.1 and B.2 (JPEG), ITU-T T.87 C.2 (JPEG-LS).
"""

import struct
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
_END_OF_IMAGE = 0xD9
_FRAME = struct.Struct(">BHHB")
_NO_END = frozenset({0xFF, *range(0xD0, 0xD8)})
"""What may follow 0xFF within a scan of either kind: a fill byte, a restart marker (T.81 B.1.1)."""


@dataclass(frozen=True, kw_only=True)
class JpegHeader:
    """What a codestream says of its image."""

    process: int
    precision: int
    rows: int
    columns: int
    components: int
    is_jfif: bool


def check_jpeg(frame: bytes, layout: PixelLayout, processes: frozenset[int]) -> JpegHeader:
    """Check that the codestream declares the image of the DICOM header and is not cut short.

    libjpeg fills what is missing with gray and only warns, and CharLS 2.4 counts to 2^31 (3.5 s) where a codestream
    stops without its end; so the end of the scan is looked for here.

    Args:
        frame: The codestream, from SOI on.
        layout: What the DICOM header declares.
        processes: Second bytes of the SOF markers that the transfer syntax allows.

    Raises:
        Undecodable: another process, matrix, or count of components; more bits than Bits Allocated; no end.
        UnsupportedImage: a first scan without some component. Where the others do not follow, libjpeg makes up what
            is missing, and a luminance alone would pass for gray.
    """
    header, scan_components, scan = _headers(frame)
    if header.process not in processes:
        raise Undecodable("its codestream is of another JPEG process than its transfer syntax")
    if (header.rows, header.columns, header.components) != (*layout.matrix, layout.samples):
        raise Undecodable(
            f"{header.rows} x {header.columns} x {header.components} in the codestream "
            f"where the header says {layout.rows} x {layout.columns} x {layout.samples}"
        )
    if 0 < scan_components < header.components:
        raise UnsupportedImage(what="its colors lie in several scans", accepted="one scan of all components")
    if not 2 <= header.precision <= layout.bits_allocated:
        raise Undecodable(f"{header.precision} bits in the codestream where {layout.bits_allocated} are allocated")
    if _end_of_scan(frame, scan, is_jpeg_ls=header.process in JPEG_LS) != _END_OF_IMAGE:
        raise Undecodable("its codestream does not reach its end")
    return header


def _end_of_scan(frame: bytes, start: int, *, is_jpeg_ls: bool) -> int | None:
    """Return the marker that ends a scan; None where it has no end.

    After 0xFF, entropy-coded JPEG has a zero byte (T.81 B.1.1.5), JPEG-LS a zero bit (T.87 A.1).
    """
    scan = np.frombuffer(frame, dtype=np.uint8, offset=start)
    following = scan[np.flatnonzero(scan[:-1] == 0xFF) + 1]
    markers = following[following >= (0x80 if is_jpeg_ls else 0x01)]
    return next((int(marker) for marker in markers if int(marker) not in _NO_END), None)


def _headers(frame: bytes) -> tuple[JpegHeader, int, int]:
    """Return the only frame header before the first scan, the components of that scan, and where it begins."""
    if not frame.startswith(b"\xff\xd8"):
        raise Undecodable("its codestream does not begin as JPEG")
    found: list[tuple[int, bytes]] = []
    is_jfif = False
    marker, content, position = _segment(frame, 2)
    while marker != _START_OF_SCAN:
        is_jfif |= marker == _APP0 and content.startswith(b"JFIF\0")
        if marker in _START_OF_FRAME and len(content) >= _FRAME.size:
            found.append((marker, content))
        marker, content, position = _segment(frame, position)
    if len(found) != 1 or not content:
        raise Undecodable("its codestream has not exactly one frame header")
    process, (precision, rows, columns, components) = found[0][0], _FRAME.unpack_from(found[0][1])
    header = JpegHeader(
        process=process, precision=precision, rows=rows, columns=columns, components=components, is_jfif=is_jfif
    )
    return header, content[0], position


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
