"""The series that these tests build are such as the standard defines."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pydicom.dataset import FileDataset

from tests.preprocessing.radiographs import file_bytes
from tests.preprocessing.tomography import counting, enhanced_pet, nuclear_image, pet_images

STORED = counting((4, 6, 8))


def complaints(ds: FileDataset, folder: Path) -> list[str]:
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (dicom3tools) is not here")
    (folder / "image.dcm").write_bytes(file_bytes(ds))
    done = subprocess.run([program, str(folder / "image.dcm")], capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if line.startswith("Error")]


@pytest.mark.parametrize(
    "ds",
    [pet_images(STORED)[0], nuclear_image(STORED), nuclear_image(STORED, spacing_mm=(-6.0, 4.0, 5.0))],
    ids=["PET", "NM", "NM of negative spacing"],
)
def test_dciodvfy_finds_no_error_in_the_images_that_tests_build(ds: FileDataset, tmp_path: Path) -> None:
    found = complaints(ds, tmp_path)
    assert [line for line in found if "<Laterality>" not in line] == []  # asked for though no side is examined


def test_dciodvfy_misses_in_the_enhanced_image_only_what_is_not_read(tmp_path: Path) -> None:
    found = complaints(enhanced_pet(STORED), tmp_path)
    assert all(line.startswith(("Error - Missing attribute", "Error - Empty attribute")) for line in found)
    read = (
        "PlanePosition",
        "PlaneOrientation",
        "PixelMeasures",
        "RealWorldValueMapping",
        "<ImagePixel>",
        "<PETFrameType",
    )
    assert not [line for line in found if any(module in line for module in read)]
