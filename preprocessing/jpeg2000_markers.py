"""The markers of a JPEG 2000 or HTJ2K codestream, and the segments that they begin.

Source:
    ITU-T T.800 A.2 (markers), A.4 (delimiters), A.6.1 (coding style).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Self

from preprocessing.pixel_layout import Undecodable


class Marker(IntEnum):
    """Markers that are looked for, by their names in T.800 Table A.2."""

    SIZ = 0xFF51
    COD = 0xFF52
    COC = 0xFF53
    QCD = 0xFF5C
    QCC = 0xFF5D
    POC = 0xFF5F
    PPM = 0xFF60
    PPT = 0xFF61
    SOT = 0xFF90
    SOD = 0xFF93
    EOC = 0xFFD9


_LEAST_MARKER = 0xFF00
_END_OF_CODESTREAM = Marker.EOC.to_bytes(2, "big")
_TILE_PART = struct.Struct(">HLBB")
"""Tile, length from SOT on, this part and the number of parts: T.800 A.4.2."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A marker segment: what follows its length, and where it lies in the frame.

    That of SOD has no content, and ends where the data of its tile-part do.
    """

    marker: int
    content: bytes
    start: int
    end: int


def header_segments(frame: bytes) -> Iterator[Segment]:
    """Follow the main header, then the header of each tile-part, to the end of the codestream.

    Args:
        frame: The codestream, from SOC on.

    Raises:
        Undecodable: a segment or a tile-part that reaches beyond the end, or where another marker should be.
    """
    segment = _segment(frame, 2)
    while segment.marker != Marker.SOT:
        yield segment
        segment = _segment(frame, segment.end)
    end = segment.start
    while not frame.startswith(_END_OF_CODESTREAM, end):
        segment = start_of_tile = _segment(frame, end)
        if segment.marker != Marker.SOT or len(segment.content) != _TILE_PART.size:
            raise Undecodable("its tile-parts do not follow one another")
        while segment.marker != Marker.SOD:
            yield segment
            segment = _segment(frame, segment.end)
        length = _TILE_PART.unpack(start_of_tile.content)[1]
        end = start_of_tile.start + length if length else frame.rfind(_END_OF_CODESTREAM)
        if end < segment.end or end + 2 > len(frame):
            raise Undecodable("its codestream does not reach its end")
        yield Segment(marker=Marker.SOD, content=b"", start=segment.start, end=end)


def _segment(frame: bytes, position: int) -> Segment:
    marker = int.from_bytes(frame[position : position + 2], "big")
    if marker == Marker.SOD:
        return Segment(marker=marker, content=b"", start=position, end=position + 2)
    length = int.from_bytes(frame[position + 2 : position + 4], "big")
    end = position + 2 + length
    if marker < _LEAST_MARKER or length < 2 or end > len(frame):
        raise Undecodable("its codestream has no readable header")
    return Segment(marker=marker, content=frame[position + 4 : end], start=position, end=end)


class CodingStyle(NamedTuple):
    """The content of a COD segment but for its precincts: T.800 Tables A.12, A.13, A.15."""

    parts: int
    """What is there: `PRECINCTS`, `PACKET_MARKERS`."""

    progression: int
    layers: int
    component_transform: int
    levels: int
    code_block_columns: int
    code_block_rows: int
    code_block_style: int
    wavelet: int

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Read the content of a COD segment.

        Raises:
            Undecodable: it is too short.
        """
        if len(content) < _STYLE.size:
            raise Undecodable("its codestream has no readable header")
        return cls(*_STYLE.unpack_from(content))

    def content(self) -> bytes:
        """Return what `of` reads, without the precincts."""
        return _STYLE.pack(*self)


_STYLE = struct.Struct(">BBHBBBBBB")

PRECINCTS_AT = _STYLE.size
"""Where a coding style of its own precincts lists their sizes, one byte a resolution: T.800 Table A.21."""

PRECINCTS, PACKET_MARKERS = 0x01, 0x02 | 0x04
"""Parts of a coding style: precincts of its own; SOP and EPH markers among the packets."""

REVERSIBLE = 1
"""The wavelet that loses nothing: T.800 Table A.20."""

PREDICTABLE_TERMINATION, HIGH_THROUGHPUT = 0x10, 0x40
"""Styles of code-blocks: T.800 Table A.19, T.814 A.3."""
