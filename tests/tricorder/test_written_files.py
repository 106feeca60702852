"""Files of a command replace those of its earlier run, or it says why not."""

from pathlib import Path

import pytest

from client.errors import DeliveryError
from tricorder.written_files import write_files


def test_files_are_written_in_place_of_earlier_ones(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    for content in (b"first", b"2nd"):
        write_files(folder, {"report.json": content, "curve.png": b"picture"}, what="The report")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        "report.json": b"2nd",
        "curve.png": b"picture",
    }


def test_a_folder_that_cannot_be_written_is_told_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "TANAKA").write_text("a file, no folder", encoding="utf-8")
    with pytest.raises(DeliveryError, match="The report") as caught:
        write_files(tmp_path / "TANAKA", {"report.json": b""}, what="The report")
    assert "TANAKA" not in str(caught.value)
