"""Color images that are damaged, cut short or lie about their size give one of our errors, and never pass for gray."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import uid
from pydicom.encaps import get_frame

from preprocessing.color import displayed_if_gray
from preprocessing.decoding import stored_pixels
from preprocessing.errors import InputError, PixelDecode, UnsupportedImage
from preprocessing.reading import read_dataset
from tests.preprocessing.colors import ENCAPSULATED_COLORS, GRAY, color_dataset, in_color_syntax, several_scans
from tests.preprocessing.encodings import encapsulated, read

every_encoder = pytest.mark.parametrize("syntax", ENCAPSULATED_COLORS, ids=lambda syntax: uid.UID(syntax).keyword)


@every_encoder
def test_a_color_codestream_cut_at_every_tenth_does_not_decode(syntax: str) -> None:
    ds = read(in_color_syntax(GRAY, syntax))
    frame = get_frame(ds.PixelData, 0, number_of_frames=1)
    for tenth in range(1, 10):
        with pytest.raises(PixelDecode):
            stored_pixels(encapsulated(ds, syntax, frame[: len(frame) * tenth // 10]))


@pytest.mark.parametrize("planar", [0, 1])
def test_two_of_three_planes_do_not_decode(planar: int) -> None:
    ds = color_dataset(GRAY, planar=planar)
    ds.PixelData = ds.PixelData[: GRAY.size * 2]
    with pytest.raises(PixelDecode, match="bytes of pixels where the header says"):
        stored_pixels(ds)


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_jpeg_image_in_several_scans_is_not_read_nor_taken_for_gray(kept: int) -> None:
    with pytest.raises(UnsupportedImage, match="scans"):
        stored_pixels(several_scans(kept))


@pytest.mark.parametrize("segments", [1, 2, 4, 6])
def test_another_count_of_rle_segments_does_not_decode(segments: int) -> None:
    ds = read(in_color_syntax(GRAY, uid.RLELossless))
    frame = bytearray(get_frame(ds.PixelData, 0, number_of_frames=1))
    frame[0] = segments
    with pytest.raises(PixelDecode):
        stored_pixels(encapsulated(ds, uid.RLELossless, bytes(frame)))


def test_three_planes_in_one_rle_segment_do_not_decode() -> None:
    planes = GRAY.tobytes() * 3
    runs = b"".join(bytes([127]) + planes[start : start + 128] for start in range(0, len(planes), 128))
    frame = struct.pack("<16L", 1, 64, *[0] * 14) + runs
    with pytest.raises(PixelDecode, match="segment for each byte"):
        stored_pixels(encapsulated(color_dataset(GRAY), uid.RLELossless, frame))


@every_encoder
@pytest.mark.parametrize("change", [{"Rows": 47}, {"Columns": 41}, {"Rows": 96}])
def test_another_matrix_than_the_headers_is_refused_in_colors(syntax: str, change: dict[str, int]) -> None:
    ds = read(in_color_syntax(GRAY, syntax))
    for keyword, value in change.items():
        setattr(ds, keyword, value)
    with pytest.raises(PixelDecode):
        stored_pixels(ds)


@settings(max_examples=150)
@given(data=st.data(), syntax=st.sampled_from(sorted(ENCAPSULATED_COLORS)))
@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of what it finds odd
def test_damage_of_a_few_bytes_gives_pixels_or_an_input_error(data: st.DataObject, syntax: str) -> None:
    content = bytearray(in_color_syntax(GRAY, syntax))
    for position in data.draw(st.lists(st.integers(132, len(content) - 1), min_size=1, max_size=4)):
        content[position] = data.draw(st.integers(0, 255))
    try:
        ds = read_dataset(bytes(content))
        stored = stored_pixels(ds)
        if stored.ndim == 3:
            displayed_if_gray(stored, ds)
    except InputError:
        return
