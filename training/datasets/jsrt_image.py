"""An image of the JSRT database as a DICOM data set, so that it goes the way of every other radiograph."""

from io import BytesIO
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

from preprocessing.errors import UnreadableFile, UnsupportedImage
from preprocessing.reading import read_dataset

MATRIX = (2048, 2048)
"""Rows and columns."""

PIXEL_SPACING_MM = 0.175
LARGEST_VALUE = 4095
"""12 bits; the bytes of a value in the wrong order make larger ones."""

_BIG_ENDIAN = np.dtype(">u2")
_ACCEPTED = f"headerless files of {MATRIX[0]} x {MATRIX[1]} big-endian 12-bit values, as published"


def read_jsrt_image(path: Path) -> FileDataset:
    """Read a raw file as the DX image that its publication describes.

    A large value is a large optical density of the film, hence dark: MONOCHROME1. The film was a PA chest radiograph;
    that it passes for DX, and that no window is set, so that the recipe's stand-in applies, is our choice.

    Raises:
        UnreadableFile: the file system refused.
        UnsupportedImage: the file has another size, or values of more than 12 bits.

    Source:
        Shiraishi 2000, and db.jsrt.or.jp/eng.php: "no header, big-endian raw data", 0.175 mm, 12 bits.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(cause=error.strerror or type(error).__name__) from None
    if len(content) != MATRIX[0] * MATRIX[1] * _BIG_ENDIAN.itemsize:
        raise UnsupportedImage(what="the raw file has another size", accepted=_ACCEPTED)
    values = np.frombuffer(content, dtype=_BIG_ENDIAN)
    if values.max() > LARGEST_VALUE:
        raise UnsupportedImage(what=f"the raw file has values above {LARGEST_VALUE}", accepted=_ACCEPTED)
    ds = _header(uid=generate_uid(entropy_srcs=[path.name]))
    ds.PixelData = values.astype("<u2").tobytes()
    written = BytesIO()
    dcmwrite(written, ds, enforce_file_format=True)
    return read_dataset(written.getvalue())


def _header(*, uid: str) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = DigitalXRayImageStorageForPresentation
    ds.SOPInstanceUID = ds.SeriesInstanceUID = ds.StudyInstanceUID = uid
    ds.Modality = "DX"
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.BodyPartExamined = "CHEST"
    ds.ViewPosition = "PA"
    ds.BurnedInAnnotation = "NO"
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME1"
    ds.Rows, ds.Columns = MATRIX
    ds.PixelSpacing = [PIXEL_SPACING_MM, PIXEL_SPACING_MM]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    return ds
