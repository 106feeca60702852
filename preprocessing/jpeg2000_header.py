"""The headers of a JPEG 2000 or HTJ2K codestream, read before a decoder sees them.

A few bytes there make a decoder take gigabytes (a matrix, a precinct for every pixel, 65,535 layers): they are
checked against the DICOM header and against a bound here.

Source:
    ITU-T T.800 A.4 to A.6 (markers), I.5 (boxes); ITU-T T.814 (HTJ2K).
"""

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from preprocessing.jpeg2000_markers import (
    PACKET_MARKERS,
    PRECINCTS,
    PRECINCTS_AT,
    REVERSIBLE,
    CodingStyle,
    Marker,
    Segment,
    header_segments,
)
from preprocessing.pixel_layout import PixelLayout, Undecodable

MOST_PACKETS = 500_000
"""Most packets (layers x precincts) that are decoded; our choice: 40 times what a radiograph in 64 x 64 precincts of
6 layers has, and about 100 bytes of bookkeeping each in OpenJPEG."""

MOST_BIT_PLANES = 30
"""Most bit planes of a subband, T.800 equation E-2. OpenJPH 0.26 reads beyond its memory where a damaged step size
asks for more; 16-bit pixels need about 20. With a release that checks it, this can go."""

_SIZE = struct.Struct(">H8LHBBB")
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "
_MARKER_IN_DATA = re.compile(rb"\xff[\x90-\xff]")
"""What packets never hold, so that a marker can be found among them: T.800 B.10.1, C.2.1; T.814 keeps to it."""


@dataclass(frozen=True, kw_only=True)
class Jpeg2000Header:
    """The samples of the one component."""

    precision: int
    signed: bool
    reversible: bool = True


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
            `MOST_PACKETS`; a tile-part beyond the end; a marker within the data.
    """
    if not frame.startswith(b"\xff\x4f\xff\x51"):
        raise Undecodable("its codestream does not begin as JPEG 2000")
    segments = header_segments(frame)
    first = next(segments)
    if len(first.content) < _SIZE.size:
        raise Undecodable("its codestream has no readable header")
    header, tiles = _size(first.content, layout)
    rest = list(segments)
    styles = list(_styles(rest, layout, tiles))
    if not any(style.parts & PACKET_MARKERS for style in styles):
        _check_data(frame, rest)
    return replace(header, reversible=all(style.wavelet == REVERSIBLE for style in styles))


def _styles(segments: list[Segment], layout: PixelLayout, tiles: int) -> Iterator[CodingStyle]:
    """Yield the coding styles, and bound what they ask for; one for a single component is redundant and refused."""
    for segment in segments:
        if segment.marker in (Marker.COC, Marker.QCC):
            raise Undecodable("its codestream has a second coding style")
        if segment.marker == Marker.QCD:
            _check_bit_planes(segment.content)
        if segment.marker == Marker.COD:
            style = CodingStyle.of(segment.content)
            _check_packets(style, segment.content[PRECINCTS_AT:], layout, tiles)
            yield style


def _check_data(frame: bytes, segments: list[Segment]) -> None:
    for segment in segments:
        if segment.marker == Marker.SOD and _MARKER_IN_DATA.search(frame, segment.start + 2, segment.end):
            raise Undecodable("its data hold a marker, as sound data do not")


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


def _check_packets(style: CodingStyle, precincts: bytes, layout: PixelLayout, tiles: int) -> None:
    """Bound the packets that a coding style asks for."""
    exponents = precincts[: style.levels + 1] if style.parts & PRECINCTS else b"\xff" * (style.levels + 1)
    if style.levels > 32 or len(exponents) != style.levels + 1:
        raise Undecodable("its codestream has no readable header")
    count = sum(
        tiles
        + math.ceil(layout.columns / 2 ** (style.levels - resolution + (exponent & 15)))
        * math.ceil(layout.rows / 2 ** (style.levels - resolution + (exponent >> 4)))
        for resolution, exponent in enumerate(exponents)
    )
    if style.layers * count > MOST_PACKETS:
        raise Undecodable(f"its codestream declares {style.layers * count} packets, more than {MOST_PACKETS}")


def _check_bit_planes(content: bytes) -> None:
    """Bound the bit planes that step sizes ask for: guard bits and exponent less one, T.800 A.6.4 and E.1."""
    style = content[0] if content else 0
    exponents = content[1:] if style & 31 == 0 else content[1::2]  # reversible: one byte a subband, else two
    planes = (style >> 5) + max((exponent >> 3 for exponent in exponents), default=0) - 1
    if planes > MOST_BIT_PLANES:
        raise Undecodable(f"its codestream declares {planes} bit planes, more than {MOST_BIT_PLANES}")
