"""However the one frame is cut into fragments and listed in tables, its pixels are the same."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import uid
from pydicom.dataset import FileDataset
from pydicom.encaps import get_frame

from preprocessing.decoding import stored_pixels
from preprocessing.errors import InputError, MissingAttribute, PixelDecode, UnsupportedImage
from tests.preprocessing.encodings import in_every_syntax, read
from tests.preprocessing.radiographs import chest_dataset, ramp

FILES = {
    syntax: content
    for syntax, content in in_every_syntax(chest_dataset(ramp(11, 9))).items()
    if uid.UID(syntax).is_encapsulated
}
every_syntax = pytest.mark.parametrize("syntax", FILES, ids=lambda syntax: uid.UID(syntax).keyword)
DELIMITER = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


def item(content: bytes) -> bytes:
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


def image(syntax: str) -> tuple[FileDataset, bytes]:
    """Return an image and its codestream."""
    ds = read(FILES[syntax])
    return ds, get_frame(ds.PixelData, 0, number_of_frames=1)


def assert_same_pixels(syntax: str, pixel_data: bytes, **attributes: object) -> None:
    ds, _ = image(syntax)
    expected = stored_pixels(ds).copy()
    ds.PixelData = pixel_data
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    assert np.array_equal(stored_pixels(ds), expected)


@settings(max_examples=200)
@given(data=st.data(), syntax=st.sampled_from(sorted(FILES)), table=st.sampled_from([b"", bytes(4)]))
def test_any_split_into_fragments_gives_the_same_pixels(data: st.DataObject, syntax: str, table: bytes) -> None:
    _, frame = image(syntax)
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(frame)), max_size=6))), len(frame)]
    fragments = [item(frame[start:end]) for start, end in pairwise(cuts)]
    assert_same_pixels(syntax, item(table) + b"".join(fragments))


@every_syntax
def test_a_missing_table_an_odd_length_and_a_delimiter_change_nothing(syntax: str) -> None:
    _, frame = image(syntax)
    assert_same_pixels(syntax, item(frame))
    assert_same_pixels(syntax, item(b"") + item(frame) + DELIMITER)
    assert_same_pixels(syntax, item(bytes(4)) + item(frame + b"\0"))


@every_syntax
def test_an_extended_offset_table_gives_the_length_without_padding(syntax: str) -> None:
    _, frame = image(syntax)
    tables = {"ExtendedOffsetTable": bytes(8), "ExtendedOffsetTableLengths": struct.pack("<Q", len(frame))}
    assert_same_pixels(syntax, item(b"") + item(frame + b"\0" * 4), **tables)


@every_syntax
@pytest.mark.parametrize("frames", [1, 0, None, ""])
def test_one_frame_may_be_said_or_left_out(syntax: str, frames: int | str | None) -> None:
    ds, _ = image(syntax)
    assert_same_pixels(syntax, ds.PixelData, NumberOfFrames=frames)


@pytest.mark.parametrize(("frames", "error"), [(2, UnsupportedImage), (-1, UnsupportedImage)])
def test_several_frames_are_refused(frames: int, error: type[InputError]) -> None:
    ds = read(FILES[uid.RLELossless])
    ds.NumberOfFrames = frames
    with pytest.raises(error, match=f"{frames} frames"):
        stored_pixels(ds)


@pytest.mark.parametrize(
    ("tables", "cause"),
    [
        ({"ExtendedOffsetTable": bytes(16), "ExtendedOffsetTableLengths": bytes(16)}, "not of one frame"),
        ({"ExtendedOffsetTable": bytes(8)}, "not of one frame"),
        ({"ExtendedOffsetTable": struct.pack("<Q", 9), "ExtendedOffsetTableLengths": bytes(8)}, "not of one frame"),
        ({"ExtendedOffsetTable": bytes(8), "ExtendedOffsetTableLengths": struct.pack("<Q", 2**40)}, "beyond"),
    ],
)
def test_an_extended_offset_table_of_another_image_is_refused(tables: dict[str, bytes], cause: str) -> None:
    ds, _ = image(uid.JPEG2000Lossless)
    for keyword, value in tables.items():
        setattr(ds, keyword, value)
    with pytest.raises(PixelDecode, match=cause):
        stored_pixels(ds)


@pytest.mark.parametrize(
    ("pixel_data", "cause"),
    [
        (item(b""), "holds no fragment"),
        (item(bytes(4) + struct.pack("<L", 100)) + item(b"frame!"), "more than one frame"),
        (item(b"") + item(b"12345678")[:-2], "cut short"),
        (item(b"") + item(b"12345678") + b"\xfe\xff", "cut short"),
        (item(b"") + struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF) + b"1234", "cut short"),
        (item(b"") + b"no item at all", "do not follow"),
    ],
)
def test_broken_items_are_named(pixel_data: bytes, cause: str) -> None:
    ds, _ = image(uid.JPEGLSLossless)
    ds.PixelData = pixel_data
    with pytest.raises(PixelDecode, match=cause):
        stored_pixels(ds)


def test_pixel_data_that_are_no_bytes_are_missing() -> None:
    ds, _ = image(uid.JPEGLSLossless)
    del ds.PixelData
    with pytest.raises(MissingAttribute, match="PixelData"):
        stored_pixels(ds)
