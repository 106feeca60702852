"""The headers of a JPEG 2000 or HTJ2K codestream, read before a decoder sees them.

A few bytes there make a decoder take gigabytes (a matrix, a precinct for every pixel, 65,535 layers): they are
checked against the DICOM header and against a bound here.

Source:
    ITU-T T.800 A.4 to A.6 (markers), I.5 (boxes); ITU-T T.814 (HTJ2K).
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from preprocessing.pixel_layout import PixelLayout, Undecodable

MOST_PACKETS = 500_000
"""Most packets (layers x precincts) that are decoded; our choice: 40 times what a radiograph in 64 x 64 precincts of
6 layers has, and about 100 bytes of bookkeeping each in OpenJPEG."""

MOST_BIT_PLANES = 30
"""Most bit planes of a subband, T.800 equation E-2. OpenJPH 0.26 reads beyond its memory where a damaged step size
asks for more; 16-bit pixels need about 20. With a release that checks it, this can go."""

_COD, _COC, _QCD, _QCC, _SOT, _SOD, _EOC = 0xFF52, 0xFF53, 0xFF5C, 0xFF5D, 0xFF90, 0xFF93, 0xFFD9
_SIZE = struct.Struct(">H8LHBBB")
_STYLE = struct.Struct(">BBHBB")
_TRANSFORM, _REVERSIBLE = 9, 1
"""Place of the wavelet transform in the content of COD, and the one that loses nothing: T.800 Table A.20."""
_TILE_PART = struct.Struct(">HLBB")
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "


@dataclass(frozen=True, kw_only=True)
class Jpeg2000Header:
    """The samples of the one component."""

    precision: int
    signed: bool
    reversible: bool = True


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A marker segment: what follows its length (nothing for SOD, which has none), and where it lies in the frame."""

    marker: int
    content: bytes
    start: int
    end: int


def bare_codestream(frame: bytes) -> bytes:
    """Return the codestream without the boxes of a JP2 file around it, which PS3.5 A.4.4 forbids and some write.

    Raises:
        Undecodable: boxes without a codestream.
    """
    if not frame.startswith(_JP2_SIGNATURE):
        return frame
    position = 0
    while position + 8 <= len(frame):
        length, kind = int.from_bytes(frame[position : position + 4], "big"), frame[position + 4 : position + 8]
        if kind == b"jp2c" and length != 1:
            return frame[position + 8 : position + length if length else None]
        if length < 8:
            break
        position += length
    raise Undecodable("its JP2 boxes hold no codestream")


def check_jpeg2000(frame: bytes, layout: PixelLayout) -> Jpeg2000Header:
    """Check that the codestream declares the image of the DICOM header, is bounded and not cut short.

    Args:
        frame: The codestream, from SOC on.
        layout: What the DICOM header declares.

    Raises:
        Undecodable: another matrix or count of components; more bits than Bits Allocated; more packets than
            `MOST_PACKETS`; a tile-part beyond the end.
    """
    if not frame.startswith(b"\xff\x4f\xff\x51"):
        raise Undecodable("its codestream does not begin as JPEG 2000")
    segments = header_segments(frame)
    first = next(segments)
    if len(first.content) < _SIZE.size:
        raise Undecodable("its codestream has no readable header")
    header, tiles = _size(first.content, layout)
    for segment in segments:
        _check_style(segment.marker, segment.content, layout, tiles)
        if segment.marker == _COD and segment.content[_TRANSFORM] != _REVERSIBLE:
            header = replace(header, reversible=False)
    return header


def _size(content: bytes, layout: PixelLayout) -> tuple[Jpeg2000Header, int]:
    _, right, bottom, left, top, tile_columns, tile_rows, tile_left, tile_top, components, depth, *steps = (
        _SIZE.unpack_from(content)
    )
    rows, columns = bottom - top, right - left
    if (rows, columns) != layout.shape or components != 1 or steps != [1, 1]:
        raise Undecodable(
            f"{rows} x {columns} x {components} in the codestream "
            f"where the header says {layout.rows} x {layout.columns} x 1"
        )
    if (depth & 0x7F) + 1 > layout.bits_allocated:
        raise Undecodable(f"{(depth & 0x7F) + 1} bits in the codestream where {layout.bits_allocated} are allocated")
    if not tile_rows or not tile_columns or tile_left > left or tile_top > top:
        raise Undecodable("its codestream has no readable header")
    tiles = math.ceil((right - tile_left) / tile_columns) * math.ceil((bottom - tile_top) / tile_rows)
    return Jpeg2000Header(precision=(depth & 0x7F) + 1, signed=bool(depth & 0x80)), tiles


def _check_style(marker: int, content: bytes, layout: PixelLayout, tiles: int) -> None:
    """Bound what a coding style asks for; one for a single component is redundant and refused."""
    if marker in (_COC, _QCC):
        raise Undecodable("its codestream has a second coding style")
    if marker == _QCD:
        _check_bit_planes(content)
    if marker != _COD:
        return
    if len(content) < 10:
        raise Undecodable("its codestream has no readable header")
    defined, _, layers, _, levels = _STYLE.unpack_from(content)
    exponents = content[10 : 11 + levels] if defined & 1 else b"\xff" * (levels + 1)
    if levels > 32 or len(exponents) != levels + 1:
        raise Undecodable("its codestream has no readable header")
    precincts = sum(
        tiles
        + math.ceil(layout.columns / 2 ** (levels - resolution + (exponent & 15)))
        * math.ceil(layout.rows / 2 ** (levels - resolution + (exponent >> 4)))
        for resolution, exponent in enumerate(exponents)
    )
    if layers * precincts > MOST_PACKETS:
        raise Undecodable(f"its codestream declares {layers * precincts} packets, more than {MOST_PACKETS}")


def _check_bit_planes(content: bytes) -> None:
    """Bound the bit planes that step sizes ask for: guard bits and exponent less one, T.800 A.6.4 and E.1."""
    style = content[0] if content else 0
    exponents = content[1:] if style & 31 == 0 else content[1::2]  # reversible: one byte a subband, else two
    planes = (style >> 5) + max((exponent >> 3 for exponent in exponents), default=0) - 1
    if planes > MOST_BIT_PLANES:
        raise Undecodable(f"its codestream declares {planes} bit planes, more than {MOST_BIT_PLANES}")


def header_segments(frame: bytes) -> Iterator[Segment]:
    """Follow the main header, then the header of each tile-part, to the end of the codestream.

    Args:
        frame: The codestream, from SOC on.

    Raises:
        Undecodable: a segment or a tile-part that reaches beyond the end, or where another marker should be.
    """
    segment = _segment(frame, 2)
    while segment.marker != _SOT:
        yield segment
        segment = _segment(frame, segment.end)
    end = segment.start
    while int.from_bytes(frame[end : end + 2], "big") != _EOC:
        segment = start_of_tile = _segment(frame, end)
        if segment.marker != _SOT or len(segment.content) != _TILE_PART.size:
            raise Undecodable("its tile-parts do not follow one another")
        while segment.marker != _SOD:
            yield segment
            segment = _segment(frame, segment.end)
        length = _TILE_PART.unpack(start_of_tile.content)[1]
        end = start_of_tile.start + length if length else frame.rfind(b"\xff\xd9")
        if end < segment.end or end + 2 > len(frame):
            raise Undecodable("its codestream does not reach its end")


def _segment(frame: bytes, position: int) -> Segment:
    marker = int.from_bytes(frame[position : position + 2], "big")
    if marker == _SOD:
        return Segment(marker=marker, content=b"", start=position, end=position + 2)
    length = int.from_bytes(frame[position + 2 : position + 4], "big")
    end = position + 2 + length
    if marker < 0xFF00 or length < 2 or end > len(frame):
        raise Undecodable("its codestream has no readable header")
    return Segment(marker=marker, content=frame[position + 4 : end], start=position, end=end)
