"""From bytes to stored pixels: what decodes is exact, what does not is one of our errors."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataelem import DataElement
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit

from preprocessing import NotEligible, Prepared, prepare
from preprocessing.decoding import stored_pixels
from preprocessing.errors import (
    InputError,
    InvalidAttribute,
    MissingAttribute,
    NotDicom,
    PixelDecode,
    UnreadableFile,
    UnsupportedImage,
)
from preprocessing.reading import read_bytes, read_dataset
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.preprocessing.radiographs import chest_dataset, coded, file_bytes, prepare_file, published_file, ramp

SMALL_FILE = file_bytes(
    chest_dataset(
        ramp(8, 8),
        WindowCenter=2000,
        WindowWidth=3000,
        RescaleSlope=2,
        RescaleIntercept=-5,
        NumberOfFrames=1,
        PixelPaddingValue=3,
        BurnedInAnnotation="NO",
        PixelAspectRatio=[1, 1],
        ViewCodeSequence=[coded("272479007")],
        AnatomicRegionSequence=[coded("816094009")],
        PatientName="Zyxwvut^Sentinel",
    )
)
FIRST_ELEMENT = 132
"""Bytes of the preamble and the letters DICM."""


def without(keyword: str) -> FileDataset:
    """Build an image that lacks an attribute."""
    ds = chest_dataset(ramp(8, 8))
    delattr(ds, keyword)
    return ds


def prepared_sample(name: str) -> Prepared | NotEligible:
    """Prepare a file of pydicom-data for the chest models."""
    return prepare(read_dataset(published_file(name)), CHEST_RADIOGRAPH_320)


def test_the_same_pixels_in_two_transfer_syntaxes_give_the_same_tensor() -> None:
    uncompressed, jpeg2000 = prepared_sample("RG1_UNCR.dcm"), prepared_sample("RG1_J2KR.dcm")
    assert isinstance(uncompressed, Prepared)
    assert isinstance(jpeg2000, Prepared)
    assert np.ptp(uncompressed.pixels) > 200
    assert np.array_equal(uncompressed.pixels, jpeg2000.pixels)


def test_a_real_radiograph_of_an_extremity_is_refused_by_its_name() -> None:
    refused = prepared_sample("RG3_UNCR.dcm")
    assert isinstance(refused, NotEligible)
    assert "body part is EXTREMITY" in refused.reason
    assert refused.identity.sop_instance_uid


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_the_way_of_writing_changes_nothing(syntax: UID) -> None:
    ds = chest_dataset(ramp(8, 8), WindowCenter=2000, WindowWidth=3000)
    explicit = prepare_file(file_bytes(ds))
    ds.file_meta.TransferSyntaxUID = syntax
    other = prepare_file(file_bytes(ds))
    assert isinstance(explicit, Prepared)
    assert isinstance(other, Prepared)
    assert np.array_equal(explicit.pixels, other.pixels)
    assert explicit.identity == other.identity


@pytest.mark.parametrize("kept", [2, 64, 126])
def test_too_few_pixels_do_not_decode(kept: int) -> None:
    ds = chest_dataset(ramp(8, 8))
    ds.PixelData = ds.PixelData[:kept]
    with pytest.raises(PixelDecode, match="Explicit VR Little Endian"):
        prepare_file(file_bytes(ds))


def test_a_damaged_compressed_image_does_not_decode() -> None:
    ds = chest_dataset(ramp(8, 8, bits_stored=8).astype(np.uint8), bits_stored=8)
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    ds.PixelData = encapsulate([b"\xff\xd8 not a JPEG image"])
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    with pytest.raises(PixelDecode, match="JPEG Baseline"):
        prepare_file(file_bytes(ds))


@pytest.mark.parametrize(
    "keyword",
    ["Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation", "SamplesPerPixel", "PixelData"],
)
def test_a_missing_attribute_of_the_pixels_is_named(keyword: str) -> None:
    with pytest.raises(MissingAttribute, match=f"attribute {keyword} "):
        prepare_file(file_bytes(without(keyword)))


def test_a_number_written_as_text_is_not_a_number() -> None:
    ds = chest_dataset(ramp(8, 8))
    ds.add_new("BitsStored", "SH", "12")
    with pytest.raises(MissingAttribute, match="BitsStored"):
        prepare_file(file_bytes(ds))


def test_a_sign_that_the_standard_does_not_know_is_invalid() -> None:
    with pytest.raises(InvalidAttribute, match="PixelRepresentation"):
        prepare_file(file_bytes(chest_dataset(ramp(8, 8), PixelRepresentation=2)))


def test_an_empty_pixel_data_element_is_missing() -> None:
    with pytest.raises(MissingAttribute, match="PixelData"):
        prepare_file(file_bytes(chest_dataset(ramp(8, 8), PixelData=b"")))


@pytest.mark.parametrize(
    ("photometric", "named"), [("PALETTE COLOR", True), ("YBR_ICT", True), ("Zyxwvut^Sentinel", False), ("", False)]
)
def test_another_photometric_interpretation_is_named_only_where_it_is_the_standards(
    photometric: str, named: bool
) -> None:
    with pytest.raises(UnsupportedImage, match="MONOCHROME1, MONOCHROME2, RGB, YBR_FULL, YBR_FULL_422") as refused:
        prepare_file(file_bytes(chest_dataset(ramp(8, 8), PhotometricInterpretation=photometric)))
    shown = photometric if named else "none of these"
    assert f"interpretation is {shown}. Accepted" in str(refused.value)
    assert "Zyxwvut" not in str(refused.value)


@pytest.mark.parametrize(
    ("syntax", "shown"),
    [
        ("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level"),
        ("1.2.3.4", "1.2.3.4"),
        ("Zyxwvut^Sentinel", "not a UID"),
        ("1.2 Zyxwvut", "not a UID"),
        ("1." * 40 + "1", "not a UID"),
    ],
)
def test_an_unknown_transfer_syntax_is_shown_only_where_it_is_a_uid(syntax: str, shown: str) -> None:
    ds = chest_dataset(ramp(8, 8))
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    with pytest.raises(UnsupportedImage, match=f"its transfer syntax is {shown}[.] Accepted: uncompressed"):
        stored_pixels(ds)


@pytest.mark.parametrize("syntax", ["", UID(""), None])
def test_an_empty_transfer_syntax_is_missing(syntax: str | None) -> None:
    ds = chest_dataset(ramp(8, 8))
    ds.file_meta["TransferSyntaxUID"] = DataElement("TransferSyntaxUID", "UI", syntax)
    with pytest.raises(MissingAttribute, match="TransferSyntaxUID"):
        stored_pixels(ds)


@pytest.mark.parametrize(("allocated", "stored"), [(16, 0), (16, 17), (8, 12), (32, 12), (1, 1)])
def test_other_bit_depths_are_refused(allocated: int, stored: int) -> None:
    with pytest.raises(UnsupportedImage, match=f"{stored} bits stored in {allocated}"):
        prepare_file(file_bytes(chest_dataset(ramp(8, 8), BitsAllocated=allocated, BitsStored=stored)))


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "does not have the DICOM preamble"),
        (b"These are not the pixels that you are looking for.\n", "does not have the DICOM preamble"),
        (b"\0" * 200, "does not have the DICOM preamble"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 400, "does not have the DICOM preamble"),
    ],
)
def test_what_is_no_dicom_file_is_called_so(content: bytes, cause: str) -> None:
    with pytest.raises(NotDicom, match=cause):
        read_dataset(content)


@settings(max_examples=300)
@given(cut=st.integers(0, len(SMALL_FILE) - 1))
def test_a_file_cut_short_is_never_prepared(cut: int) -> None:
    try:
        outcome = prepare_file(SMALL_FILE[:cut])
    except InputError as error:
        assert "Zyxwvut" not in str(error)  # noqa: PT017 - a refusal is as good
    else:
        assert isinstance(outcome, NotEligible)


@settings(max_examples=300)
@given(changes=st.dictionaries(st.integers(FIRST_ELEMENT, len(SMALL_FILE) - 1), st.integers(0, 255), max_size=4))
@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of too much pixel data
def test_a_damaged_file_gives_an_input_error_or_a_value(changes: dict[int, int]) -> None:
    content = bytearray(SMALL_FILE)
    for position, value in changes.items():
        content[position] = value
    try:
        outcome = prepare_file(bytes(content))
    except InputError as error:
        assert "Zyxwvut" not in str(error)  # noqa: PT017 - a value is as good
    else:
        assert isinstance(outcome, (Prepared, NotEligible))


@pytest.mark.parametrize(
    ("content", "cause"), [(b"", "it is empty"), (b"text", "DICOM preamble"), (b"x" * 999, "DICOM preamble")]
)
def test_another_file_is_known_by_its_first_bytes(content: bytes, cause: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(NotDicom, match=cause):
        read_bytes(tmp_path / "file")


def test_a_dicom_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(SMALL_FILE)
    assert read_bytes(tmp_path / "file") == SMALL_FILE


def test_a_path_that_cannot_be_read_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_bytes(tmp_path / "Zyxwvut")
    assert "Zyxwvut" not in str(error.value)
