"""The files that a DICOMDIR, the index of a medium, refers to: PS3.10 8.6, PS3.3 F.3."""

from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from preprocessing.attributes import texts, word
from preprocessing.errors import MissingAttribute, NotDicom
from preprocessing.reading import read_bytes, read_dataset

_INACTIVE = 0
"""Record In-use Flag (0004,1410) of a record that was deleted: PS3.3 Table F.3-3."""


def referenced_files(path: Path) -> tuple[Path, ...]:
    """List the image files that a DICOMDIR refers to, in the order of its records, whether they are there or not.

    Where its own name is in lower case, as systems show the plain names of a disc, the others are too. A reference
    that does not lead down from its folder ("..", an absolute path) is listed below the DICOMDIR itself, where no file
    can be: reading it fails like any file that is missing, and nothing elsewhere is touched.

    Args:
        path: The DICOMDIR.

    Raises:
        InputError: it cannot be read, is no DICOM file, or has no directory records or not all of them.
    """
    content = read_bytes(path)
    references = (_reference(record) for record in _records(content) if _is_image_in_use(record))
    return tuple(_located(path, reference) for reference in references if reference)


def _records(content: bytes) -> Sequence:
    """Return the directory records; pydicom leaves out without a word what a sequence of known length lacks."""
    ds = read_dataset(content)
    records = ds.get("DirectoryRecordSequence")
    if not isinstance(records, Sequence):
        raise MissingAttribute(keyword="DirectoryRecordSequence")
    element = ds["DirectoryRecordSequence"]
    if not element.is_undefined_length:
        start = element.file_tell or 0
        length = int.from_bytes(content[start - 4 : start], "little" if ds.original_encoding[1] else "big")
        if start + length > len(content):
            raise NotDicom(cause="its directory breaks off")
    return records


def _is_image_in_use(record: Dataset) -> bool:
    return word(record, "DirectoryRecordType") == "IMAGE" and record.get("RecordInUseFlag") != _INACTIVE


def _reference(record: Dataset) -> list[str]:
    """Return the parts of Referenced File ID (0004,1500); some writers separate them with "/" in one value."""
    way = "/".join(text.strip(" \0") for text in texts(record, "ReferencedFileID"))
    return way.split("/") if way else []


def _located(path: Path, reference: list[str]) -> Path:
    if any(part in ("", ".", "..") or "\0" in part for part in reference):
        return path.joinpath(*("_" if part in ("", ".") else part.replace("\0", "") for part in reference))
    return path.parent.joinpath(*(part.lower() if path.name.islower() else part for part in reference))
