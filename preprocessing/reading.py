"""From the bytes of a file to a DICOM data set: the one place that calls pydicom's reader."""

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

import pydicom
from pydicom import config
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.uid import DeflatedExplicitVRLittleEndian
from pydicom.valuerep import VR

from preprocessing.attributes import word
from preprocessing.deflation import inflated_file
from preprocessing.errors import NotDicom, UnreadableFile
from preprocessing.identity import Identity
from preprocessing.picture import Picture, picture_format, read_picture

# pydicom's warnings quote attribute values, patient data among them, and name paths; what this project needs of a value
# is checked where it is used.
config.settings.reading_validation_mode = config.IGNORE
warnings.filterwarnings("ignore", module=r"pydicom\.")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

_PREAMBLE_BYTES = 132
"""128 bytes of anything, then "DICM": PS3.10 7.1."""

_BROKEN_DATA_SET = (
    AttributeError,
    BytesLengthException,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pydicom raises on damaged files, found by mutation of real ones."""


def read_file(path: Path) -> FileDataset | Picture:
    """Read a DICOM Part 10 file, or a PNG or JPEG file; of any other only the first bytes, however large it is.

    Raises:
        UnreadableFile: the file system refused, or the path is no regular file.
        NotDicom: it is none of these, or a data set that does not parse.
        PixelDecode: the header of a PNG or JPEG file is damaged.
        UnsupportedImage: a deflated data set that inflates beyond all bounds.
    """
    content = read_bytes(path)
    return read_picture(content) if picture_format(content) else read_dataset(content)


_HEADER: Final = ["Modality", "StudyInstanceUID", "SeriesInstanceUID"]


@dataclass(frozen=True, kw_only=True)
class FileHeader:
    """What tells which files belong together; None where it is absent or no such value.

    Attributes:
        modality: Modality (0008,0060), in upper case.
        study_instance_uid: Study Instance UID (0020,000D).
        series_instance_uid: Series Instance UID (0020,000E).
    """

    modality: str | None
    study_instance_uid: str | None
    series_instance_uid: str | None


def read_header(path: Path) -> FileHeader:
    """Read of a DICOM Part 10 file only what tells where it belongs; its pixels are not touched.

    Raises:
        UnreadableFile: the file system refused, or the path is no regular file.
        NotDicom: it has no DICOM preamble, or does not parse so far.
    """
    with opened_file(path) as file:
        if not file.read(_PREAMBLE_BYTES).endswith(b"DICM"):
            raise NotDicom(cause="it does not have the DICOM preamble")
        file.seek(0)
        try:
            ds = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=_HEADER)
            identity = Identity.of(ds)
            return FileHeader(
                modality=word(ds, "Modality") or None,
                study_instance_uid=identity.study_instance_uid,
                series_instance_uid=identity.series_instance_uid,
            )
        except _BROKEN_DATA_SET as error:
            raise NotDicom(cause=f"its data set does not parse: {type(error).__name__}") from None


def read_bytes(path: Path) -> bytes:
    """Read a file that starts as DICOM Part 10, PNG or JPEG files do.

    Raises:
        UnreadableFile: the file system refused, or the path is no regular file.
        NotDicom: it starts otherwise.
    """
    with opened_file(path) as file:
        start = file.read(_PREAMBLE_BYTES)
        if not start.endswith(b"DICM") and not picture_format(start):
            raise NotDicom(cause="it does not have the DICOM preamble" if start else "it is empty")
        file.seek(0)  # to join two parts would copy the file
        return file.read()


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """Open a regular file.

    Raises:
        UnreadableFile: the file system refused, then or within, or the path is no regular file.
    """
    try:
        if path.is_dir():
            raise UnreadableFile(cause="a folder that may not be listed")
        if path.exists() and not path.is_file():
            raise UnreadableFile(cause="no regular file")
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise UnreadableFile(cause=error.strerror or type(error).__name__) from None


def read_dataset(content: bytes) -> FileDataset:
    """Parse a DICOM Part 10 file held in memory.

    Raises:
        NotDicom: no DICOM preamble, or a data set that does not parse.
        UnsupportedImage: a deflated data set that inflates beyond all bounds.
    """
    try:
        inflated = inflated_file(content)
        ds = pydicom.dcmread(BytesIO(inflated or content))
        if inflated:
            _refuse_surplus(ds, len(inflated))
            ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian  # what the file says
        _convert_elements(ds)
    except InvalidDicomError:
        raise NotDicom(cause="it does not have the DICOM preamble") from None
    except _BROKEN_DATA_SET as error:
        raise NotDicom(cause=f"its data set does not parse: {type(error).__name__}") from None
    _refuse_cut_directory(ds, inflated or content)
    return ds


def _refuse_surplus(ds: FileDataset, length: int) -> None:
    """Refuse an inflated file that goes on after its last element: a wrong bit put in what does not belong there.

    An element, padding among them (PS3.10 7.2), ends every data set; pydicom passes over what is too short for one.
    """
    last = ds.get_item(max(ds.keys()))
    if isinstance(last, RawDataElement) and last.value_tell + last.length != length:  # else a sequence, read to its end
        raise ValueError("Bytes after the last element")


def _refuse_cut_directory(ds: FileDataset, content: bytes) -> None:
    """Refuse a DICOMDIR that is cut short: pydicom leaves out without a word what a sequence of known length lacks."""
    if "DirectoryRecordSequence" not in ds or ds["DirectoryRecordSequence"].is_undefined_length:
        return
    start = ds["DirectoryRecordSequence"].file_tell or 0
    length = int.from_bytes(content[start - 4 : start], "little" if ds.original_encoding[1] else "big")
    if start + length > len(content):
        raise NotDicom(cause="its directory breaks off")


def _convert_elements(ds: Dataset) -> None:
    """Read the value of every standard element: pydicom puts that off, and its errors, to the first use."""
    for tag in list(ds.keys()):
        if not tag.is_private and ds[tag].VR == VR.SQ:
            for item in ds[tag].value:
                _convert_elements(item)
