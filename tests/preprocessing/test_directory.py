"""The files of a DICOMDIR are those of its image records, in their order, and none outside its folder."""

import gc
import shutil
import warnings
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import config, dcmread, uid
from pydicom.data import get_testdata_file
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet
from pydicom.sequence import Sequence

from preprocessing.directory import referenced_files
from preprocessing.errors import InputError, MissingAttribute, NotDicom, UnreadableFile
from preprocessing.reading import read_bytes
from tests.preprocessing.encodings import written
from tests.preprocessing.radiographs import chest_dataset, file_bytes, ramp

PUBLISHED = Path(str(get_testdata_file("DICOMDIR", download=False))).parent
"""A medium of 31 images, with its DICOMDIR in several encodings, and a second medium of fifty below it."""

OTHER_ENCODINGS = ("DICOMDIR-bigEnd", "DICOMDIR-implicit", "DICOMDIR-nooffset", "DICOMDIR-reordered")


def image_record(*parts: str, **attributes: Any) -> Dataset:
    record = Dataset()
    record.RecordInUseFlag, record.DirectoryRecordType = 0xFFFF, "IMAGE"
    record.ReferencedFileID = list(parts)
    for keyword, value in attributes.items():
        setattr(record, keyword, value)
    return record


def directory(folder: Path, records: Iterable[Dataset], *, name: str = "DICOMDIR") -> Path:
    """Write a DICOMDIR."""
    ds = chest_dataset(ramp(2, 2))
    del ds.PixelData
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = uid.MediaStorageDirectoryStorage
    ds.DirectoryRecordSequence = Sequence(records)
    (folder / name).write_bytes(written(ds))
    return folder / name


def found_by_pydicom(path: Path) -> set[Path]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # of the folder that every FileSet makes for itself
        file_set = FileSet(dcmread(path))
        found = {Path(instance.path) for instance in file_set}
        del file_set
        gc.collect()
    return found


@pytest.mark.parametrize(
    "path", [PUBLISHED / "DICOMDIR", PUBLISHED / "TINY_ALPHA" / "DICOMDIR"], ids=["medium", "tiny"]
)
def test_the_files_of_a_published_medium_are_those_that_pydicom_finds(path: Path) -> None:
    files = referenced_files(path)
    assert set(files) == found_by_pydicom(path)
    assert len(files) == len(set(files)) >= 31
    assert all(file.is_file() for file in files)


@pytest.mark.parametrize("name", OTHER_ENCODINGS)
def test_however_it_is_written_it_lists_the_same_files(name: str) -> None:
    assert set(referenced_files(PUBLISHED / name)) == set(referenced_files(PUBLISHED / "DICOMDIR"))


def test_an_empty_directory_lists_none() -> None:
    assert referenced_files(PUBLISHED / "DICOMDIR-empty.dcm") == ()


def test_the_order_is_that_of_the_records(tmp_path: Path) -> None:
    path = directory(tmp_path, [image_record("B", "2"), image_record("A", "1"), image_record("B", "1")])
    assert referenced_files(path) == (tmp_path / "B" / "2", tmp_path / "A" / "1", tmp_path / "B" / "1")


def test_only_images_in_use_that_name_a_file_are_listed(tmp_path: Path) -> None:
    records = [
        image_record("P", DirectoryRecordType="PATIENT"),
        image_record("R", DirectoryRecordType="SR DOCUMENT"),
        image_record("OLD", RecordInUseFlag=0),
        image_record(),
        image_record("", ReferencedFileID=""),
        image_record("IMAGES", "1"),
    ]
    assert referenced_files(directory(tmp_path, records)) == (tmp_path / "IMAGES" / "1",)


def test_a_file_that_is_not_there_is_listed(tmp_path: Path) -> None:
    (file,) = referenced_files(directory(tmp_path, [image_record("GONE")]))
    with pytest.raises(UnreadableFile, match="No such file"):
        read_bytes(file)


def test_a_medium_shown_in_lower_case_has_its_files_in_lower_case(tmp_path: Path) -> None:
    path = directory(tmp_path, [image_record("IMAGES", "IM1")], name="dicomdir")
    assert referenced_files(path) == (tmp_path / "images" / "im1",)


def test_a_way_in_one_value_is_read_like_its_parts(tmp_path: Path) -> None:
    assert referenced_files(directory(tmp_path, [image_record("IMAGES/CR/IM1")])) == (
        tmp_path / "IMAGES" / "CR" / "IM1",
    )


@pytest.mark.parametrize(
    "parts",
    [("..", "SECRET"), ("IMAGES", "..", "..", "SECRET"), ("/", "SECRET"), ("../SECRET",), ("IMAGES//SECRET",), (".",)],
    ids=str,
)
def test_a_way_out_of_the_folder_is_listed_but_leads_nowhere(parts: tuple[str, ...], tmp_path: Path) -> None:
    secret = file_bytes(chest_dataset(ramp(8, 8)))
    medium = tmp_path / "medium"
    (medium / "IMAGES").mkdir(parents=True)
    for folder in (tmp_path, medium / "IMAGES", medium):
        (folder / "SECRET").write_bytes(secret)
    (file,) = referenced_files(directory(medium, [image_record(*parts)]))
    with pytest.raises(UnreadableFile, match="Not a directory"):
        read_bytes(file)


def test_an_absolute_way_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "SECRET").write_bytes(file_bytes(chest_dataset(ramp(8, 8))))
    (tmp_path / "medium").mkdir()
    (file,) = referenced_files(directory(tmp_path / "medium", [image_record(str(tmp_path / "SECRET"))]))
    with pytest.raises(UnreadableFile, match="Not a directory"):
        read_bytes(file)


@pytest.mark.parametrize(
    ("vr", "value"), [("US", 7), ("OB", b"\x00\x01"), ("SQ", []), ("SQ", [Dataset()]), ("LO", "a\0b"), ("DS", "1.5")]
)
@pytest.mark.parametrize("keyword", ["ReferencedFileID", "DirectoryRecordType", "RecordInUseFlag"])
def test_odd_values_never_raise(keyword: str, vr: str, value: object, tmp_path: Path) -> None:
    record = image_record("IMAGES", "1")
    record[keyword] = DataElement(keyword, vr, value, validation_mode=config.IGNORE)
    for file in referenced_files(directory(tmp_path, [record])):
        with pytest.raises(UnreadableFile):
            read_bytes(file)


def test_an_image_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(file_bytes(chest_dataset(ramp(8, 8))))
    with pytest.raises(MissingAttribute, match="DirectoryRecordSequence"):
        referenced_files(tmp_path / "DICOMDIR")


@pytest.mark.parametrize("content", [b"", b"no index at all", b"\x89PNG\r\n\x1a\n" + bytes(200)])
def test_another_file_is_no_directory(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(content)
    with pytest.raises(NotDicom):
        referenced_files(tmp_path / "DICOMDIR")


@given(
    share=st.floats(0, 1, exclude_max=True),
    name=st.sampled_from(("DICOMDIR", *OTHER_ENCODINGS)),
    open_end=st.booleans(),
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of what it finds odd
def test_a_directory_cut_short_lists_nothing(
    share: float, name: str, open_end: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ds = dcmread(PUBLISHED / name)
    ds["DirectoryRecordSequence"].is_undefined_length = open_end
    content = BytesIO()
    ds.save_as(content)
    path = tmp_path_factory.mktemp("cut") / "DICOMDIR"
    path.write_bytes(content.getvalue())
    assert len(referenced_files(path)) == 31
    path.write_bytes(content.getvalue()[: int(share * len(content.getvalue()))])
    with pytest.raises(InputError):
        referenced_files(path)
    shutil.rmtree(path.parent)
