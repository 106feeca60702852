"""Color images that show nothing but gray: their one channel goes on, and a single pixel of a color stops them."""

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import uid
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.pixels.processing import convert_color_space

from preprocessing import NotEligible, Prepared
from preprocessing.color import MOST_NEAR, displayed_if_gray
from preprocessing.decoding import stored_pixels
from preprocessing.errors import InputError, InvalidAttribute, MissingAttribute, UnsupportedImage
from tests.preprocessing.colors import (
    COLOR_ENCODERS,
    GRAY,
    LOSSY_COLORS,
    NATIVE_COLORS,
    color_dataset,
    in_color_syntax,
)
from tests.preprocessing.encodings import dcmtk, encapsulated, read, written
from tests.preprocessing.radiographs import FULL_STORED_RANGE, chest_dataset, file_bytes, prepare_file, prepare_image

COLORED = "the image has colors: it is no radiograph"
"""The reason of the refusal."""

SINGLE_FRAMES = (
    "ExplVR_BigEnd.dcm", "SC_jpeg_no_color_transform.dcm", "SC_jpeg_no_color_transform_2.dcm", "SC_rgb.dcm",
    "SC_rgb_16bit.dcm", "SC_rgb_dcmtk_+eb+cr.dcm", "SC_rgb_dcmtk_+eb+cy+n1.dcm", "SC_rgb_dcmtk_+eb+cy+n2.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_rgb_dcmtk_+eb+cy+s2.dcm", "SC_rgb_dcmtk_+eb+cy+s4.dcm", "SC_rgb_expb.dcm",
    "SC_rgb_expb_16bit.dcm", "SC_rgb_jls_lossy_line.dcm", "SC_rgb_jls_lossy_sample.dcm", "SC_rgb_jpeg.dcm",
    "SC_rgb_jpeg_app14_dcmd.dcm", "SC_rgb_jpeg_dcmtk.dcm", "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_jpeg_lossy_gdcm.dcm",
    "SC_rgb_rle.dcm", "SC_rgb_rle_16bit.dcm", "SC_rgb_small_odd.dcm", "SC_rgb_small_odd_big_endian.dcm",
    "SC_rgb_small_odd_jpeg.dcm", "SC_ybr_full_uncompressed.dcm", "US1_UNCR.dcm", "color-pl.dcm", "color-px.dcm",
    "examples_rgb_color.dcm",
)  # fmt: skip
"""Color images of pydicom's test files and of pydicom-data in every syntax that is read in colors."""

LOSSY_LEVELS = 2
"""Gray levels of the tensor by which the lossy encoders, as they are set here, may change a pixel; measured: 1."""

TRANSFORM_LEVELS = 1
"""Gray levels by which two inverse transforms may differ: each rounds in its own way, within the standard."""

JPEG_CONVERSION_LEVELS = 2
"""Gray levels by which pydicom's conversion from YBR and libjpeg's may differ: each rounds in its own way."""

ignore_pydicom = pytest.mark.filterwarnings("ignore::UserWarning")
every_encoder = pytest.mark.parametrize("syntax", COLOR_ENCODERS, ids=lambda syntax: uid.UID(syntax).keyword)


def published(name: str) -> FileDataset:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return pydicom.dcmread(path)


def displayed(ds: FileDataset) -> NDArray[np.uint16] | None:
    shown = displayed_if_gray(stored_pixels(ds), ds)
    return shown.whole() if shown else None


@pytest.mark.parametrize("name", SINGLE_FRAMES)
@ignore_pydicom
def test_the_samples_of_a_published_image_are_those_of_pydicom(name: str) -> None:
    ds = published(name)
    ours, theirs = stored_pixels(ds), ds.pixel_array
    assert ours.shape == theirs.shape
    if ds.PhotometricInterpretation != "RGB":
        ours = convert_color_space(ours, "YBR_FULL", "RGB")
    is_converted = ds.file_meta.TransferSyntaxUID == uid.JPEGBaseline8Bit and ds.PhotometricInterpretation != "RGB"
    assert np.abs(ours.astype(int) - theirs).max() <= (JPEG_CONVERSION_LEVELS if is_converted else 0)


@pytest.mark.parametrize("name", SINGLE_FRAMES)
@ignore_pydicom
def test_a_published_color_image_has_colors(name: str) -> None:
    assert displayed(published(name)) is None


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("syntax", NATIVE_COLORS, ids=lambda syntax: uid.UID(syntax).keyword)
def test_uncompressed_gray_in_three_samples_is_prepared_like_gray_in_one(syntax: str, planar: int) -> None:
    assert_prepared_like_gray(in_color_syntax(GRAY, syntax, planar=planar))


@every_encoder
def test_compressed_gray_in_three_samples_is_prepared_like_gray_in_one(syntax: str) -> None:
    assert_prepared_like_gray(in_color_syntax(GRAY, syntax), tolerance=LOSSY_LEVELS if syntax in LOSSY_COLORS else 0)


def assert_prepared_like_gray(content: bytes, *, tolerance: int = 0) -> None:
    """Compare with the same values as one sample, shown from black to white."""
    gray = prepare_image(
        chest_dataset(GRAY, bits_stored=8, **FULL_STORED_RANGE | {"WindowCenter": 127.5, "WindowWidth": 255})
    )
    prepared = prepare_file(content)
    assert isinstance(prepared, Prepared), prepared
    assert np.abs(prepared.pixels.astype(int) - gray.pixels).max() <= tolerance
    assert prepared.placement == gray.placement


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("dcmcrle", ()),
        ("dcmcjpeg", ("+e1",)),
        ("dcmcjpeg", ("+eb",)),
        ("dcmcjpeg", ("+eb", "+cr")),
        ("dcmcjpeg", ("+ee", "+s4")),
        ("dcmcjpls", ("+il",)),
        ("dcmcjpls", ("+is",)),
        ("dcmcjpls", ("+en", "+md", "1")),
    ],
    ids=str,
)
def test_gray_that_dcmtk_encoded_as_colors_is_gray_again(
    command: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "source").write_bytes(in_color_syntax(GRAY, uid.ExplicitVRLittleEndian))
    encoded = dcmtk(command, tmp_path / "source", tmp_path / "encoded", *options)
    assert encoded is not None
    assert encoded.SamplesPerPixel == 3
    decoded = dcmtk(command.replace("dcmc", "dcmd"), tmp_path / "encoded", tmp_path / "decoded")
    assert decoded is not None
    shown = displayed(encoded)
    assert shown is not None
    assert np.abs(shown / 257 - decoded.pixel_array[..., 0]).max() <= (TRANSFORM_LEVELS if command == "dcmcjpeg" else 0)


@given(
    row=st.integers(0, GRAY.shape[0] - 1),
    column=st.integers(0, GRAY.shape[1] - 1),
    sample=st.integers(0, 2),
    difference=st.integers(1, 255),
    syntax=st.sampled_from([*NATIVE_COLORS, uid.RLELossless, uid.JPEGLosslessSV1, uid.JPEGLSLossless]),
)
def test_one_pixel_of_a_color_is_enough_where_nothing_is_lost(
    row: int, column: int, sample: int, difference: int, syntax: str
) -> None:
    colors = np.stack([GRAY] * 3, axis=-1)
    colors[row, column, sample] = (int(GRAY[row, column]) + difference) % 256
    refused = prepare_file(in_color_syntax(colors, syntax))
    assert isinstance(refused, NotEligible)
    assert refused.reasons == (COLORED,)


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_samples_of_sixteen_bits_are_shown_over_their_own_range(bits: int, planar: int) -> None:
    deep = np.linspace(0, (1 << bits) - 1, GRAY.size).astype(np.uint16).reshape(GRAY.shape)
    shown = displayed(read(file_bytes(color_dataset(deep, bits_stored=bits, planar=planar))))
    assert shown is not None
    assert np.array_equal(shown, np.rint(deep / ((1 << bits) - 1) * 65535))


def test_windows_and_tables_mean_nothing_in_a_color_image() -> None:
    ds = color_dataset(GRAY, WindowCenter=10, WindowWidth=2, RescaleSlope=9, RescaleIntercept=9, PixelPaddingValue=0)
    ds.PresentationLUTShape = "INVERSE"
    shown = displayed(read(file_bytes(ds)))
    assert shown is not None
    assert np.array_equal(shown, GRAY.astype(np.uint16) * 257)


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.RLELossless, uid.JPEGLSLossless])
@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_luminance_without_chrominance_is_gray(syntax: str, photometric: str) -> None:
    if photometric == "YBR_FULL_422" and not uid.UID(syntax).is_encapsulated:
        photometric = "YBR_FULL"
    ybr = np.stack([GRAY, np.full_like(GRAY, 128), np.full_like(GRAY, 128)], axis=-1)
    ds = read(in_color_syntax(ybr, syntax, photometric=photometric))
    assert np.array_equal(convert_color_space(ybr, "YBR_FULL", "RGB"), np.stack([GRAY] * 3, axis=-1))
    shown = displayed(ds)
    assert shown is not None
    assert np.array_equal(shown, GRAY.astype(np.uint16) * 257)
    ybr[3, 4, 2] = 129
    assert displayed(read(in_color_syntax(ybr, syntax, photometric=photometric))) is None


def chrominance(blue: int, red: int) -> FileDataset:
    """Return a JPEG image of constant chrominance, all its DCT coefficients kept."""
    ybr = np.stack([GRAY, np.full_like(GRAY, blue), np.full_like(GRAY, red)], axis=-1)
    frame = imagecodecs.jpeg8_encode(ybr, level=100, colorspace="YCBCR", outcolorspace="YCBCR", subsampling="422")
    return encapsulated(color_dataset(ybr, photometric="YBR_FULL_422"), uid.JPEGBaseline8Bit, bytes(frame))


@pytest.mark.parametrize(
    ("blue", "red", "is_gray"), [(128, 128, True), (126, 130, True), (125, 128, False), (128, 140, False)]
)
def test_lossy_chrominance_may_be_off_by_the_tolerance(blue: int, red: int, is_gray: bool) -> None:
    assert (displayed(chrominance(blue, red)) is not None) == is_gray


def near_lossless(colors: NDArray[np.uint8], near: int) -> FileDataset:
    frame = bytes(imagecodecs.jpegls_encode(colors, level=near))
    return encapsulated(color_dataset(colors), uid.JPEGLSNearLossless, frame)


@pytest.mark.parametrize("near", [0, 1, 2, 5, MOST_NEAR])
def test_gray_in_near_lossless_jpeg_ls_is_gray_as_far_as_it_may_be_changed(near: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*GRAY.shape, 1), dtype=np.uint8)
    gray = np.repeat(noise, 3, axis=-1)
    assert displayed(near_lossless(gray, near)) is not None
    gray[5, 6, 1] ^= 0x80
    assert displayed(near_lossless(gray, near)) is None


def test_gray_in_coarser_jpeg_ls_may_pass_for_colored_but_no_color_for_gray() -> None:
    tinted = np.stack([GRAY, GRAY, np.minimum(GRAY, 200) + 40], axis=-1)
    assert displayed(near_lossless(tinted, 60)) is None


@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422"])
def test_a_jfif_codestream_is_ybr_whatever_the_header_says(photometric: str) -> None:
    gray = read(in_color_syntax(GRAY, uid.JPEGBaseline8Bit, photometric=photometric))
    assert b"JFIF" in gray.PixelData
    assert displayed(gray) is not None
    colors = np.stack([GRAY, GRAY, 255 - GRAY], axis=-1)
    assert displayed(read(in_color_syntax(colors, uid.JPEGBaseline8Bit, photometric=photometric))) is None


@pytest.mark.parametrize(
    "syntax", [uid.JPEG2000Lossless, uid.JPEG2000, uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K]
)
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_jpeg_2000_is_not_read_in_colors(syntax: str, photometric: str) -> None:
    ds = encapsulated(color_dataset(GRAY, photometric=photometric), syntax, b"\xff\x4f\xff\x51")
    with pytest.raises(UnsupportedImage, match=r"colors in .*(JPEG 2000|High-Throughput)"):
        stored_pixels(ds)


def test_halved_chrominance_is_read_only_where_a_codestream_says_how() -> None:
    with pytest.raises(UnsupportedImage, match="YBR_FULL_422 without compression"):
        stored_pixels(published("SC_ybr_full_422_uncompressed.dcm"))


@pytest.mark.parametrize("name", ["OBXXXX1A.dcm", "examples_palette.dcm", "US1_J2KR.dcm", "US1_J2KI.dcm"])
def test_other_color_images_are_refused_by_name(name: str) -> None:
    ds = published(name)
    with pytest.raises(UnsupportedImage, match=f"photometric interpretation is {ds.PhotometricInterpretation}"):
        stored_pixels(ds)


@pytest.mark.parametrize(
    ("attributes", "error", "what"),
    [
        ({"PhotometricInterpretation": "MONOCHROME2"}, UnsupportedImage, "it has 3 samples a pixel"),
        ({"SamplesPerPixel": 1}, UnsupportedImage, "it has 1 samples a pixel"),
        ({"PixelRepresentation": 1}, UnsupportedImage, "its colors are signed"),
        ({"PlanarConfiguration": 2}, InvalidAttribute, "PlanarConfiguration"),
        ({"PlanarConfiguration": None}, MissingAttribute, "PlanarConfiguration"),
        ({"Rows": 12_000, "Columns": 12_000}, UnsupportedImage, "its matrix is 12000 x 12000"),
    ],
)
def test_what_contradicts_itself_or_is_too_large_is_refused(
    attributes: dict[str, Any], error: type[InputError], what: str
) -> None:
    with pytest.raises(error, match=what):
        stored_pixels(color_dataset(GRAY, **attributes))


def test_a_written_file_of_colors_is_read_whole() -> None:
    """The fixture itself: pydicom shows in it what was put in."""
    ds = read(written(color_dataset(GRAY, planar=1)))
    assert np.array_equal(ds.pixel_array, np.stack([GRAY] * 3, axis=-1))
