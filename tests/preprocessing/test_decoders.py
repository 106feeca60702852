"""Every decoder of the table against pydicom and DCMTK: bit for bit where the syntax is lossless."""

from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom import uid
from pydicom.dataset import FileDataset

from preprocessing.decoders import DECODERS
from preprocessing.decoding import stored_pixels
from preprocessing.errors import InputError
from tests.preprocessing.encodings import (
    LOSSLESS_ENCODERS,
    LOSSY_ENCODERS,
    Stored,
    dcmtk,
    encapsulated,
    in_every_syntax,
    published_images,
    read,
    written,
)
from tests.preprocessing.radiographs import chest_dataset, published_file, ramp

UNREADABLE_HERE = {"MR_truncated.dcm", "JPEG2000-embedded-sequence-delimiter.dcm"}
"""Published as damaged: pydicom raises on them, and so do we."""

NOT_BY_PYDICOM = {"JPEG-lossy.dcm", "JPGExtended.dcm"}
"""JPEG of 12 bits, for which pydicom has a plugin under the GPL only; compared with DCMTK."""

DCMTK_DECODERS = {
    uid.ExplicitVRBigEndian: ("dcmconv", "+te"),
    uid.ImplicitVRLittleEndian: ("dcmconv", "+te"),
    uid.DeflatedExplicitVRLittleEndian: ("dcmconv", "+te"),
    uid.RLELossless: ("dcmdrle",),
    uid.JPEGLossless: ("dcmdjpeg",),
    uid.JPEGLosslessSV1: ("dcmdjpeg",),
    uid.JPEGBaseline8Bit: ("dcmdjpeg",),
    uid.JPEGExtended12Bit: ("dcmdjpeg",),
    uid.JPEGLSLossless: ("dcmdjpls",),
    uid.JPEGLSNearLossless: ("dcmdjpls",),
}

DCMTK_ENCODERS = {
    uid.ImplicitVRLittleEndian: ("dcmconv", "+ti"),
    uid.ExplicitVRBigEndian: ("dcmconv", "+tb"),
    uid.DeflatedExplicitVRLittleEndian: ("dcmconv", "+td"),
    uid.RLELossless: ("dcmcrle",),
    uid.JPEGLossless: ("dcmcjpeg", "+el"),
    uid.JPEGLosslessSV1: ("dcmcjpeg", "+e1"),
    uid.JPEGLSLossless: ("dcmcjpls",),
}

LOSSY_TOLERANCE = 1
"""Gray levels; inverse transforms round differently in two libraries, and each is right within the standard."""

JPEG_12_BIT_LEVELS = 4
"""Gray levels of 12 bits by which JPEG at quality 95 may change a smooth ramp; measured: 1."""

HTJ2K_LEVELS = 100
"""Gray levels of 16 bits by which HTJ2K with a step of 0.001 of full scale, 66 levels, may change a pixel."""

published = pytest.mark.parametrize("path", published_images(), ids=lambda path: path.name)
ignore_pydicom = pytest.mark.filterwarnings("ignore::UserWarning")


def assert_equal(ours: Stored, theirs: Stored, *, tolerance: int = 0) -> None:
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype.newbyteorder("=")
    assert np.abs(ours.astype(np.int32) - theirs).max() <= tolerance


def tolerance_of(syntax: str) -> int:
    """Near-lossless JPEG-LS is defined to the bit, so only transforms are given a tolerance."""
    return LOSSY_TOLERANCE if syntax in LOSSY_ENCODERS and syntax != uid.JPEGLSNearLossless else 0


@published
@ignore_pydicom
def test_a_published_image_decodes_as_in_pydicom(path: Path) -> None:
    ds = pydicom.dcmread(path)
    if path.name in UNREADABLE_HERE | NOT_BY_PYDICOM:
        with pytest.raises((RuntimeError, ValueError)):
            _ = ds.pixel_array
        return
    assert_equal(stored_pixels(ds), ds.pixel_array, tolerance=tolerance_of(ds.file_meta.TransferSyntaxUID))


def test_published_images_are_many() -> None:
    assert len(published_images()) >= 70


@published
@ignore_pydicom
def test_a_published_image_decodes_as_in_dcmtk(path: Path, tmp_path: Path) -> None:
    ds = pydicom.dcmread(path)
    command = DCMTK_DECODERS.get(ds.file_meta.TransferSyntaxUID)
    if command is None or path.name in UNREADABLE_HERE:
        return  # the pixels are already as pydicom reads them, or DCMTK has no decoder
    decoded = dcmtk(command[0], path, tmp_path / "decoded", *command[1:])
    assert decoded is not None
    assert_equal(stored_pixels(ds), decoded.pixel_array, tolerance=tolerance_of(ds.file_meta.TransferSyntaxUID))


@pytest.fixture(scope="module")
def radiograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published radiograph of 15 bits in 16, uncompressed."""
    path = tmp_path_factory.mktemp("radiograph") / "RG1_UNCR.dcm"
    path.write_bytes(published_file("RG1_UNCR.dcm"))
    return path


@pytest.mark.parametrize("syntax", DCMTK_ENCODERS, ids=lambda syntax: uid.UID(syntax).keyword)
def test_a_radiograph_encoded_by_dcmtk_keeps_its_stored_pixels(syntax: str, radiograph: Path, tmp_path: Path) -> None:
    command, *options = DCMTK_ENCODERS[uid.UID(syntax)]
    encoded = dcmtk(command, radiograph, tmp_path / "encoded", *options)
    assert encoded is not None
    assert encoded.file_meta.TransferSyntaxUID == syntax
    assert_equal(stored_pixels(encoded), pydicom.dcmread(radiograph).pixel_array)


@pytest.mark.parametrize("syntax", LOSSLESS_ENCODERS, ids=lambda syntax: uid.UID(syntax).keyword)
def test_a_radiograph_encoded_by_imagecodecs_keeps_its_stored_pixels(syntax: str, radiograph: Path) -> None:
    ds = pydicom.dcmread(radiograph)
    encoded = encapsulated(ds, syntax, LOSSLESS_ENCODERS[syntax](ds.pixel_array, ds.BitsStored))
    assert_equal(stored_pixels(encoded), ds.pixel_array)


@pytest.mark.parametrize("options", [("+eb",), ("+ee",)], ids=["baseline", "extended"])
@pytest.mark.parametrize("name", ["RG1_UNCR.dcm", "vlut_04.dcm"])
def test_lossy_jpeg_of_dcmtk_decodes_as_in_dcmtk(options: tuple[str, ...], name: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(published_file(name))
    encoded = dcmtk("dcmcjpeg", source, tmp_path / "encoded", *options)
    decoded = dcmtk("dcmdjpeg", tmp_path / "encoded", tmp_path / "decoded")
    assert encoded is not None
    assert decoded is not None
    assert_equal(stored_pixels(encoded), decoded.pixel_array, tolerance=LOSSY_TOLERANCE)


SMALL = chest_dataset(ramp(12, 20))


@pytest.mark.parametrize(("syntax", "content"), in_every_syntax(SMALL).items(), ids=str)
@ignore_pydicom
def test_every_syntax_of_the_table_decodes(syntax: str, content: bytes) -> None:
    ds = read(content)
    assert ds.file_meta.TransferSyntaxUID == syntax
    if syntax == uid.JPEGExtended12Bit:  # NOT_BY_PYDICOM
        assert np.abs(stored_pixels(ds).astype(int) - SMALL.pixel_array).max() < JPEG_12_BIT_LEVELS
        return
    assert_equal(stored_pixels(ds), ds.pixel_array, tolerance=tolerance_of(syntax))


def test_saturated_pixels_of_lossy_htj2k_stay_bright() -> None:
    stored = np.zeros((64, 48), dtype=np.uint16)
    stored[:, 20:], stored[10:20] = 65535, 30000
    codestream = bytes(imagecodecs.htj2k_encode(stored, level=0.001, reversible=False))
    ds = encapsulated(chest_dataset(stored, bits_stored=16), uid.HTJ2K, codestream)
    assert np.abs(stored_pixels(ds).astype(int) - stored).max() <= HTJ2K_LEVELS


def test_the_table_is_what_the_tests_encode() -> None:
    assert set(in_every_syntax(SMALL)) == set(DECODERS)


def signed_image(bits: int) -> tuple[Stored, FileDataset]:
    limit = 1 << (bits - 1)
    values = np.linspace(-limit, limit - 1, 15 * 17).reshape(15, 17)
    stored: Stored = values.astype(np.int8) if bits <= 8 else values.astype(np.int16)
    return stored, chest_dataset(stored, bits_stored=bits)


@pytest.mark.parametrize("bits", [8, 12, 13, 16])
@pytest.mark.parametrize("syntax", LOSSLESS_ENCODERS, ids=lambda syntax: uid.UID(syntax).keyword)
def test_signed_pixels_of_an_odd_count_keep_their_sign(syntax: str, bits: int) -> None:
    stored, ds = signed_image(bits)
    encoded = encapsulated(ds, syntax, LOSSLESS_ENCODERS[syntax](stored, bits))
    assert_equal(stored_pixels(encoded), encoded.pixel_array)
    assert_equal(stored_pixels(encoded), stored)


@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize("syntax", DCMTK_ENCODERS, ids=lambda syntax: uid.UID(syntax).keyword)
def test_signed_pixels_encoded_by_dcmtk_keep_their_sign(syntax: str, bits: int, tmp_path: Path) -> None:
    stored, ds = signed_image(bits)
    (tmp_path / "source").write_bytes(written(ds))
    command, *options = DCMTK_ENCODERS[uid.UID(syntax)]
    encoded = dcmtk(command, tmp_path / "source", tmp_path / "encoded", *options)
    assert encoded is not None
    assert_equal(stored_pixels(encoded), stored)
    assert_equal(stored_pixels(encoded), encoded.pixel_array)


@pytest.mark.parametrize("bits", [8, 12, 13])
def test_a_jpeg_2000_sign_that_is_not_the_headers_is_read_with_the_headers(bits: int) -> None:
    stored, ds = signed_image(bits)
    unsigned = (stored.astype(np.int32) & ((1 << bits) - 1)).astype(f"u{stored.dtype.itemsize}")
    encode = LOSSLESS_ENCODERS[uid.JPEG2000Lossless]
    as_unsigned = encapsulated(ds, uid.JPEG2000Lossless, encode(unsigned, bits))
    assert_equal(stored_pixels(as_unsigned), stored)
    assert_equal(stored_pixels(as_unsigned), as_unsigned.pixel_array)
    as_signed = encapsulated(ds, uid.JPEG2000Lossless, encode(stored, bits), PixelRepresentation=0)
    assert_equal(stored_pixels(as_signed), unsigned)
    assert_equal(stored_pixels(as_signed), as_signed.pixel_array)


@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.RLELossless, uid.JPEGLosslessSV1])
@pytest.mark.parametrize("signed", [False, True])
def test_what_lies_above_the_bits_stored_is_cut_off_as_in_pydicom(syntax: str, signed: bool) -> None:
    stored = (ramp(9, 16) | 0x5000).astype(np.uint16)
    ds = chest_dataset(stored, PixelRepresentation=int(signed))
    if syntax != uid.ExplicitVRLittleEndian:
        ds = encapsulated(ds, syntax, LOSSLESS_ENCODERS[syntax](stored, 16))
    assert stored_pixels(ds).max() <= 0xFFF
    assert_equal(stored_pixels(ds), ds.pixel_array)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("high_bit", [0, 7, 15])
@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian, *LOSSLESS_ENCODERS], ids=str)
def test_a_wrong_high_bit_is_ignored_where_the_values_fit(syntax: str, high_bit: int, signed: bool) -> None:
    stored, ds = signed_image(12) if signed else (SMALL.pixel_array, read(written(SMALL)))
    if syntax in LOSSLESS_ENCODERS:
        ds = encapsulated(ds, syntax, LOSSLESS_ENCODERS[syntax](stored, 12))
    elif syntax == uid.ExplicitVRBigEndian:
        ds.file_meta.TransferSyntaxUID = uid.ExplicitVRBigEndian
        ds.PixelData = stored.astype(stored.dtype.newbyteorder(">")).tobytes()
    ds.HighBit = high_bit
    assert_equal(stored_pixels(ds), stored)
    assert_equal(stored_pixels(ds), ds.pixel_array)


def test_a_wrong_high_bit_is_ignored_where_negative_values_are_padded_with_zeros() -> None:
    stored, ds = signed_image(12)
    ds.HighBit, ds.PixelData = 15, (stored & 0xFFF).tobytes()
    assert_equal(stored_pixels(ds), stored)
    assert_equal(stored_pixels(ds), ds.pixel_array)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", [uid.ExplicitVRLittleEndian, *LOSSLESS_ENCODERS], ids=str)
def test_values_beyond_the_bits_stored_under_a_wrong_high_bit_are_refused(syntax: str, signed: bool) -> None:
    stored = (ramp(9, 16) << 4).astype(np.int16 if signed else np.uint16)
    ds = chest_dataset(stored)
    if syntax in LOSSLESS_ENCODERS:
        ds = encapsulated(ds, syntax, LOSSLESS_ENCODERS[syntax](stored, 16))
    ds.HighBit = 15
    with pytest.raises(InputError, match="more than the 12 bits stored"):
        stored_pixels(ds)


def test_eight_bits_in_the_words_of_big_endian_are_swapped_as_in_pydicom() -> None:
    stored = ramp(3, 5, bits_stored=8).astype(np.uint8)
    ds = chest_dataset(stored, bits_stored=8)
    ds.file_meta.TransferSyntaxUID = uid.ExplicitVRBigEndian
    ds.PixelData = np.frombuffer(ds.PixelData, np.uint16).byteswap().tobytes()
    ds["PixelData"].VR = "OW"
    assert_equal(stored_pixels(ds), stored)
    assert_equal(stored_pixels(ds), ds.pixel_array)


def test_a_codestream_in_the_boxes_of_a_jp2_file_is_found() -> None:
    boxed = bytes(imagecodecs.jpeg2k_encode(SMALL.pixel_array, level=0, codecformat="JP2", reversible=True))
    assert boxed.startswith(b"\x00\x00\x00\x0cjP  ")
    encoded = encapsulated(SMALL, uid.JPEG2000Lossless, boxed, BitsStored=16, HighBit=15)
    assert_equal(stored_pixels(encoded), SMALL.pixel_array)
