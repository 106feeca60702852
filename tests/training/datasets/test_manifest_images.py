"""Every fault of the files that a manifest names is found before anything is trained."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from phantoms import radiograph_phantom
from tests.training.datasets.layouts import write_manifest
from tests.training.datasets.manifests import Row, load, one_fault, sound_rows


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"patient": "P0"}, "it shows the image of line 2, which is of another patient"),
        ({"patient": "P1", "aortic_stenosis": 0}, "it shows the image of line 2, which has another label"),
        ({"patient": "P1", "aortic_stenosis": 1}, "it shows the image of line 2 again"),
    ],
)
def test_one_image_in_two_files_is_found_though_its_bytes_differ(tmp_path: Path, change: Row, what: str) -> None:
    rows = sound_rows(14)
    rows[0] = {**rows[0], "patient": "P1", "aortic_stenosis": 1}
    rows[9] = {**rows[9], **change}
    file = write_manifest(tmp_path, rows)
    Image.open(tmp_path / "0.png").save(tmp_path / "9.png", compress_level=9)
    assert (tmp_path / "0.png").read_bytes() != (tmp_path / "9.png").read_bytes()
    assert one_fault(file) == (11, "path", what)


def lateral(folder: Path) -> None:
    ds = radiograph_phantom(seed=1, index=1).dataset()
    ds.ViewPosition = "LL"
    ds.save_as(folder / "4.png", enforce_file_format=True)


def cut_dicom(folder: Path) -> None:
    radiograph_phantom(seed=1, index=1).dataset().save_as(folder / "4.png", enforce_file_format=True)
    content = (folder / "4.png").read_bytes()
    (folder / "4.png").write_bytes(content[: len(content) // 2])


def flat(folder: Path) -> None:
    Image.fromarray(np.full((320, 320), 100, dtype=np.uint8)).save(folder / "4.png")


def folder_instead(folder: Path) -> None:
    (folder / "4.png").unlink()
    (folder / "4.png").mkdir()


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lateral, "Not eligible: view position is LL, not PA or AP."),
        (cut_dicom, "cut short"),
        (flat, "Not eligible: the image is flat"),
        (folder_instead, "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, spoil: Callable[[Path], None], what: str) -> None:
    file = write_manifest(tmp_path, sound_rows())
    spoil(tmp_path)
    line, column, said = one_fault(file)
    assert (line, column) == (6, "path")
    assert what in said


def test_dicom_files_are_prepared_as_the_client_prepares_them(tmp_path: Path) -> None:
    rows = sound_rows()
    file = write_manifest(tmp_path, rows)
    radiograph_phantom(seed=1, index=1).dataset().save_as(tmp_path / "4.png", enforce_file_format=True)
    assert pydicom.dcmread(tmp_path / "4.png").Modality
    assert len(load(file).training.truth) == 10
