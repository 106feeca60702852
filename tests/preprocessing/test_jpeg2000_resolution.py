"""Lower resolutions of JPEG 2000: bit for bit the low-pass bands of the standard, and only where the packets allow."""

import struct
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from pydicom import uid
from pydicom.dataset import FileDataset
from pydicom.encaps import get_frame

from preprocessing.decoding import stored_pixels
from preprocessing.jpeg2000_markers import header_segments
from preprocessing.jpeg2000_resolution import at_lower_resolution
from preprocessing.pixel_layout import PixelLayout
from tests.preprocessing.encodings import LOSSLESS_ENCODERS, Stored, encapsulated
from tests.preprocessing.radiographs import chest_dataset

NOISE = np.random.default_rng(3)
COD, POC, PPM, PPT, SOT = 0xFF52, 0xFF5F, 0xFF60, 0xFF61, 0xFF90


def noisy(rows: int, columns: int, *, bits: int = 12, signed: bool = False) -> Stored:
    """Return waves and noise over the whole range of stored values, so that low-pass bands overshoot it."""
    row, column = np.mgrid[:rows, :columns]
    wave = np.sin(row / 9) * np.cos(column / 7) * 0.6 + 0.5 + NOISE.normal(0, 0.05, (rows, columns))
    values = np.clip(np.rint(wave * ((1 << bits) - 1)), 0, (1 << bits) - 1).astype(np.int64)
    lowest = 1 << (bits - 1) if signed else 0
    stored: Stored = (values - lowest).astype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")
    return stored


def low_pass_band(stored: Stored, levels: int) -> NDArray[np.int64]:
    """Carry out the forward transform 5/3 on rows and columns and keep its low-pass band: T.800 F.4.8.2."""
    band = stored.astype(np.int64)
    for axis in [0, 1] * levels:
        even, odd = np.moveaxis(band, axis, 0)[::2], np.moveaxis(band, axis, 0)[1::2]
        extended = np.concatenate([even, even[-1:]])
        high = odd - (extended[: len(odd)] + extended[1 : len(odd) + 1]) // 2
        mirrored = np.concatenate([high[:1], high, high[-1:]])
        low = even + (mirrored[: len(even)] + mirrored[1 : len(even) + 1] + 2) // 4
        band = np.moveaxis(low, 0, axis)
    return band


def in_jpeg2000(stored: Stored, *, bits: int = 12, **options: Any) -> FileDataset:
    """Return an image in JPEG 2000 of imagecodecs' encoder."""
    options = {"level": 0, "reversible": True, "bitspersample": bits} | options
    codestream = bytes(imagecodecs.jpeg2k_encode(stored, codecformat="J2K", **options))
    syntax = uid.JPEG2000Lossless if options["reversible"] else uid.JPEG2000
    return encapsulated(chest_dataset(stored, bits_stored=bits), syntax, codestream)


@pytest.mark.parametrize("shape", [(64, 48), (61, 75), (33, 97)])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [8, 10, 12, 15, 16])
def test_a_lower_resolution_is_the_low_pass_band_of_the_standard(
    shape: tuple[int, int], signed: bool, bits: int
) -> None:
    stored = noisy(*shape, bits=bits, signed=signed)
    ds = in_jpeg2000(stored, bits=bits)
    limits = np.array([0, (1 << bits) - 1]) - (1 << (bits - 1) if signed else 0)
    for levels in (1, 2):
        least = tuple(-(-side // 2**levels) for side in shape)
        lower = stored_pixels(ds, least_shape=(least[0], least[1]))
        assert lower.dtype == stored.dtype
        assert np.array_equal(lower, np.clip(low_pass_band(stored, levels), *limits))


def pillows(codestream: bytes, levels: int) -> NDArray[np.uint16]:
    """Decode a lower resolution of 9 to 16 bits with Pillow: values fill 16; sides must be multiples of its power."""
    image = Jpeg2KImageFile(BytesIO(codestream))
    image.reduce = levels
    return np.asarray(image)


@pytest.mark.parametrize("shape", [(64, 96), (192, 128)])
@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_lower_resolution_of_a_lossy_codestream_is_that_of_pillow(shape: tuple[int, int], levels: int) -> None:
    ds = in_jpeg2000(noisy(*shape), level=45, reversible=False)
    lower = stored_pixels(ds, least_shape=(shape[0] >> levels, shape[1] >> levels))
    assert np.array_equal(lower, pillows(get_frame(ds.PixelData, 0, number_of_frames=1), levels) >> 4)


WIDE = noisy(192, 256, bits=16)
ORDERS: dict[str, dict[str, Any]] = {
    "one layer": {"progression": "LRCP"},
    "resolutions, then layers": {"progression": "RLCP", "quality_layers": [30, 10, 1]},
    "resolutions, then places": {"progression": "RPCL", "quality_layers": [30, 10, 1]},
    "precincts": {"progression": "RPCL", "precinct_size": (64, 64)},
    "precincts in one layer": {"progression": "LRCP", "precinct_size": (64, 64)},
    "tiles": {"progression": "LRCP", "tile_size": (64, 64)},
    "lossy": {"progression": "RLCP", "quality_layers": [8], "irreversible": True},
}
OTHER_ORDERS: dict[str, dict[str, Any]] = {
    "layers first": {"progression": "LRCP", "quality_layers": [30, 10, 1]},
    "places first": {"progression": "PCRL"},
    "component first": {"progression": "CPRL"},
    "tiles that do not halve": {"progression": "LRCP", "tile_size": (65, 65)},
}
WIDE_LAYOUT = PixelLayout(rows=192, columns=256, bits_allocated=16, bits_stored=16, signed=False)


def by_pillow(**options: Any) -> bytes:
    """Encode the wide image with Pillow, which lets one choose progression, tiles, precincts and layers."""
    content = BytesIO()
    Image.fromarray(WIDE).save(content, "JPEG2000", no_jp2=True, num_resolutions=5, **options)
    return content.getvalue()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("levels", [1, 2, 3, 4])
def test_every_order_of_packets_by_resolution_gives_the_lower_one(order: str, levels: int) -> None:
    codestream = by_pillow(**ORDERS[order])
    ds = encapsulated(chest_dataset(WIDE, bits_stored=16), uid.JPEG2000, codestream)
    lower = stored_pixels(ds, least_shape=(192 >> levels, 256 >> levels))
    assert np.array_equal(lower, pillows(codestream, levels))


@pytest.mark.parametrize("order", OTHER_ORDERS)
def test_in_another_order_of_packets_the_image_is_decoded_whole(order: str) -> None:
    codestream = by_pillow(**OTHER_ORDERS[order])
    ds = encapsulated(chest_dataset(WIDE, bits_stored=16), uid.JPEG2000, codestream)
    assert at_lower_resolution(codestream, WIDE_LAYOUT, least_shape=(1, 1)) == (codestream, WIDE_LAYOUT)
    assert np.array_equal(stored_pixels(ds, least_shape=(1, 1)), stored_pixels(ds))


def with_segment(codestream: bytes, marker: int, *, in_tile: bool) -> bytes:
    """Put a copy of the coding style under another marker before the first tile-part, or into its header."""
    segments = list(header_segments(codestream))
    style, start = (next(found for found in segments if found.marker == wanted) for wanted in (COD, SOT))
    added = marker.to_bytes(2, "big") + codestream[style.start + 2 : style.end]
    tile_part = bytearray(codestream[start.start : start.end])
    length = int.from_bytes(tile_part[6:10], "big") + len(added) * in_tile
    tile_part[6:10] = length.to_bytes(4, "big")
    header = tile_part + added if in_tile else added + tile_part
    return codestream[: start.start] + bytes(header) + codestream[start.end :]


@pytest.mark.parametrize(
    ("marker", "in_tile"), [(POC, False), (POC, True), (PPM, False), (PPT, True), (COD, False), (COD, True)]
)
def test_a_header_that_may_order_packets_otherwise_leaves_the_image_whole(marker: int, in_tile: bool) -> None:
    codestream = by_pillow(**ORDERS["one layer"])
    other = with_segment(codestream, marker, in_tile=in_tile)
    assert len(list(header_segments(other))) == len(list(header_segments(codestream))) + 1
    assert at_lower_resolution(codestream, WIDE_LAYOUT, least_shape=(12, 16))[1].matrix == (12, 16)
    assert at_lower_resolution(other, WIDE_LAYOUT, least_shape=(12, 16)) == (other, WIDE_LAYOUT)


def test_a_coding_style_of_a_tile_alone_leaves_the_image_whole() -> None:
    both = with_segment(by_pillow(**ORDERS["one layer"]), COD, in_tile=True)
    style = next(found for found in header_segments(both) if found.marker == COD)
    other = both[: style.start] + both[style.end :]
    assert at_lower_resolution(other, WIDE_LAYOUT, least_shape=(12, 16)) == (other, WIDE_LAYOUT)


def test_an_image_that_does_not_begin_at_the_origin_of_its_grid_is_left_whole() -> None:
    codestream = bytearray(by_pillow(**ORDERS["one layer"]))
    struct.pack_into(">4L", codestream, 8, 257, 192, 1, 0)  # Xsiz, Ysiz, XOsiz, YOsiz
    shifted = bytes(codestream)
    assert at_lower_resolution(shifted, WIDE_LAYOUT, least_shape=(12, 16)) == (shifted, WIDE_LAYOUT)


@pytest.mark.parametrize(
    ("least_shape", "shape"),
    [((61, 75), (61, 75)), ((31, 38), (31, 38)), ((16, 19), (16, 19)), ((17, 19), (31, 38)), ((16, 20), (31, 38)),
     ((1, 1), (16, 19)), ((62, 75), (61, 75)), ((600, 700), (61, 75))],
)  # fmt: skip
def test_the_lowest_resolution_that_leaves_enough_is_taken_of_those_there_are(
    least_shape: tuple[int, int], shape: tuple[int, int]
) -> None:
    ds = in_jpeg2000(noisy(61, 75))
    assert stored_pixels(ds, least_shape=least_shape).shape == shape


def test_what_is_no_lower_resolution_is_the_whole_image() -> None:
    stored = noisy(64, 48)
    ds = in_jpeg2000(stored)
    assert np.array_equal(stored_pixels(ds), stored)
    assert np.array_equal(stored_pixels(ds, least_shape=(33, 25)), stored)


@pytest.mark.parametrize("syntax", [syntax for syntax in LOSSLESS_ENCODERS if syntax != uid.JPEG2000Lossless])
def test_another_syntax_is_decoded_whole(syntax: str) -> None:
    stored = noisy(64, 48)
    ds = encapsulated(chest_dataset(stored), syntax, LOSSLESS_ENCODERS[syntax](stored, 12))
    assert np.array_equal(stored_pixels(ds, least_shape=(1, 1)), stored)


def test_pixels_that_may_lie_beyond_the_bits_stored_are_decoded_whole() -> None:
    stored = noisy(64, 48)
    ds = encapsulated(chest_dataset(stored), uid.JPEG2000Lossless, LOSSLESS_ENCODERS[uid.JPEG2000Lossless](stored, 16))
    assert np.array_equal(stored_pixels(ds, least_shape=(1, 1)), stored)


def test_pixels_of_another_sign_than_the_headers_are_decoded_whole() -> None:
    stored = noisy(64, 48, signed=True)
    unsigned = stored.view(np.uint16) & 0xFFF
    ds = encapsulated(
        chest_dataset(stored), uid.JPEG2000Lossless, LOSSLESS_ENCODERS[uid.JPEG2000Lossless](unsigned, 12)
    )
    assert np.array_equal(stored_pixels(ds, least_shape=(1, 1)), stored)
