"""The files of a study are one input, whatever their order and wherever they lie; everything else stays as it is."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import FileMetaDataset
from pydicom.dataset import FileDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage

from client.errors import InconsistentSeries, UnreadableFile
from client.sources import Source, find_sources
from client.studies import TakenModalities, files_of_study, joined_studies

PET = TakenModalities(studies=frozenset({"PT"}), images=frozenset({"CR"}))
UIDS = {"first": "1.2.3.1", "second": "1.2.3.2"}


def write_image(path: Path, *, study: str | None = "1.2.3.1", modality: str = "PT", instance: int = 1) -> Path:
    """Write a header without pixels: where a file belongs stands before them."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
    meta.MediaStorageSOPInstanceUID = UID(f"1.2.3.9.{instance}")
    ds = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID = PositronEmissionTomographyImageStorage
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    ds.Modality = modality
    if study is not None:
        ds.StudyInstanceUID = study
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
    return path


def joined(folder: Path) -> list[Source]:
    return joined_studies(find_sources([folder]), PET)


def test_the_files_of_a_study_are_one_source_where_the_first_of_them_stood(tmp_path: Path) -> None:
    write_image(tmp_path / "a.dcm", modality="CR", instance=1)
    slices = [write_image(tmp_path / "scan" / f"{number}.dcm", instance=number) for number in (2, 3, 4)]
    write_image(tmp_path / "z.dcm", modality="CR", instance=5)
    found = joined(tmp_path)
    assert [source.name for source in found] == ["a.dcm", "scan", "z.dcm"]
    assert found[1].files == tuple(slices)


def test_a_study_that_is_spread_over_folders_is_whole(tmp_path: Path) -> None:
    paths = [write_image(tmp_path / f"disc/{number}/image", instance=number) for number in range(3)]
    (study,) = joined(tmp_path)
    assert study.files == tuple(paths)
    assert study.name == "disc"


def test_studies_that_lie_in_one_folder_are_told_apart_by_their_first_files(tmp_path: Path) -> None:
    for number in range(2):
        write_image(tmp_path / "flat" / f"first_{number}", study=UIDS["first"], instance=number)
        write_image(tmp_path / "flat" / f"second_{number}", study=UIDS["second"], instance=10 + number)
        write_image(tmp_path / "own" / f"{number}", study="1.2.3.3", instance=20 + number)
    assert [source.name for source in joined(tmp_path)] == ["flat/first_0", "flat/second_0", "own"]


def test_the_slices_of_a_modality_that_no_model_takes_are_one_input_and_radiographs_are_not(tmp_path: Path) -> None:
    for number in range(3):
        write_image(tmp_path / "ct" / f"{number}", modality="CT", instance=number)
        write_image(tmp_path / "cr" / f"{number}", modality="CR", instance=10 + number)
    assert [len(source.files) for source in joined(tmp_path)] == [1, 1, 1, 3]


def test_studies_and_modalities_are_kept_apart(tmp_path: Path) -> None:
    for number in range(2):
        write_image(tmp_path / f"first_{number}", study=UIDS["first"], instance=number)
        write_image(tmp_path / f"second_{number}", study=UIDS["second"], instance=10 + number)
        write_image(tmp_path / f"spect_{number}", study=UIDS["first"], modality="NM", instance=20 + number)
    found = joined_studies(find_sources([tmp_path]), TakenModalities(studies=frozenset({"PT", "NM"})))
    assert [[path.name for path in source.files] for source in found] == [
        ["first_0", "first_1"],
        ["second_0", "second_1"],
        ["spect_0", "spect_1"],
    ]


@pytest.mark.parametrize("content", [b"", b"no DICOM", bytes(128) + b"DICM" + b"\x08\x00\x60\x00CS\xff\xff"])
def test_what_cannot_be_read_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    write_image(tmp_path / "a", instance=1)
    write_image(tmp_path / "b", instance=2)
    (tmp_path / "broken").write_bytes(content)
    assert [source.name for source in joined(tmp_path)] == ["a", "broken"]


def test_a_file_that_is_named_twice_is_two_inputs_but_once_in_its_study(tmp_path: Path) -> None:
    radiograph = write_image(tmp_path / "a.dcm", modality="CR", instance=1)
    (tmp_path / "b.txt").write_bytes(b"not an image")
    slices = [write_image(tmp_path / "scan" / f"{number}.dcm", instance=number) for number in (2, 3)]
    found = joined_studies(find_sources([tmp_path, tmp_path]), PET)
    assert [source.name for source in found] == ["a.dcm", "b.txt", "scan", "a.dcm", "b.txt"]
    assert found[0].files == found[3].files == (radiograph,)
    assert found[2].files == tuple(slices)


def test_a_file_without_a_study_stays_as_it_is(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_image(tmp_path / name, study=None)
    assert [source.name for source in joined(tmp_path)] == ["a", "b"]


def test_a_study_of_one_file_keeps_its_name(tmp_path: Path) -> None:
    write_image(tmp_path / "enhanced.dcm")
    assert [source.name for source in joined(tmp_path)] == ["enhanced.dcm"]


@given(order=st.permutations(range(6)))
def test_the_same_files_are_joined_in_every_order(slices: Sequence[Source], order: list[int]) -> None:
    found = joined_studies([slices[place] for place in order], PET)
    assert {frozenset(source.files) for source in found} == {
        frozenset(source.path for source in slices[:3]),
        frozenset(source.path for source in slices[3:]),
    }


@pytest.fixture(scope="module")
def slices(tmp_path_factory: pytest.TempPathFactory) -> list[Source]:
    """Three files of each of two studies."""
    folder = tmp_path_factory.mktemp("slices")
    for number in range(6):
        write_image(folder / f"{number}", study=list(UIDS.values())[number // 3], instance=number)
    return list(find_sources([folder]))


def test_of_the_files_at_a_place_those_of_the_one_study_of_a_modality_are_taken(tmp_path: Path) -> None:
    slices = [write_image(tmp_path / f"disc/{number}/image", instance=number) for number in range(3)]
    write_image(tmp_path / "disc/ct", modality="CT", instance=9)
    (tmp_path / "disc/note.txt").write_text("no image", encoding="utf-8")
    (tmp_path / "other").symlink_to(tmp_path / "disc")
    assert files_of_study(tmp_path / "disc", "PT") == tuple(slices)
    assert files_of_study(slices[1], "PT") == (slices[1],)
    assert len(files_of_study(tmp_path / "other", "PT")) == 3


def test_where_nothing_is_of_the_modality_every_file_can_say_why(tmp_path: Path) -> None:
    others = (write_image(tmp_path / "disc/a", modality="CT"), tmp_path / "disc/b.txt")
    others[1].write_bytes(b"no image")
    assert files_of_study(tmp_path / "disc", "PT") == others
    assert files_of_study(tmp_path / "absent", "PT") == (tmp_path / "absent",)


def test_which_of_several_studies_is_meant_is_not_guessed(tmp_path: Path) -> None:
    for number, study in enumerate(UIDS.values()):
        write_image(tmp_path / str(number), study=study, instance=number)
    with pytest.raises(InconsistentSeries, match="of several studies"):
        files_of_study(tmp_path, "PT")


def test_a_folder_without_files_holds_no_study(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFile, match="a folder without files"):
        files_of_study(tmp_path, "PT")
