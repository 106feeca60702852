"""What is written is DICOM: checked by pydicom and by dciodvfy, neither of which wrote it."""

import itertools
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.uid import UID

from phantoms import RadiographPhantom, radiograph_phantom
from phantoms.encoding import Modality
from phantoms.transfer import TransferSyntax


def phantoms_of(modality: Modality, count: int) -> list[RadiographPhantom]:
    """Return the first phantoms of a modality."""
    candidates = (radiograph_phantom(seed=30, index=index) for index in range(40))
    return [phantom for phantom in candidates if phantom.encoding.modality is modality][:count]


@pytest.mark.parametrize("modality", list(Modality))
def test_dciodvfy_finds_no_error(modality: Modality, tmp_path: Path) -> None:
    checker = shutil.which("dciodvfy")
    if checker is None:
        pytest.skip("dciodvfy is not installed (Debian package dicom3tools)")
    for phantom in phantoms_of(modality, 4):
        path = tmp_path / f"{phantom.index}.dcm"
        phantom.write(path)
        outcome = subprocess.run([checker, str(path)], capture_output=True, text=True, check=False)
        complaints = [line for line in (outcome.stdout + outcome.stderr).splitlines() if line.startswith("Error")]
        assert complaints == []
        assert outcome.returncode == 0


@pytest.mark.parametrize("modality", list(Modality))
def test_pydicom_reads_back_the_stored_pixels(modality: Modality, tmp_path: Path) -> None:
    for phantom in phantoms_of(modality, 2):
        path = tmp_path / f"{phantom.index}.dcm"
        phantom.write(path)
        ds = pydicom.dcmread(path)
        assert np.array_equal(ds.pixel_array, phantom.stored)
        assert ds.Modality == modality
        assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID == phantom.instance_uid
        assert UID(ds.SOPInstanceUID).is_valid


@pytest.mark.parametrize("modality", list(Modality))
def test_pydicom_shows_the_picture_that_was_made(modality: Modality) -> None:
    for phantom in phantoms_of(modality, 3):
        ds = phantom.dataset()
        rescaled = apply_modality_lut(ds.pixel_array, ds)
        shown = apply_voi_lut(rescaled, ds, index=0).astype(np.float64)
        shown = (shown - shown.min()) / np.ptp(shown)
        if ds.PhotometricInterpretation == "MONOCHROME1":
            shown = 1 - shown
        assert np.corrcoef(shown.ravel(), phantom.picture.ravel())[0, 1] > 0.98
        assert 0.2 < shown.mean() < 0.8


def test_the_attributes_say_frontal_chest_and_synthetic() -> None:
    phantom = phantoms_of(Modality.DX, 1)[0]
    ds = phantom.dataset()
    assert ds.BodyPartExamined == "CHEST"
    assert ds.ViewPosition == phantom.truth.projection
    assert ds.PatientName == f"PHANTOM^{phantom.index:04d}"
    assert "phantom" in ds.SeriesDescription.lower()
    assert "phantom" in ds.ImageComments.lower()
    assert ds.PatientAge == f"{phantom.truth.age_years:03d}Y"
    assert ds.BurnedInAnnotation == "NO"


def test_the_truth_is_nowhere_in_the_data_set() -> None:
    phantom = radiograph_phantom(seed=30, index=0)
    text = str(phantom.dataset()).lower()
    for word in ("regurgitation", "mitral", "stenosis", "aort", "ejection", "severe", "moderate", "mild"):
        assert word not in text


@pytest.mark.parametrize("syntax", list(TransferSyntax))
def test_a_file_in_every_transfer_syntax_is_sound_and_holds_the_stored_pixels(
    syntax: TransferSyntax, tmp_path: Path
) -> None:
    checker = shutil.which("dciodvfy")
    candidates = (radiograph_phantom(seed=31, index=index) for index in range(200))
    phantoms = (phantom for phantom in candidates if phantom.encoding.transfer_syntax is syntax)
    for phantom in itertools.islice(phantoms, 3):
        path = tmp_path / f"{phantom.index}.dcm"
        phantom.write(path)
        ds = pydicom.dcmread(path)
        assert str(ds.file_meta.TransferSyntaxUID) == syntax.value
        assert np.array_equal(ds.pixel_array, phantom.stored)
        if checker is not None:
            outcome = subprocess.run([checker, str(path)], capture_output=True, text=True, check=False)
            assert "Error" not in outcome.stdout + outcome.stderr


def test_every_way_of_storing_occurs() -> None:
    encodings = [radiograph_phantom(seed=31, index=index).encoding for index in range(200)]
    assert {encoding.bits_stored for encoding in encodings} == {10, 12, 14}
    assert len({encoding.polarity for encoding in encodings}) == 2
    assert {encoding.transfer_syntax for encoding in encodings} == set(TransferSyntax)
    assert len({encoding.modality for encoding in encodings}) == 2
    assert {len(encoding.windows) for encoding in encodings} == {1, 2}
    rescaled = [encoding for encoding in encodings if (encoding.slope, encoding.intercept) != (1.0, 0.0)]
    assert rescaled
    assert all(encoding.modality is Modality.CR for encoding in rescaled)
