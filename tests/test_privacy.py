"""No patient data, and no path, in logs, errors or metrics: a sentinel patient goes the whole way."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pydicom
import pytest

from phantoms import dopamine_phantom, mibg_phantom, perfusion_phantom, pet_phantom, radiograph_phantom
from serving import EmbeddedTriton, TritonSettings
from tests.conftest import CLONE
from tests.tricorder.conftest import RADIOGRAPH_MODELS, SCORING_MODELS

SENTINELS = {
    "PatientName": "SENTINEL^NAME",
    "PatientID": "SENTINEL-ID",
    "PatientBirthDate": "19010203",
    "ReferringPhysicianName": "SENTINEL^PHYSICIAN",
    "InstitutionName": "SENTINEL HOSPITAL",
    "PatientComments": "SENTINEL COMMENT",
    "AccessionNumber": "SENTINEL-ACC",
    "StudyDescription": "SENTINEL STUDY",
}
FORBIDDEN = ("SENTINEL", "19010203")


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """A sound file, a sound study of many, and a file for each way to fail, in a folder whose name is a secret too."""
    folder = tmp_path / "SENTINEL_FOLDER"
    folder.mkdir()
    ds = radiograph_phantom(seed=1, index=1).dataset()
    for keyword, value in SENTINELS.items():
        setattr(ds, keyword, value)
    ds.save_as(folder / "sound.dcm", enforce_file_format=True)
    content = (folder / "sound.dcm").read_bytes()
    (folder / "cut.dcm").write_bytes(content[: len(content) // 2])
    (folder / "text.dcm").write_text("SENTINEL^NAME", encoding="utf-8")
    ds.BodyPartExamined = "PLACEHOLDER12"
    ds.WindowCenter = "98765.4321"
    ds.save_as(folder / "body_part.dcm", enforce_file_format=True)
    content = (folder / "body_part.dcm").read_bytes()
    (folder / "body_part.dcm").write_bytes(content.replace(b"PLACEHOLDER12", b"SENTINEL^NAME"))
    ds.BodyPartExamined = "CHEST"
    ds.save_as(folder / "window.dcm", enforce_file_format=True)
    content = (folder / "window.dcm").read_bytes()
    (folder / "window.dcm").write_bytes(content.replace(b"98765.4321", b"SENTINEL!!"))
    ds.WindowCenter = 0
    del ds.Rows
    ds.save_as(folder / "rows.dcm", enforce_file_format=True)
    (folder / "study").mkdir()
    for number, ds in enumerate(pet_phantom(seed=1, index=1).datasets()):
        for keyword, value in SENTINELS.items():
            setattr(ds, keyword, value)
        ds.RadiopharmaceuticalInformationSequence[0].Radiopharmaceutical = "FDG SENTINEL^NAME"
        ds.save_as(folder / "study" / f"{number}.dcm", enforce_file_format=True)
    ds = dopamine_phantom(seed=1, index=1).dataset()
    for keyword, value in SENTINELS.items():
        setattr(ds, keyword, value)
    ds.save_as(folder / "transporter.dcm", enforce_file_format=True)
    for name, phantom in (("perfusion", perfusion_phantom(seed=1, index=1)), ("mibg", mibg_phantom(seed=1, index=1))):
        (folder / name).mkdir()
        for number, ds in enumerate(phantom.datasets()):
            for keyword, value in SENTINELS.items():
                setattr(ds, keyword, value)
            ds.save_as(folder / name / f"{number}.dcm", enforce_file_format=True)
    header = pydicom.dcmread(folder / "sound.dcm", stop_before_pixels=True)
    header.save_as(folder / "no_pixels.dcm", enforce_file_format=True)
    return folder


def test_a_sentinel_patient_is_in_no_output_log_or_metric(cohort: Path, tmp_path: Path) -> None:
    settings = TritonSettings(
        repository=CLONE / "model_repository", run_folder=tmp_path / "serving", environment=CLONE / ".venv-server"
    )
    with EmbeddedTriton(settings) as server:
        command = [sys.executable, "-m", "tricorder", "score", str(cohort), "--server", server.grpc_address, "--json"]
        done = subprocess.run(
            [*command, "--out", str(tmp_path / "out")], cwd=CLONE, capture_output=True, text=True, check=False
        )
        with urllib.request.urlopen(f"http://{server.metrics_address}/metrics", timeout=10) as reply:
            metrics = reply.read().decode()
    assert done.returncode == 3
    assert done.stdout.count('"status":"scored"') == len(SCORING_MODELS)  # each of one input
    others = len(SCORING_MODELS) - len(RADIOGRAPH_MODELS)  # asked about the text alone: all else has a header
    assert done.stdout.count('"status":"failed"') == 5 * len(RADIOGRAPH_MODELS) + others
    assert "nv_inference_request_success" in metrics
    assert server.log_file is not None
    said = done.stderr.replace(str(tmp_path / "out"), "")  # the folder that the user asked for
    written = [*(tmp_path / "out").rglob("*.jsonl"), *(tmp_path / "out").rglob("*.html"), server.log_file]
    for text in (done.stdout, said, metrics, *(file.read_text(encoding="utf-8") for file in written)):
        assert not [word for word in FORBIDDEN if word in text]
    for picture in (tmp_path / "out").rglob("*.png"):
        assert b"SENTINEL" not in picture.read_bytes()


@pytest.mark.slow
def test_no_engine_leaves_telemetry_behind(cohort: Path, tmp_path: Path) -> None:
    """ONNX Runtime keeps a device identifier and an upload queue under HOME unless it is told not to."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(CLONE)}
    program = (
        "import sys; from tricorder.__main__ import main; "
        f"main(['score', {str(cohort / 'sound.dcm')!r}, '--in-process', '--json'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert '"status":"scored"' in done.stdout, done.stderr
    assert not list(home.rglob("*onnxruntime*"))
    demo = [sys.executable, "-m", "tricorder", "demo", "--phantoms", "1", "--out", str(tmp_path / "demo")]
    done = subprocess.run(demo, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not list(home.rglob("*onnxruntime*"))
