"""Images of several frames: each decoded as pydicom does, in every syntax, and damage found."""

from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGLSLossless, RLELossless

from preprocessing.errors import InvalidAttribute, MissingAttribute, PixelDecode, UnsupportedImage
from preprocessing.frames import stored_frames
from preprocessing.pixel_layout import LARGEST_DECODED_BYTES
from preprocessing.reading import read_dataset
from tests.preprocessing.encodings import LOSSLESS_ENCODERS
from tests.preprocessing.radiographs import file_bytes, published_file
from tests.preprocessing.tomography import counting, encoded, nuclear_image

STORED = counting((5, 6, 8))


@pytest.mark.parametrize(
    "name",
    [
        "emri_small.dcm",
        "emri_small_big_endian.dcm",
        "emri_small_RLE.dcm",
        "emri_small_jpeg_ls_lossless.dcm",
        "emri_small_jpeg_2k_lossless.dcm",
    ],
)
def test_published_images_of_ten_frames_have_the_pixels_that_pydicom_finds(name: str) -> None:
    content = published_file(name)
    frames = stored_frames(read_dataset(content))
    assert (frames == pydicom.dcmread(BytesIO(content)).pixel_array).all()
    assert frames.shape[0] == 10


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, which leaves the pixel data out
def test_a_published_image_whose_last_frame_is_cut_short_is_refused() -> None:
    ds = read_dataset(published_file("emri_small_jpeg_2k_lossless_too_short.dcm"))
    with pytest.raises(MissingAttribute, match="PixelData"):
        stored_frames(ds)


@pytest.mark.parametrize("syntax", LOSSLESS_ENCODERS)
def test_every_lossless_syntax_gives_the_same_frames(syntax: str) -> None:
    assert (stored_frames(read_dataset(file_bytes(encoded(nuclear_image(STORED), syntax)))) == STORED).all()


def test_frames_of_several_fragments_are_joined_by_the_offset_table() -> None:
    ds = encoded(nuclear_image(STORED), JPEGLSLossless)
    codestreams = [LOSSLESS_ENCODERS[JPEGLSLossless](frame, 16) for frame in STORED]
    ds.PixelData = encapsulate(codestreams, fragments_per_frame=2)
    assert (stored_frames(read_dataset(file_bytes(ds))) == STORED).all()
    ds.PixelData = encapsulate(codestreams, fragments_per_frame=2, has_bot=False)
    with pytest.raises(PixelDecode, match="10 fragments for 5 frames, and no table"):
        stored_frames(read_dataset(file_bytes(ds)))


def test_an_offset_table_that_names_no_fragment_is_refused() -> None:
    ds = encoded(nuclear_image(STORED), JPEGLSLossless)
    codestreams = [LOSSLESS_ENCODERS[JPEGLSLossless](frame, 16) for frame in STORED]
    content = bytearray(encapsulate(codestreams, fragments_per_frame=2))
    content[12] += 2  # the second offset
    ds.PixelData = bytes(content)
    with pytest.raises(PixelDecode, match="no fragment begins"):
        stored_frames(read_dataset(file_bytes(ds)))


def test_frames_of_odd_length_lie_without_padding_between_them() -> None:
    stored = np.arange(2 * 3 * 5, dtype=np.uint8).reshape(2, 3, 5)
    assert (stored_frames(read_dataset(file_bytes(nuclear_image(stored)))) == stored).all()


def broken(**attributes: Any) -> FileDataset:
    return read_dataset(file_bytes(nuclear_image(STORED, **attributes)))


def test_pixels_that_are_too_few_or_too_many_are_refused() -> None:
    with pytest.raises(PixelDecode, match="480 bytes of pixels where the header says 576"):
        stored_frames(broken(NumberOfFrames=6))
    with pytest.raises(PixelDecode, match="more pixels than its frames"):
        stored_frames(broken(NumberOfFrames=4))


def test_frames_beyond_the_bound_on_memory_are_refused_before_decoding() -> None:
    count = LARGEST_DECODED_BYTES // (6 * 8 * 2) + 1
    with pytest.raises(UnsupportedImage, match=f"it has {count} frames of 6 x 8"):
        stored_frames(broken(NumberOfFrames=count))


def test_what_every_image_has_is_asked_for() -> None:
    with pytest.raises(MissingAttribute, match="PixelData"):
        stored_frames(broken(PixelData=None))
    with pytest.raises(InvalidAttribute, match="NumberOfFrames"):
        stored_frames(broken(NumberOfFrames=-2))
    ds = encoded(nuclear_image(STORED), RLELossless)
    del ds.file_meta.TransferSyntaxUID
    with pytest.raises(MissingAttribute, match="TransferSyntaxUID"):
        stored_frames(ds)
