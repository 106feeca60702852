"""Small chest radiographs built in memory, every attribute of them open to change."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from preprocessing import NotEligible, Prepared, prepare
from preprocessing.reading import read_dataset
from specs.recipe import CHEST_RADIOGRAPH_320, FrontalChestRadiograph

SMALL_RECIPE = FrontalChestRadiograph.model_validate(
    CHEST_RADIOGRAPH_320.model_dump()
    | {
        "pixels": CHEST_RADIOGRAPH_320.pixels.model_dump() | {"shape": (1, 16, 16)},
        "smallest_matrix": (4, 4),
        "fewest_gray_values": 2,
        "largest_matrix_pixels": 10_000,
    }
)
"""The recipe of the chest models for images of a few pixels."""


FULL_STORED_RANGE: dict[str, Any] = {"VOILUTFunction": "LINEAR_EXACT", "WindowCenter": 2047.5, "WindowWidth": 4095}
"""The window that shows 12 bits from black to white."""


def published_file(name: str) -> bytes:
    """Return a file of pydicom-data."""
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return Path(path).read_bytes()


def ramp(rows: int, columns: int, *, bits_stored: int = 12) -> NDArray[np.uint16]:
    """Return stored values from the lowest to the highest, row by row, axes (row, column)."""
    return np.linspace(0, (1 << bits_stored) - 1, rows * columns).astype(np.uint16).reshape(rows, columns)


def chest_dataset(stored: NDArray[np.integer], *, bits_stored: int = 12, **attributes: Any) -> FileDataset:
    """Build a CR image of a chest, PA.

    Args:
        stored: Stored values, axes (row, column); a signed or unsigned type of 8 or 16 bits.
        bits_stored: Bits Stored (0028,0101).
        attributes: More attributes by their keywords.
    """
    ds = FileDataset("", {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = ComputedRadiographyImageStorage
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = generate_uid(entropy_srcs=["instance"])
    ds.StudyInstanceUID, ds.SeriesInstanceUID = (generate_uid(entropy_srcs=[level]) for level in ("study", "series"))
    ds.Modality, ds.BodyPartExamined, ds.ViewPosition = "CR", "CHEST", "PA"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = stored.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = stored.dtype.itemsize * 8, bits_stored, bits_stored - 1
    ds.PixelRepresentation = int(stored.dtype.kind == "i")
    ds.PixelData = stored.tobytes() + b"\0" * (stored.nbytes % 2)
    ds["PixelData"].VR = "OW" if stored.dtype.itemsize == 2 else "OB"
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def coded(value: str, *, scheme: str = "SCT", meaning: str = "Zyxwvut") -> Dataset:
    """Build an item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def file_bytes(ds: FileDataset) -> bytes:
    """Return the data set as a DICOM file."""
    content = BytesIO()
    dcmwrite(content, ds, enforce_file_format=True)
    return content.getvalue()


def prepare_file(content: bytes, recipe: FrontalChestRadiograph = SMALL_RECIPE) -> Prepared | NotEligible:
    """Read and prepare a file as the client does."""
    return prepare(read_dataset(content), recipe)


def prepare_image(ds: FileDataset, recipe: FrontalChestRadiograph = SMALL_RECIPE) -> Prepared:
    """Write, read and prepare an image that must be eligible."""
    prepared = prepare_file(file_bytes(ds), recipe)
    assert isinstance(prepared, Prepared), prepared
    return prepared


def refusal(ds: FileDataset, recipe: FrontalChestRadiograph = SMALL_RECIPE) -> tuple[str, ...]:
    """Write, read and prepare an image that must be refused; return the reasons."""
    refused = prepare_file(file_bytes(ds), recipe)
    assert isinstance(refused, NotEligible)
    return refused.reasons
