"""PNG and JPEG files of research sets."""

import contextlib
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from preprocessing import NotEligible, Prepared, prepare
from preprocessing.errors import InputError, PixelDecode, UnsupportedImage
from preprocessing.picture import displayed_picture, read_picture
from preprocessing.reading import read_file
from specs.policy import Policy
from specs.recipe import CHEST_RADIOGRAPH_320, FrontalChestRadiograph

GRAY = np.linspace(0, 255, 300 * 280).reshape(300, 280).astype(np.uint8)


def encoded(pixels: NDArray[np.generic], *, kind: str = "PNG", mode: str | None = None) -> bytes:
    buffer = BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(buffer, format=kind)
    return buffer.getvalue()


def displayed(content: bytes) -> NDArray[np.uint16]:
    shown = displayed_picture(read_picture(content))
    assert shown is not None
    return shown.whole()


def prepared(content: bytes, recipe: FrontalChestRadiograph = CHEST_RADIOGRAPH_320) -> Prepared | NotEligible:
    return prepare(read_picture(content), recipe)


@pytest.mark.parametrize("mode", [None, "RGB", "RGBA", "LA", "P"])
def test_gray_is_gray_however_it_is_stored(mode: str | None) -> None:
    assert np.array_equal(displayed(encoded(GRAY, mode=mode)), GRAY.astype(np.uint16) * 257)


def test_sixteen_bits_are_stretched_over_what_occurs() -> None:
    deep = (GRAY.astype(np.uint16) * 8) + 100  # 12 of the 16 bits, as many sets have it
    shown = displayed(encoded(deep))
    assert (shown.min(), shown.max()) == (0, 65535)
    assert np.all(np.diff(shown.ravel().astype(int)) >= 0)


def deep_jpeg(bits: int, *, lossless: bool) -> bytes:
    deep = (GRAY.astype(np.float64) * ((1 << bits) - 1) / 255).astype(np.uint16 if bits > 8 else np.uint8)
    return bytes(imagecodecs.jpeg8_encode(deep, level=95, bitspersample=bits, lossless=lossless))


@pytest.mark.parametrize(("bits", "lossless"), [(8, True), (10, True), (12, False), (12, True), (16, True)])
def test_a_jpeg_file_of_more_bits_is_stretched_like_its_png(bits: int, lossless: bool) -> None:
    shown = displayed(deep_jpeg(bits, lossless=lossless))
    assert np.abs(shown.astype(int) - GRAY.astype(int) * 257).max() <= (65535 >> bits) + 1 + 300 * (not lossless)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("lossless", [False, True])
def test_a_cut_jpeg_file_of_12_bits_is_an_input_error(share: float, lossless: bool) -> None:
    content = deep_jpeg(12, lossless=lossless)
    with pytest.raises(PixelDecode, match="JPEG"):
        prepared(content[: int(share * len(content))])


def test_the_declared_matrix_of_a_jpeg_file_of_12_bits_is_bounded_before_it_is_decoded() -> None:
    content = bytearray(deep_jpeg(12, lossless=True))
    at = content.index(b"\xff\xc3") + 5
    content[at : at + 4] = (60000).to_bytes(2, "big") * 2
    refused = prepared(bytes(content))
    assert isinstance(refused, NotEligible)
    assert "60000 x 60000" in refused.reason


def test_what_else_jpeg_can_be_is_not_called_damaged() -> None:
    colors = np.stack([GRAY.astype(np.uint16)] * 3, axis=-1)
    with pytest.raises(UnsupportedImage, match="JPEG of 12 bits and 3 components"):
        read_picture(bytes(imagecodecs.jpeg8_encode(colors, level=95, bitspersample=12)))
    with pytest.raises(UnsupportedImage, match="JPEG-LS"):
        read_picture(bytes(imagecodecs.jpegls_encode(GRAY)))


def test_a_jpeg_file_is_prepared_like_its_png(tmp_path: Path) -> None:
    (tmp_path / "a.jpeg").write_bytes(encoded(GRAY, kind="JPEG"))
    (tmp_path / "a_png_without_its_ending").write_bytes(encoded(GRAY))
    jpeg, png = (prepare(read_file(path), CHEST_RADIOGRAPH_320) for path in sorted(tmp_path.iterdir(), reverse=True))
    assert isinstance(jpeg, Prepared)
    assert isinstance(png, Prepared)
    assert np.abs(jpeg.pixels.astype(int) - png.pixels).max() <= 4


def test_a_picture_with_colors_is_no_radiograph() -> None:
    colors = np.stack([GRAY, GRAY, 255 - GRAY], axis=-1)
    refused = prepared(encoded(colors))
    assert isinstance(refused, NotEligible)
    assert "colors" in refused.reason


def test_a_small_or_flat_picture_is_not_eligible() -> None:
    for pixels, reason in ((GRAY[:200, :200], "smaller"), (np.full_like(GRAY, 7), "flat")):
        refused = prepared(encoded(pixels))
        assert isinstance(refused, NotEligible)
        assert reason in refused.reason


def test_the_recipe_decides_whether_pictures_are_accepted() -> None:
    refused = prepared(encoded(GRAY), CHEST_RADIOGRAPH_320.model_copy(update={"pictures": Policy.REFUSE}))
    assert isinstance(refused, NotEligible)
    assert "PNG" in refused.reason


def test_a_declared_matrix_beyond_the_bound_is_refused_before_it_is_decoded() -> None:
    content = bytearray(encoded(GRAY))
    content[16:24] = (60000).to_bytes(4, "big") * 2
    crc = zlib.crc32(content[12:29])
    content[29:33] = crc.to_bytes(4, "big")
    refused = prepared(bytes(content))
    assert isinstance(refused, NotEligible)
    assert "60000 x 60000" in refused.reason


def test_a_picture_for_printing_is_not_supported() -> None:
    with pytest.raises(UnsupportedImage, match="CMYK"):
        displayed_picture(read_picture(encoded(GRAY, kind="JPEG", mode="CMYK")))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_cut_picture_is_an_input_error(kind: str, share: float) -> None:
    content = encoded(GRAY, kind=kind)
    with pytest.raises(InputError):
        prepared(content[: int(share * len(content))])


@given(share=st.floats(min_value=0, max_value=1), kind=st.sampled_from(["PNG", "JPEG"]))
def test_a_cut_picture_never_gives_other_pixels(share: float, kind: str) -> None:
    content = encoded(GRAY, kind=kind)
    whole = prepared(content)
    assert isinstance(whole, Prepared)
    with contextlib.suppress(InputError):
        cut = prepared(content[: max(8, int(share * len(content)))])
        assert isinstance(cut, Prepared)
        assert np.array_equal(cut.pixels, whole.pixels)


def test_the_sample_radiographs_of_the_nih_are_prepared(samples: Path) -> None:
    for path in sorted((samples / "chest").glob("*.png")):
        picture = prepare(read_file(path), CHEST_RADIOGRAPH_320)
        assert isinstance(picture, Prepared)
        assert picture.identity.sop_instance_uid is None


def test_a_damaged_header_is_named() -> None:
    with pytest.raises(PixelDecode, match="PNG"):
        read_picture(b"\x89PNG\r\n\x1a\n" + bytes(20))


@given(at=st.floats(0, 1, exclude_max=True), difference=st.integers(1, 255))
def test_no_wrong_byte_of_a_png_file_passes(at: float, difference: int) -> None:
    content = bytearray(encoded(GRAY))
    content[int(at * len(content))] ^= difference
    with pytest.raises(InputError):
        displayed_picture(read_picture(bytes(content)))


@pytest.mark.parametrize("cut", [400, 10])
def test_a_gray_jpeg_file_whose_data_end_too_soon_is_an_input_error(cut: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 280), dtype=np.uint8)
    content = encoded(noise, kind="JPEG")
    with pytest.raises(PixelDecode, match="end before the last pixel"):
        displayed_picture(read_picture(content[:-cut].rstrip(b"\xff") + b"\xff\xd9"))


@pytest.mark.parametrize("options", [{"progressive": True}, {"mode": "RGB"}], ids=str)
def test_jpeg_of_another_kind_is_decoded_by_pillow(options: dict[str, Any]) -> None:
    buffer = BytesIO()
    Image.fromarray(GRAY).convert(options.pop("mode", "L")).save(buffer, format="JPEG", quality=95, **options)
    assert np.abs(displayed(buffer.getvalue()) / 257 - GRAY).max() <= 4
