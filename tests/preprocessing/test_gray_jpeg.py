"""Gray JPEG whose data do not end with its pixels is damaged; whatever an encoder writes is not."""

import random
from io import BytesIO

import cv2
import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from preprocessing.gray_jpeg import Samples, decode_gray_jpeg
from preprocessing.jpeg_header import LOSSLESS, SEQUENTIAL_DCT, check_jpeg
from preprocessing.pixel_layout import PixelLayout, Undecodable
from tests.preprocessing.encodings import Stored

KINDS = {"baseline": (8, False), "extended": (12, False), "lossless": (12, True)}
"""Bits, and whether nothing is lost."""

every_kind = pytest.mark.parametrize(("bits", "lossless"), KINDS.values(), ids=list(KINDS))


def image(bits: int, *, rows: int = 100, columns: int = 90, seed: int = 0) -> Stored:
    """Draw smooth shades with a little noise."""
    rng = np.random.default_rng(seed)
    coarse = np.kron(rng.random((-(-rows // 20), -(-columns // 20))), np.ones((20, 20)))[:rows, :columns]
    values = cv2.GaussianBlur(coarse, (0, 0), 4) + rng.normal(0, 0.01, (rows, columns))
    stored: Stored = (np.clip(values, 0, 1) * ((1 << bits) - 1)).astype(np.uint8 if bits <= 8 else np.uint16)
    return stored


def encoded(stored: Stored, *, bits: int, lossless: bool) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(stored, level=90, bitspersample=bits, lossless=lossless))


def decoded(frame: bytes, shape: tuple[int, ...] = (100, 90)) -> Samples:
    layout = PixelLayout(rows=shape[0], columns=shape[1], bits_allocated=16, bits_stored=16, signed=False)
    return decode_gray_jpeg(frame, check_jpeg(frame, layout, SEQUENTIAL_DCT | LOSSLESS))


def is_found(frame: bytes) -> bool:
    try:
        decoded(frame)
    except (Undecodable, imagecodecs.Jpeg8Error):
        return True
    return False


@every_kind
@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
def test_data_cut_short_and_ended_all_the_same_are_refused(bits: int, lossless: bool, share: float) -> None:
    frame = encoded(image(bits), bits=bits, lossless=lossless)
    with pytest.raises(Undecodable, match=r"end before the last pixel|codes that its tables lack"):
        decoded(frame[: round(share * len(frame))].rstrip(b"\xff") + b"\xff\xd9")


@every_kind
def test_data_of_more_blocks_than_there_are_are_refused(bits: int, lossless: bool) -> None:
    frame = encoded(image(bits), bits=bits, lossless=lossless)
    with pytest.raises(Undecodable, match="go on after the last pixel"):
        decoded(frame[:-2] + bytes(range(1, 100)) + frame[-2:])


@pytest.mark.parametrize(("kind", "least"), [("baseline", 50), ("extended", 60), ("lossless", 80)])
def test_many_wrong_bytes_are_found(kind: str, least: int) -> None:
    bits, lossless = KINDS[kind]
    frame, generator = encoded(image(bits), bits=bits, lossless=lossless), random.Random(0)
    start = frame.index(b"\xff\xda") + 10
    found = 0
    for _ in range(200):
        content = bytearray(frame)
        content[generator.randrange(start, len(frame) - 2)] ^= generator.randrange(1, 256)
        found += is_found(bytes(content))
    assert found >= least


@given(
    rows=st.integers(1, 40),
    columns=st.integers(1, 40),
    quality=st.integers(1, 100),
    optimize=st.booleans(),
    seed=st.integers(0, 1000),
    bits=st.sampled_from([8, 12]),
)
def test_what_an_encoder_writes_is_sound(
    rows: int, columns: int, quality: int, optimize: bool, seed: int, bits: int
) -> None:
    stored = image(bits, rows=rows, columns=columns, seed=seed)
    frame = bytes(imagecodecs.jpeg8_encode(stored, level=quality, bitspersample=bits, optimize=optimize))
    assert np.array_equal(decoded(frame, stored.shape), imagecodecs.jpeg8_decode(frame))


@pytest.mark.parametrize("optimize", [False, True])
@pytest.mark.parametrize("gray", [0, 127, 128, 129, 255])
def test_one_gray_value_also_that_of_missing_blocks_is_sound(gray: int, optimize: bool) -> None:
    flat = np.full((100, 90), gray, dtype=np.uint8)
    content = BytesIO()
    Image.fromarray(flat).save(content, "JPEG", quality=90, optimize=optimize)
    assert (decoded(content.getvalue()) == gray).all()


@pytest.mark.parametrize("padding", [b"\x00", b"\xff", b"\x7f"])
@pytest.mark.parametrize("bits", [8, 12])
def test_a_byte_of_padding_is_tolerated(padding: bytes, bits: int) -> None:
    frame = encoded(image(bits), bits=bits, lossless=False)
    padded = frame[:-2] + padding + frame[-2:]
    assert np.array_equal(decoded(padded), decoded(frame))


def test_restart_markers_out_of_order_are_refused() -> None:
    frame = cv2.imencode(".jpg", image(8), [cv2.IMWRITE_JPEG_RST_INTERVAL, 4])[1].tobytes()
    assert np.array_equal(decoded(frame), imagecodecs.jpeg8_decode(frame))
    second = frame.index(b"\xff\xd1")
    with pytest.raises(Undecodable, match="restart markers"):
        decoded(frame[:second] + b"\xff\xd2" + frame[second + 2 :])


def test_values_beyond_the_precision_are_refused_but_for_negative_ones() -> None:
    negative = image(12).astype(np.int16) - 2048
    offset = np.uint16((1 << 15) - (1 << 11))  # T.81 H.1.2.1: the first prediction, of 16 bits and of 12
    frame = bytearray(encoded(negative.view(np.uint16) + offset, bits=16, lossless=True))
    frame[frame.index(b"\xff\xc3") + 4] = 12
    layout = PixelLayout(rows=100, columns=90, bits_allocated=16, bits_stored=16, signed=True)
    header = check_jpeg(bytes(frame), layout, LOSSLESS)
    assert np.array_equal(decode_gray_jpeg(bytes(frame), header, signed=True).view(np.int16), negative)
    with pytest.raises(Undecodable, match="more than its 12 bits"):
        decode_gray_jpeg(bytes(frame), header)
