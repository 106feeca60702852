"""Damage within the data of JPEG 2000 and HTJ2K is found, and nothing else is taken for it."""

import random
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import uid

from preprocessing.decoding import stored_pixels
from preprocessing.errors import PixelDecode
from preprocessing.jpeg2000_decoding import decode_htj2k, decode_jpeg2000
from preprocessing.jpeg2000_header import Jpeg2000Header
from preprocessing.jpeg2000_markers import Marker, header_segments
from preprocessing.pixel_layout import Undecodable
from tests.preprocessing.encodings import LOSSLESS_ENCODERS, Stored, encapsulated
from tests.preprocessing.radiographs import chest_dataset, ramp

NOISE = np.random.default_rng(3).integers(0, 200, (160, 144))
IMAGE: Stored = (ramp(160, 144) // 2 + NOISE).astype(np.uint16)
JPEG2000 = LOSSLESS_ENCODERS[uid.JPEG2000Lossless](IMAGE, 12)
HTJ2K = LOSSLESS_ENCODERS[uid.HTJ2KLossless](IMAGE, 16)
UNSIGNED_16 = Jpeg2000Header(precision=16, signed=False)

STYLE_AT = 2
"""Where the parts of a coding style are named, from the beginning of its segment on, behind marker and length."""

ignore_lost_exceptions = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"  # imagecodecs loses those of OpenJPH; the decoder finds out
)


def data_of(frame: bytes) -> range:
    """Return where the data of the only tile-part lie."""
    (data,) = (segment for segment in header_segments(frame) if segment.marker == Marker.SOD)
    return range(data.start + 2, data.end)


def damaged(frame: bytes, count: int) -> Iterator[bytes]:
    """Yield codestreams with one wrong byte each in their data."""
    generator, where = random.Random(0), data_of(frame)
    for _ in range(count):
        content = bytearray(frame)
        content[generator.choice(where)] ^= generator.randrange(1, 256)
        yield bytes(content)


def is_found(frame: bytes) -> bool:
    out = np.empty_like(IMAGE)
    try:
        decode_jpeg2000(frame, out)
    except (Undecodable, imagecodecs.Jpeg2kError):
        return True
    return False


def test_nearly_every_wrong_byte_of_a_code_block_is_found() -> None:
    assert not is_found(JPEG2000)
    assert sum(map(is_found, damaged(JPEG2000, 60))) >= 55


def test_a_damaged_image_is_told_from_sound_ones_that_are_decoded_beside_it() -> None:
    bad = next(frame for frame in damaged(JPEG2000, 60) if is_found(frame))
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(is_found, [bad, JPEG2000, JPEG2000, JPEG2000] * 25))
    assert found == [True, False, False, False] * 25


@given(
    rows=st.integers(1, 90),
    columns=st.integers(1, 90),
    bits=st.integers(2, 16),
    level=st.sampled_from([0, 25, 40, 55, 70]),
    reversible=st.booleans(),
    seed=st.integers(0, 100),
)
def test_what_an_encoder_writes_is_sound(
    rows: int, columns: int, bits: int, level: int, reversible: bool, seed: int
) -> None:
    values = np.random.default_rng(seed).normal(0.5, 0.2, (rows, columns)).cumsum(axis=1) % 1
    image = (values * ((1 << bits) - 1)).astype(np.uint8 if bits <= 8 else np.uint16)
    frame = bytes(
        imagecodecs.jpeg2k_encode(image, level=level, codecformat="J2K", reversible=reversible, bitspersample=bits)
    )
    out = np.empty_like(image)
    decode_jpeg2000(frame, out)
    assert np.array_equal(out, imagecodecs.jpeg2k_decode(frame))


def test_packet_headers_that_do_not_end_as_the_coding_style_says_are_found() -> None:
    content = bytearray(JPEG2000)
    content[content.index(Marker.COD.to_bytes(2, "big")) + 2 + STYLE_AT] |= 0x04  # T.800 Table A.13: EPH shall be used
    assert is_found(bytes(content))


@pytest.mark.parametrize("syntax", [uid.JPEG2000Lossless, uid.HTJ2KLossless])
def test_a_marker_among_the_data_is_found(syntax: str) -> None:
    content = bytearray(LOSSLESS_ENCODERS[syntax](IMAGE, 12))
    content[data_of(bytes(content))[50] : data_of(bytes(content))[52]] = b"\xff\x90"
    with pytest.raises(PixelDecode, match="hold a marker"):
        stored_pixels(encapsulated(chest_dataset(IMAGE, bits_stored=16), syntax, bytes(content)))


def is_refused_by_openjpeg(frame: bytes) -> bool:
    try:
        imagecodecs.jpeg2k_decode(frame)
    except imagecodecs.Jpeg2kError:
        return True
    return False


@ignore_lost_exceptions
def test_what_openjph_cannot_decode_is_found_although_imagecodecs_does_not_say_so() -> None:
    broken = [frame for frame in damaged(HTJ2K, 300) if is_refused_by_openjpeg(frame)]
    assert len(broken) >= 20
    found = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for frame in broken:
            imagecodecs.htj2k_decode(frame)  # as if nothing were wrong
            try:
                decode_htj2k(frame, np.empty_like(IMAGE), UNSIGNED_16)
            except Undecodable:
                found += 1
    assert found >= 0.9 * len(broken)  # the two decoders do not draw the same line


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("share", [0, 0.25, 0.5, 1])
def test_a_last_row_of_one_value_is_no_sign_of_damage(bits: int, signed: bool, share: float) -> None:
    limits = np.iinfo(f"{'i' if signed else 'u'}{bits // 8}")
    image = np.linspace(limits.min, limits.max, 64 * 48).astype(limits.dtype).reshape(64, 48)
    image[-1] = int(limits.min + share * (limits.max - limits.min) + 0.5)
    out = np.empty_like(image)
    frame = bytes(imagecodecs.htj2k_encode(image, reversible=True))
    decode_htj2k(frame, out, Jpeg2000Header(precision=bits, signed=signed))
    assert np.array_equal(out, image)


def lossy_htj2k(image: Stored, bits: int) -> bytes:
    """Encode as of the bits: irreversible, a value is the share of the full scale that it is of 16 bits."""
    frame = bytearray(imagecodecs.htj2k_encode((image << (16 - bits)).astype(np.uint16), level=0.01, reversible=False))
    frame[42] = bits - 1  # T.800 A.5.1: Ssiz
    return bytes(frame)


@pytest.mark.parametrize("bits", [10, 12, 15])
def test_what_lossy_htj2k_overshoots_is_clamped(bits: int) -> None:
    highest = (1 << bits) - 1
    image = np.zeros((64, 48), dtype=np.uint16)
    image[:, 20:], image[10:20] = highest, highest // 2
    frame, out = lossy_htj2k(image, bits), np.empty_like(image)
    unclamped = imagecodecs.htj2k_decode(frame)
    assert unclamped.max() > highest
    decode_htj2k(frame, out, Jpeg2000Header(precision=bits, signed=False, reversible=False))
    assert np.abs(out.astype(int) - imagecodecs.jpeg2k_decode(frame)).max() <= 1  # rounded otherwise
    assert (out.min(), out.max()) == (0, highest)


@ignore_lost_exceptions
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_values_beyond_the_bits_stored_of_a_damaged_codestream_are_refused() -> None:
    offset = np.uint16((1 << 15) - (1 << 11))  # as far from the middle of 16 bits as from that of 12
    frame = bytearray(imagecodecs.htj2k_encode(IMAGE + offset, reversible=True))
    frame[42] = 11
    sound = stored_pixels(encapsulated(chest_dataset(IMAGE), uid.HTJ2KLossless, bytes(frame)))
    assert np.array_equal(sound, IMAGE)
    refused = 0
    for content in damaged(bytes(frame), 200):
        try:
            pixels = stored_pixels(encapsulated(chest_dataset(IMAGE), uid.HTJ2KLossless, content))
        except PixelDecode as error:
            refused += "more than the 12 bits stored" in str(error)
        else:
            assert pixels.max() <= 4095
    assert refused >= 3
