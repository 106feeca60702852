"""What is damaged, cut short or lies about its size gives one of our errors, soon and in little memory."""

import random
import resource
import struct
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import FileDataset
from pydicom.encaps import get_frame

from preprocessing.decoders import OF_SEVERAL_RESOLUTIONS
from preprocessing.decoding import stored_pixels
from preprocessing.errors import InputError, PixelDecode, UnsupportedImage
from preprocessing.reading import read_dataset
from tests.preprocessing.encodings import LOSSLESS_ENCODERS, encapsulated, in_every_syntax, read, written
from tests.preprocessing.radiographs import chest_dataset, ramp

pytestmark = pytest.mark.filterwarnings(
    "ignore::UserWarning",  # pydicom's, of what it finds odd
    "ignore::pytest.PytestUnraisableExceptionWarning",  # imagecodecs loses exceptions of OpenJPH; the decoder finds out
)

NOISE = np.random.default_rng(5).integers(0, 200, (48, 40))
IMAGE = chest_dataset((ramp(48, 40) // 2 + NOISE).astype(np.uint16))
FILES = in_every_syntax(IMAGE)
ENCAPSULATED = {syntax: content for syntax, content in FILES.items() if uid.UID(syntax).is_encapsulated}

HALF = (24, 20)
"""Rows and columns of the image at its next lower resolution."""

LONGEST_S = 10.0
"""Longest that one damaged file may take."""

MEMORY_BYTES = 2 * 1024**3
"""Address space of a process of the mutation test, its libraries and threads included."""

MUTATIONS_A_SYNTAX = 3_000
"""Times sixteen syntaxes, and two at a lower resolution: 54,000. The crash that `MOST_BIT_PLANES` prevents took 13,000
of one syntax to meet."""


def outcome(content: bytes, *, least_shape: tuple[int, int] | None = None) -> str:
    """Read and decode a file; return "pixels" or the name of one of our errors."""
    try:
        stored_pixels(read_dataset(content), least_shape=least_shape)
    except InputError as error:
        return type(error).__name__
    return "pixels"


def codestream(syntax: str) -> bytes:
    """Return the frame of an encapsulated file, without the padding of its fragment."""
    ds = read(ENCAPSULATED[syntax])
    return get_frame(ds.PixelData, 0, number_of_frames=1)


@pytest.mark.parametrize("syntax", FILES, ids=lambda syntax: uid.UID(syntax).keyword)
def test_pixel_data_cut_at_every_tenth_do_not_decode(syntax: str) -> None:
    ds = read(FILES[syntax])
    whole = ds.PixelData
    for tenth in range(1, 10):
        ds.PixelData = whole[: len(whole) * tenth // 10]
        with pytest.raises(PixelDecode):
            stored_pixels(ds)


@pytest.mark.parametrize("syntax", ENCAPSULATED, ids=lambda syntax: uid.UID(syntax).keyword)
def test_a_codestream_cut_at_every_tenth_does_not_decode(syntax: str) -> None:
    frame = codestream(syntax)
    for tenth in range(1, 10):
        with pytest.raises(PixelDecode):
            stored_pixels(encapsulated(read(ENCAPSULATED[syntax]), syntax, frame[: len(frame) * tenth // 10]))


@pytest.mark.parametrize("syntax", OF_SEVERAL_RESOLUTIONS, ids=lambda syntax: syntax.keyword)
def test_a_codestream_cut_at_every_tenth_has_no_lower_resolution(syntax: uid.UID) -> None:
    frame = codestream(syntax)
    assert stored_pixels(read(FILES[syntax]), least_shape=HALF).shape == HALF
    for tenth in range(1, 10):
        with pytest.raises(PixelDecode):
            stored_pixels(encapsulated(IMAGE, syntax, frame[: len(frame) * tenth // 10]), least_shape=HALF)


@pytest.mark.parametrize("syntax", FILES, ids=lambda syntax: uid.UID(syntax).keyword)
def test_a_file_cut_anywhere_gives_an_input_error(syntax: str) -> None:
    content = FILES[syntax]
    complete = len(content) - 16  # what follows is padding and the delimiter
    for kept in range(0, complete, complete // 60):
        assert outcome(content[:kept]) != "pixels"


@pytest.mark.parametrize("syntax", ENCAPSULATED, ids=lambda syntax: uid.UID(syntax).keyword)
@pytest.mark.parametrize("change", [{"Rows": 47}, {"Columns": 41}, {"Rows": 96}, {"Rows": 40, "Columns": 48}])
def test_another_matrix_than_the_headers_is_refused(syntax: str, change: dict[str, int]) -> None:
    ds = read(ENCAPSULATED[syntax])
    for keyword, value in change.items():
        setattr(ds, keyword, value)
    if syntax == uid.RLELossless and ds.Rows * ds.Columns == IMAGE.Rows * IMAGE.Columns:
        return  # RLE has no matrix of its own
    with pytest.raises(PixelDecode):
        stored_pixels(ds)


COLOR_ENCODERS: dict[uid.UID, Callable[[NDArray[np.uint8]], bytes | bytearray]] = {
    uid.JPEGBaseline8Bit: imagecodecs.jpeg8_encode,
    uid.JPEGLSLossless: imagecodecs.jpegls_encode,
    uid.JPEG2000: lambda image: imagecodecs.jpeg2k_encode(image, codecformat="J2K"),
    uid.HTJ2K: imagecodecs.htj2k_encode,
}


@pytest.mark.parametrize("syntax", COLOR_ENCODERS, ids=lambda syntax: uid.UID(syntax).keyword)
def test_three_components_are_refused(syntax: str) -> None:
    color = np.zeros((48, 40, 3), dtype=np.uint8)
    encoded = bytes(COLOR_ENCODERS[uid.UID(syntax)](color))
    ds = encapsulated(IMAGE, syntax, encoded, BitsAllocated=8, BitsStored=8, HighBit=7)
    with pytest.raises(PixelDecode, match="48 x 40 x 3 in the codestream where the header says 48 x 40 x 1"):
        stored_pixels(ds)


@pytest.mark.parametrize("syntax", [uid.JPEGLosslessSV1, uid.JPEGLSLossless, uid.JPEG2000, uid.HTJ2KLossless])
def test_more_bits_than_are_allocated_are_refused(syntax: str) -> None:
    encoded = LOSSLESS_ENCODERS.get(syntax, LOSSLESS_ENCODERS[uid.JPEG2000Lossless])(IMAGE.pixel_array, 12)
    with pytest.raises(PixelDecode, match="bits in the codestream where 8 are allocated"):
        stored_pixels(encapsulated(IMAGE, syntax, encoded, BitsAllocated=8, BitsStored=8, HighBit=7))


@pytest.mark.parametrize("syntax", [uid.JPEGLSLossless, uid.JPEG2000Lossless, uid.HTJ2KLossless])
def test_values_beyond_the_bits_stored_are_never_cut_in_silence(syntax: str) -> None:
    encoded = LOSSLESS_ENCODERS[syntax](IMAGE.pixel_array, 12)
    with pytest.raises(PixelDecode, match="more than the 9 bits stored"):
        stored_pixels(encapsulated(IMAGE, syntax, encoded, BitsStored=9, HighBit=8))


def test_more_than_the_bound_is_refused_before_anything_is_decoded() -> None:
    ds = read(written(IMAGE))
    ds.Rows = ds.Columns = 60_000
    with pytest.raises(UnsupportedImage, match="60000 x 60000"):
        stored_pixels(ds)


def with_style(layers: int, exponents: bytes) -> FileDataset:
    """Return a JPEG 2000 image whose coding style declares other layers and precincts (T.800 A.6.1)."""
    frame = codestream(uid.JPEG2000Lossless)
    at = frame.index(b"\xff\x52")
    end = at + 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    style = bytearray(frame[at + 4 : end])
    style[0] |= bool(exponents)
    style[2:4] = layers.to_bytes(2, "big")
    style[5:6] = b"\x05"
    content = bytes(style) + exponents
    segment = b"\xff\x52" + struct.pack(">H", len(content) + 2) + content
    return encapsulated(IMAGE, uid.JPEG2000Lossless, frame[:at] + segment + frame[end:])


@pytest.mark.parametrize(("layers", "exponents"), [(65_535, b""), (500, bytes(6))], ids=["layers", "precincts"])
def test_a_jpeg_2000_header_that_asks_for_too_many_packets_is_refused(layers: int, exponents: bytes) -> None:
    with pytest.raises(PixelDecode, match="packets, more than 500000"):
        stored_pixels(with_style(layers, exponents))


@pytest.mark.parametrize("syntax", [uid.JPEG2000Lossless, uid.HTJ2KLossless, uid.HTJ2K])
def test_a_step_size_of_too_many_bit_planes_is_refused(syntax: str) -> None:
    frame = bytearray(codestream(syntax))
    frame[frame.index(b"\xff\x5c") + 5] = 0xF8
    with pytest.raises(PixelDecode, match="bit planes, more than 30"):
        stored_pixels(encapsulated(IMAGE, syntax, bytes(frame)))


def test_segments_that_expand_beyond_the_image_are_refused() -> None:
    segment = b"\x81\x00" * 500_000  # 64 million bytes
    header = struct.pack("<16L", 2, 64, 64 + len(segment), *[0] * 13)
    with pytest.raises(PixelDecode):
        stored_pixels(encapsulated(IMAGE, uid.RLELossless, header + segment + segment))


@settings(max_examples=150)
@given(data=st.data(), syntax=st.sampled_from(sorted(ENCAPSULATED)))
def test_damage_of_a_few_bytes_gives_pixels_or_an_input_error(data: st.DataObject, syntax: str) -> None:
    content = bytearray(ENCAPSULATED[syntax])
    for position in data.draw(st.lists(st.integers(132, len(content) - 1), min_size=1, max_size=4)):
        content[position] = data.draw(st.integers(0, 255))
    started_s = time.perf_counter()
    outcome(bytes(content))
    outcome(bytes(content), least_shape=HALF)
    assert time.perf_counter() - started_s < LONGEST_S


def limit_memory() -> None:
    """Bound the memory of a worker."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def longest_of_mutations(syntax: str, count: int, least_shape: tuple[int, int] | None = None) -> float:
    """Decode damaged files of a syntax, whole or at a lower resolution; return the seconds that the slowest took.

    Most damage goes into the headers of the pixels: there it asks for memory and time.
    """
    generator = random.Random(syntax)
    content = FILES[syntax]
    pixels = max(content.rfind(b"\xe0\x7f\x10\x00"), content.rfind(b"\xff\x4f\xff\x51"), 132)
    longest_s = 0.0
    for _ in range(count):
        damaged = bytearray(content)
        for _ in range(generator.choice((1, 1, 2, 8))):
            end = min(pixels + 150, len(damaged)) if generator.random() < 0.6 else len(damaged)
            start = pixels if end < len(damaged) else 132
            damaged[generator.randrange(start, end)] = generator.randrange(256)
        if generator.random() < 0.1:
            del damaged[generator.randrange(132, len(damaged)) :]
        started_s = time.perf_counter()
        outcome(bytes(damaged), least_shape=least_shape)
        longest_s = max(longest_s, time.perf_counter() - started_s)
    return longest_s


@pytest.mark.slow
def test_thousands_of_mutations_give_pixels_or_an_input_error_in_bounded_time_and_memory() -> None:
    assert len(FILES) * MUTATIONS_A_SYNTAX >= 5_000
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=limit_memory) as pool:
        waiting = [pool.submit(longest_of_mutations, syntax, MUTATIONS_A_SYNTAX) for syntax in FILES]
        waiting += [
            pool.submit(longest_of_mutations, syntax, MUTATIONS_A_SYNTAX, HALF) for syntax in OF_SEVERAL_RESOLUTIONS
        ]
        assert max(future.result(timeout=300) for future in waiting) < LONGEST_S
