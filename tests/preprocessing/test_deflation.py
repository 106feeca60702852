"""Files of the deflated transfer syntax: inflated once, within a bound, and to the last byte."""

import zlib
from functools import cache

import numpy as np
import pytest
from pydicom import uid

from preprocessing.decoding import stored_pixels
from preprocessing.errors import NotDicom, UnsupportedImage
from preprocessing.pixel_layout import LARGEST_DECODED_BYTES
from preprocessing.reading import read_dataset
from tests.preprocessing.encodings import in_lossless_syntaxes, read, written
from tests.preprocessing.radiographs import chest_dataset, ramp

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of what it finds odd

IMAGE = chest_dataset(ramp(48, 40))
DEFLATED = in_lossless_syntaxes(IMAGE)[uid.DeflatedExplicitVRLittleEndian]
DATA_SET_AT = 144 + int.from_bytes(DEFLATED[140:144], "little")
"""Where the deflated data set begins, behind the File Meta Information."""


@cache
def deflate_bomb() -> bytes:
    """Return a deflated stream of a little more than the bound."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    steps = [deflate.compress(bytes(2**20)) for _ in range(LARGEST_DECODED_BYTES // 2**20 + 2)]
    return b"".join(steps) + deflate.flush()


def test_a_deflated_file_beyond_the_bound_is_refused_before_it_is_inflated() -> None:
    with pytest.raises(UnsupportedImage, match="inflates to more than 256 MiB"):
        read_dataset(DEFLATED[:DATA_SET_AT] + deflate_bomb())
    assert read_dataset(DEFLATED).file_meta.TransferSyntaxUID == uid.DeflatedExplicitVRLittleEndian


@pytest.mark.parametrize("length", [None, 0, 999_999_999])
def test_the_bound_of_a_deflated_file_does_not_trust_the_group_length(length: int | None) -> None:
    group_length = b"" if length is None else DEFLATED[132:140] + length.to_bytes(4, "little")
    meta = DEFLATED[:132] + group_length + DEFLATED[144:DATA_SET_AT]
    assert "PixelData" in read_dataset(meta + DEFLATED[DATA_SET_AT:])
    with pytest.raises(UnsupportedImage, match="inflates to more than 256 MiB"):
        read_dataset(meta + deflate_bomb())


def test_a_deflated_file_with_an_implicit_meta_is_inflated_once() -> None:
    declared = uid.DeflatedExplicitVRLittleEndian.encode()
    meta = DEFLATED[:132] + b"\x02\x00\x10\x00" + len(declared).to_bytes(4, "little") + declared
    assert read_dataset(meta + DEFLATED[DATA_SET_AT:]) == read(DEFLATED)
    with pytest.raises(UnsupportedImage, match="inflates to more than 256 MiB"):
        read_dataset(meta + deflate_bomb())


def test_a_deflated_file_is_read_as_by_pydicom() -> None:
    assert read_dataset(DEFLATED) == read(DEFLATED)
    assert read_dataset(DEFLATED).file_meta == read(DEFLATED).file_meta


@pytest.mark.parametrize("kept", [8, 100, -10])
def test_a_deflated_data_set_that_is_cut_short_does_not_parse(kept: int) -> None:
    with pytest.raises(NotDicom, match="its data set does not parse"):
        read_dataset(DEFLATED[:DATA_SET_AT] + DEFLATED[DATA_SET_AT:][:kept])


@pytest.mark.parametrize("surplus", [b"\0", b"\0\0\0\0", bytes(20)])
def test_a_deflated_data_set_that_goes_on_after_its_last_element_does_not_parse(surplus: bytes) -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data_set = zlib.decompress(DEFLATED[DATA_SET_AT:], -zlib.MAX_WBITS)
    longer = deflate.compress(data_set + surplus) + deflate.flush()
    with pytest.raises(NotDicom, match="its data set does not parse"):
        read_dataset(DEFLATED[:DATA_SET_AT] + longer)


def test_a_deflated_data_set_may_be_padded_as_the_standard_says() -> None:
    ds = read(DEFLATED)
    ds.DataSetTrailingPadding = bytes(30)
    assert np.array_equal(stored_pixels(read_dataset(written(ds))), IMAGE.pixel_array)


def test_a_deflated_data_set_cannot_declare_another_transfer_syntax() -> None:
    meta = DEFLATED[132:DATA_SET_AT]
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    inner = deflate.compress(meta + DEFLATED[DATA_SET_AT:]) + deflate.flush()
    with pytest.raises(NotDicom, match="its data set does not parse"):
        read_dataset(DEFLATED[:DATA_SET_AT] + inner)
