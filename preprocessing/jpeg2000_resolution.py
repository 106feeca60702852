"""A JPEG 2000 codestream as that of a lower resolution of the same image.

Where packets come in the order of resolutions, those of the lower ones are the beginning. A main header that declares
fewer decomposition levels and the smaller matrix is then all that it takes: the decoder of whole images stops before
the packets of the higher ones, on as many threads. Of a 2500 x 2048 radiograph on one core: whole 509 ms, half the
sides 136, a quarter 36. Pillow 13 takes as long for the same pixels, but holds the interpreter lock all the while, and
refuses sides that it rounds down.

Source:
    ITU-T T.800 A.5.1 and A.6.1 (headers), B.5 to B.7 (sides halve, rounded up, on the reference grid), B.12 (order).
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

from preprocessing.jpeg2000_markers import PRECINCTS, PRECINCTS_AT, CodingStyle, Marker, Segment, header_segments
from preprocessing.pixel_layout import PixelLayout

_OTHER_ORDER = frozenset({Marker.POC, Marker.PPM, Marker.PPT})
"""Packets in another order than the coding style's, or their headers in another place: T.800 A.6.6, A.7.4, A.7.5."""

_LAYER_FIRST, _RESOLUTION_FIRST = 0, frozenset({1, 2})
"""Progression orders LRCP; RLCP and RPCL: T.800 table A.16."""

_GRID = struct.Struct(">8L")
"""Columns and rows of the image, its offset, those of a tile, and their offset."""

_GRID_AT = 2


@dataclass(frozen=True, kw_only=True)
class _Side:
    """One side of the image and of its tiles, in samples."""

    image: int
    tile: int

    def may_halve(self, times: int, least: int) -> bool:
        """Tell whether enough is left, and every tile begins on a sample."""
        return math.ceil(self.image / 2**times) >= least and (self.tile >= self.image or self.tile % 2**times == 0)

    def halved(self, times: int) -> "_Side":
        return _Side(image=math.ceil(self.image / 2**times), tile=math.ceil(self.tile / 2**times))


def at_lower_resolution(
    frame: bytes, layout: PixelLayout, *, least_shape: tuple[int, int]
) -> tuple[bytes, PixelLayout]:
    """Return the codestream of the lowest resolution with at least so many rows and columns, and its layout.

    Args:
        frame: A codestream that `check_jpeg2000` accepted.
        layout: That of the whole image.
        least_shape: Least (rows, columns).

    Returns:
        Both as they came where every lower resolution is too small, or its packets are not the first.
    """
    segments = list(header_segments(frame))
    size, coding = segments[0], _only_style(segments)
    columns, rows, left, top, tile_columns, tile_rows, tile_left, tile_top = _GRID.unpack_from(size.content, _GRID_AT)
    if coding is None or left or top or tile_left or tile_top:
        return frame, layout
    sides = (_Side(image=rows, tile=tile_rows), _Side(image=columns, tile=tile_columns))
    levels = CodingStyle.of(coding.content).levels
    possible = (
        times
        for times in range(levels, 0, -1)
        if all(side.may_halve(times, least) for side, least in zip(sides, least_shape, strict=True))
    )
    discarded = next(possible, 0)
    if not discarded:
        return frame, layout
    row, column = (side.halved(discarded) for side in sides)
    new_size = _segment(Marker.SIZ, _with_sides(size.content, row, column))
    new_coding = _segment(Marker.COD, _with_levels(coding.content, levels - discarded))
    lowered = frame[: size.start] + new_size + frame[size.end : coding.start] + new_coding + frame[coding.end :]
    return lowered, replace(layout, rows=row.image, columns=column.image)


def _only_style(segments: Sequence[Segment]) -> Segment | None:
    """Return the one coding style of all tiles; None where there are others, or its packets are in another order."""
    markers = [segment.marker for segment in segments]
    if (
        markers.count(Marker.COD) != 1
        or markers.index(Marker.COD) > markers.index(Marker.SOT)
        or _OTHER_ORDER.intersection(markers)
    ):
        return None
    segment = segments[markers.index(Marker.COD)]
    style = CodingStyle.of(segment.content)
    is_resolution_first = style.progression in _RESOLUTION_FIRST
    return segment if is_resolution_first or (style.progression == _LAYER_FIRST and style.layers == 1) else None


def _with_sides(size: bytes, row: _Side, column: _Side) -> bytes:
    grid = _GRID.pack(column.image, row.image, 0, 0, column.tile, row.tile, 0, 0)
    return size[:_GRID_AT] + grid + size[_GRID_AT + _GRID.size :]


def _with_levels(coding: bytes, levels: int) -> bytes:
    """Return a coding style without its highest levels and their precincts, if it lists any."""
    lower = CodingStyle.of(coding)._replace(levels=levels)
    precincts = coding[PRECINCTS_AT : PRECINCTS_AT + levels + 1] if lower.parts & PRECINCTS else b""
    return lower.content() + precincts


def _segment(marker: Marker, content: bytes) -> bytes:
    return struct.pack(">HH", marker, len(content) + 2) + content
