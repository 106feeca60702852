"""What the tests of written DICOM objects share: provenance, sources, and the independent judges."""

import shutil
import subprocess
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.filewriter import dcmwrite

from client.derived_objects import Provenance
from preprocessing.reading import read_dataset
from tests.judges import complaints

PROVENANCE = Provenance(
    model="mibg_organs",
    version=3,
    contract_sha256="0123456789abcdef" * 4,
    software_version="0.1.0",
    made_at=datetime(2026, 1, 5, 13, 45, 6, 7),
)


def written(ds: Dataset) -> FileDataset:
    """Write a data set and read it again."""
    content = BytesIO()
    dcmwrite(content, ds, enforce_file_format=True)
    return read_dataset(content.getvalue())


def judged(ds: Dataset, folder: Path) -> None:
    """Let dciodvfy and dcmdump judge a data set; where neither is here, the test is skipped."""
    file = folder / "object.dcm"
    dcmwrite(file, ds, enforce_file_format=True)
    assert complaints(file) == []
    dumper = shutil.which("dcmdump")
    if dumper is None:
        pytest.skip("dcmdump is not installed (Debian package dcmtk)")
    opened = subprocess.run([dumper, "-q", str(file)], capture_output=True, text=True, check=False)
    assert opened.returncode == 0
    assert str(ds.SOPInstanceUID) in opened.stdout
