"""Lossless JPEG whose data do not end with its pixels is no image, whatever libjpeg makes of it."""

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocessing.jpeg_header import LOSSLESS, check_jpeg
from preprocessing.jpeg_lossless_length import check_length
from preprocessing.pixel_layout import PixelLayout, Undecodable
from tests.preprocessing.encodings import Stored


def image(bits: int, *, rows: int = 67, columns: int = 53, seed: int = 0) -> Stored:
    """Draw a walk over the whole range of the bits, differences of every size."""
    steps = np.random.default_rng(seed).standard_cauchy((rows, columns)) * 2
    walk = np.cumsum(steps, axis=1) % (1 << bits)
    stored: Stored = walk.astype(np.uint8 if bits <= 8 else np.uint16)
    return stored


def encoded(stored: Stored, *, bits: int, predictor: int = 1) -> bytes:
    return bytes(imagecodecs.jpeg8_encode(stored, lossless=True, bitspersample=bits, predictor=predictor))


def check(frame: bytes, *, rows: int = 67, columns: int = 53) -> None:
    """Decode a codestream and compare lengths."""
    layout = PixelLayout(rows=rows, columns=columns, bits_allocated=16, bits_stored=16, signed=False)
    check_length(frame, imagecodecs.jpeg8_decode(frame), check_jpeg(frame, layout, LOSSLESS))


@given(
    bits=st.integers(8, 16),
    predictor=st.integers(1, 7),
    rows=st.integers(1, 40),
    columns=st.integers(1, 40),
    seed=st.integers(0, 10**6),
)
def test_what_an_encoder_writes_is_as_long_as_its_pixels(
    bits: int, predictor: int, rows: int, columns: int, seed: int
) -> None:
    stored = image(bits, rows=rows, columns=columns, seed=seed)
    check(encoded(stored, bits=bits, predictor=predictor), rows=rows, columns=columns)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_data_cut_short_and_ended_all_the_same_are_refused(share: float) -> None:
    frame = encoded(image(12), bits=12)
    cut = frame[: round(share * len(frame))] + b"\xff\xd9"
    with pytest.raises(Undecodable, match="end before the last pixel"):
        check(cut)


def test_data_that_go_on_are_refused() -> None:
    frame = encoded(image(12), bits=12)
    longer = frame[:-2] + b"\x12\x34\x56" + frame[-2:]
    with pytest.raises(Undecodable, match="go on after the last pixel"):
        check(longer)
