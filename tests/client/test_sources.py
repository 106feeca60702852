"""From paths to inputs, in an order that does not depend on the file system."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from client.sources import find_sources
from preprocessing.errors import NotDicom
from preprocessing.prepared_input import prepare_files
from specs.recipe import CHEST_RADIOGRAPH_320


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_file_is_named_by_itself_and_a_folders_files_by_their_way_below_it(tmp_path: Path) -> None:
    touch(tmp_path, "archive/b/2", "archive/b/1.dcm", "archive/a", "single.dcm")
    found = find_sources([tmp_path / "single.dcm", tmp_path / "archive"])
    assert [source.name for source in found] == ["single.dcm", "a", "b/1.dcm", "b/2"]


def test_links_are_followed_but_not_in_a_circle(tmp_path: Path) -> None:
    touch(tmp_path, "archive/1.dcm", "elsewhere/2.dcm")
    (tmp_path / "archive" / "loop").symlink_to(tmp_path / "archive")
    (tmp_path / "archive" / "more").symlink_to(tmp_path / "elsewhere")
    assert [source.name for source in find_sources([tmp_path / "archive"])] == ["1.dcm", "more/2.dcm"]


def test_signs_that_steer_a_terminal_are_shown_with_escapes(tmp_path: Path) -> None:
    touch(tmp_path, "a\x1b[31m\n.dcm")
    (source,) = find_sources([tmp_path])
    assert source.name == "a\\x1b[31m\\n.dcm"


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    assert list(find_sources([tmp_path])) == []


@given(names=st.sets(st.text(alphabet="abcdefghij0123456789", min_size=1, max_size=6), max_size=8))
def test_every_file_is_found_once_and_in_order(tmp_path_factory: object, names: set[str]) -> None:
    folder: Path = tmp_path_factory.mktemp("found")  # type: ignore[attr-defined]
    touch(folder, *names)
    assert [source.name for source in find_sources([folder])] == sorted(names)


def test_a_name_that_is_no_utf_8_is_shown_with_escapes(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.dcm")).touch()
    (source,) = find_sources([tmp_path])
    assert source.name == "caf\\xe9.dcm"
    assert source.path.exists()


def test_an_argument_that_cannot_be_looked_at_is_listed(tmp_path: Path) -> None:
    (source,) = find_sources([tmp_path / ("x" * 300)])
    assert source.name == "x" * 300


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    """A copy of pydicom's medium of 50 files and the DICOMDIR that lists them."""
    published = Path(str(get_testdata_file("DICOMDIR", download=False))).parent / "TINY_ALPHA"
    return Path(shutil.copytree(published, tmp_path / "medium"))


def test_a_dicomdir_stands_for_the_images_that_it_lists(medium: Path) -> None:
    found = list(find_sources([medium / "DICOMDIR"]))
    assert [source.name for source in found[:2]] == [f"PT000000/ST000000/SE000000/IM00000{last}" for last in "01"]
    assert len(found) == 50
    assert all(source.path.is_file() for source in found)


def test_a_dicomdir_in_the_present_folder_is_found(medium: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(medium)
    assert next(find_sources([Path("DICOMDIR")])).name == "PT000000/ST000000/SE000000/IM000000"


def test_a_listed_file_that_is_missing_is_an_input_all_the_same(medium: Path) -> None:
    before = list(find_sources([medium / "DICOMDIR"]))
    before[7].path.unlink()
    assert list(find_sources([medium / "DICOMDIR"])) == before


def test_in_a_folder_a_dicomdir_is_one_file_of_many(medium: Path) -> None:
    names = [source.name for source in find_sources([medium])]
    assert names[0] == "DICOMDIR"
    assert len(names) == 52  # the images, the DICOMDIR and a text
    assert "README" in names


@pytest.mark.parametrize("kept", [0, 100, 1000, 5000])
def test_a_broken_dicomdir_is_listed_as_itself_and_fails(kept: int, medium: Path) -> None:
    path = medium / "DICOMDIR"
    path.write_bytes(path.read_bytes()[:kept])
    assert [source.path for source in find_sources([path])] == [path]
    assert isinstance(prepare_files((path,), (CHEST_RADIOGRAPH_320,)).error, NotDicom)


def test_a_folder_and_a_missing_file_named_dicomdir_are_what_they_are(tmp_path: Path) -> None:
    touch(tmp_path, "DICOMDIR/1.dcm")
    assert [source.name for source in find_sources([tmp_path / "DICOMDIR"])] == ["1.dcm"]
    assert [source.name for source in find_sources([tmp_path / "gone" / "DICOMDIR"])] == ["DICOMDIR"]
