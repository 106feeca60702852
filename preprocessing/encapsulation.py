"""The frames of encapsulated pixel data: their fragments, joined. PS3.5 A.4."""

import struct
from itertools import pairwise

from pydicom.dataset import Dataset

from preprocessing.pixel_layout import Undecodable

_ITEM = struct.Struct("<HHL")
"""Tag and length before every item; encapsulated data are little endian (PS3.5 A.4)."""

_ITEM_TAG = (0xFFFE, 0xE000)
_DELIMITER_TAG = (0xFFFE, 0xE0DD)


def encapsulated_frame(ds: Dataset) -> bytes:
    """Return the codestream of an image of one frame.

    The Basic Offset Table may be filled, empty, or missing altogether (not conformant, but seen: the first item is
    then a fragment). An Extended Offset Table (PS3.3 C.7.6.3.1.8) gives the length of the frame without its padding.

    Raises:
        Undecodable: the items do not follow one another to the end, or the tables name another count of frames.
    """
    items = _items(ds.PixelData)
    if items and _is_offset_table(items[0]):
        if len(items[0]) > 4:
            raise Undecodable("its offset table names more than one frame")
        items = items[1:]
    frame = items[0] if len(items) == 1 else b"".join(items)
    length = _extended_length(ds)
    if length is not None:
        if length > len(frame):
            raise Undecodable("its extended offset table reaches beyond the pixel data")
        frame = frame[:length]
    if not frame:
        raise Undecodable("it holds no fragment")
    return bytes(frame)


def encapsulated_frames(ds: Dataset, *, count: int) -> tuple[bytes, ...]:
    """Return the codestreams of an image of so many frames, each with its padding.

    Fragments are joined by the Basic Offset Table; where it is empty or missing, each must be a frame of its own.

    Raises:
        Undecodable: the items do not follow one another to the end, or are not those of so many frames.
    """
    items = _items(ds.PixelData)
    table = items.pop(0) if items and _is_offset_table(items[0]) else b""
    if len(items) == count:
        return tuple(items)
    if len(table) != 4 * count:
        raise Undecodable(f"it holds {len(items)} fragments for {count} frames, and no table of where each begins")
    return _joined(items, struct.unpack(f"<{count}L", table))


def _joined(fragments: list[bytes], offsets: tuple[int, ...]) -> tuple[bytes, ...]:
    """Join fragments by the offsets of the first of each frame, counted from the first fragment's item."""
    starts, position = [], 0
    for fragment in fragments:
        starts.append(position)
        position += _ITEM.size + len(fragment)
    if sorted(set(offsets)) != list(offsets) or not set(offsets) <= set(starts):
        raise Undecodable("its offset table names places where no fragment begins")
    borders = [*(starts.index(offset) for offset in offsets), len(fragments)]
    return tuple(b"".join(fragments[first:end]) for first, end in pairwise(borders))


def _items(content: bytes) -> list[bytes]:
    items: list[bytes] = []
    position = 0
    while position + _ITEM.size <= len(content):
        group, element, length = _ITEM.unpack_from(content, position)
        position += _ITEM.size
        if (group, element) == _DELIMITER_TAG:
            return items
        if (group, element) != _ITEM_TAG:
            raise Undecodable("its fragments do not follow one another")
        if position + length > len(content):
            raise Undecodable("its last fragment is cut short")
        items.append(content[position : position + length])
        position += length
    if position != len(content):
        raise Undecodable("its last fragment is cut short")
    return items


def _is_offset_table(item: bytes) -> bool:
    """Tell an offset table from a fragment: its first offset is 0, with which no codestream begins."""
    return len(item) % 4 == 0 and (len(item) == 0 or item.startswith(bytes(4)))


def _extended_length(ds: Dataset) -> int | None:
    offsets, lengths = ds.get("ExtendedOffsetTable"), ds.get("ExtendedOffsetTableLengths")
    if not offsets:
        return None
    if not isinstance(offsets, bytes) or not isinstance(lengths, bytes) or len(lengths) != 8:
        raise Undecodable("its extended offset table is not of one frame")
    if offsets != bytes(8):
        raise Undecodable("its extended offset table is not of one frame")
    return int.from_bytes(lengths, "little")
