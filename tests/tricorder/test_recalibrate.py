"""Recalibration to another site as a user does it: measured on other studies of the site, and served by Triton."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import tritonclient.grpc as triton
from click.testing import CliRunner, Result
from numpy.typing import NDArray

from client.call_settings import CallSettings
from client.triton import TritonEngine
from evaluation.errors import HeldOutUnknown
from evaluation.finding_report import FindingReport
from export.entry import records, render_config
from export.errors import NotRecalibrated, SourceUnusable
from export.recalibrated_graph import recalibrated_graph
from phantoms import Grade, radiograph_phantom
from serving import EmbeddedTriton, TritonSettings
from specs.entry import ONNX_FILE, RECORD_FILE
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.weights import DataSet, FindingPerformance, WeightsRecord
from tests.conftest import CLONE
from tests.export.fits import fit
from tests.training.datasets.layouts import write_manifest
from tests.training.tiny import random_pixels
from tests.tricorder.conftest import Tricorder
from tests.tricorder.evaluations import MODEL, evaluate, write_committed
from training.datasets import DataSetKind, DataSource, labeled_set, radiograph_recipe, split_patients, target_of
from tricorder.command_line import tricorder as command_line

DISTORTION = fit(1.5, 2.0)
"""What is done to the committed weights' log-odds, so that they are far from calibrated."""


def recalibrate(*arguments: object) -> Result:
    return CliRunner().invoke(command_line, ["recalibrate", MODEL, *map(str, arguments)])


def write_distorted(repository: Path) -> Path:
    """Write the committed entry with probabilities that are far from calibrated, as somebody else's may be."""
    write_committed(repository, MITRAL_REGURGITATION)
    version = repository / MODEL / "1"
    content = recalibrated_graph((version / ONNX_FILE).read_bytes(), DISTORTION, answer="probability", evidence="cam")
    (version / ONNX_FILE).write_bytes(content)
    record = WeightsRecord.from_json((version / RECORD_FILE).read_text(encoding="utf-8"))
    changed = record.model_copy(update={"model_sha256": hashlib.sha256(content).hexdigest()})
    (version / RECORD_FILE).write_text(changed.readable_json(), encoding="utf-8")
    render_config(repository / MODEL, MITRAL_REGURGITATION)
    return repository


def measured(repository: Path, *options: object) -> FindingReport:
    result = evaluate(repository, *options)
    assert result.exception is None, result.exception
    return FindingReport.from_json(result.stdout)


@pytest.mark.slow
def test_other_studies_of_the_site_are_better_calibrated_and_triton_serves_both_versions(
    tricorder: Tricorder, phantom_folder: Path, tmp_path: Path
) -> None:
    repository = write_distorted(tmp_path / "repository")
    options = ("--data", "phantoms:150", "--site", "B")
    before = measured(repository, *options)
    done = recalibrate("--data", "phantoms:200", "--repository", repository)
    assert done.exception is None, done.exception
    assert "against the fit to the answers of version 1" in done.stderr
    after = measured(repository, *options)
    assert (before.version, after.version) == (1, 2)
    assert before.auc == after.auc
    assert abs(after.calibration.slope - 1) < abs(before.calibration.slope - 1) / 2
    assert after.calibration.brier_score < before.calibration.brier_score
    _, record = records(repository / MODEL)
    site = record.recalibration
    assert site is not None
    assert site.slope is not None
    assert (site.of_version, site.data_set.name) == (1, "phantom radiographs, validation, site B 0-199")
    settings = TritonSettings(
        repository=repository, run_folder=tmp_path / "serving", environment=CLONE / ".venv-server"
    )
    with EmbeddedTriton(settings) as server:
        rows = tricorder("score", phantom_folder, "--server", server.grpc_address, "--json")
        scored = {row["source"]: row for row in map(json.loads, rows.stdout.splitlines())}
        assert [row["version"] for row in scored.values()] == [2] * 4
        with TritonEngine(CallSettings(address=server.grpc_address)) as engine:
            assert engine.served_model(MODEL).contract.weights == record


def answers_of(server: EmbeddedTriton, version: int) -> NDArray[np.float64]:
    """Ask Triton for one version of the model, by NVIDIA's own client; shape (studies, 1)."""
    pixels = random_pixels(MITRAL_REGURGITATION, studies=8).numpy()
    given = triton.InferInput("pixels", list(pixels.shape), "UINT8")
    given.set_data_from_numpy(pixels)
    with triton.InferenceServerClient(server.grpc_address) as client:
        answer = client.infer(MODEL, [given], model_version=str(version))
        return np.asarray(answer.as_numpy("probability"), np.float64)


def write_own(folder: Path, *, count: int = 40) -> Path:
    """Write severe and healthy phantoms as a user's own files."""
    rows: list[dict[str, object]] = []
    for number in range(count):
        grade = Grade.SEVERE if number % 2 else Grade.NONE
        radiograph_phantom(seed=6, index=number, mitral_regurgitation=grade).write(folder / f"{number}.dcm")
        rows.append({"path": f"{number}.dcm", "patient": f"TANAKA {number}", MODEL: int(grade.positive)})
    return write_manifest(folder, rows, images=False)


@pytest.mark.slow
def test_of_one_s_own_data_a_tenth_of_the_patients_is_left_to_measure_on(tmp_path: Path) -> None:
    manifest = write_own(tmp_path)
    done = recalibrate(
        "--data", f"manifest:{manifest}", "--method", "intercept", "--repository", tmp_path / "repository"
    )
    assert done.exception is None, done.exception
    assert "TANAKA" not in done.output
    assert "may have seen" not in done.output
    record = records(tmp_path / "repository" / MODEL)[-1]
    assert record.recalibration is not None
    assert record.recalibration.slope is None
    assert record.recalibration.data_set.training_studies == 36
    report = measured(tmp_path / "repository", "--data", f"manifest:{manifest}")
    assert (report.version, report.data_set, report.studies) == (2, "manifest, test part", 4)


def seen_of(manifest: Path) -> DataSet:
    """Describe the first two parts of a manifest's split as what weights were fitted on."""
    source = DataSource(kind=DataSetKind.MANIFEST, path=manifest)
    labeled = labeled_set(source, target_of(MITRAL_REGURGITATION), radiograph_recipe(MITRAL_REGURGITATION))
    split = split_patients(labeled.examples, seed=5)
    return DataSet(
        name="manifest",
        description="a user's",
        training_studies=len(split.training),
        validation_studies=len(split.validation),
        seed=5,
        seen_patients_sha256=split.seen_patients_sha256,
    )


def test_data_on_which_the_weights_were_fitted_are_refused_before_an_image_is_read(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"path": f"{number}.dcm", "patient": number, MODEL: number % 2} for number in range(20)
    ]
    for row in rows:
        (tmp_path / str(row["path"])).write_bytes(b"no image")
    manifest = write_manifest(tmp_path, rows, images=False)
    repository = write_committed(tmp_path / "repository", MITRAL_REGURGITATION, fitted_on=seen_of(manifest))
    done = recalibrate("--data", f"manifest:{manifest}", "--repository", repository)
    assert isinstance(done.exception, NotRecalibrated)
    assert "fitted on studies of these data" in str(done.exception)
    assert len(records(repository / MODEL)) == 1


def mark_imported(repository: Path) -> None:
    """Make the weights of a committed entry look imported."""
    file = repository / MODEL / "1" / RECORD_FILE
    record = WeightsRecord.from_json(file.read_text(encoding="utf-8"))
    provenance = record.provenance.model_copy(update={"weights_sha256": "f" * 64})
    file.write_text(record.model_copy(update={"provenance": provenance}).readable_json(), encoding="utf-8")
    render_config(repository / MODEL, MITRAL_REGURGITATION)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("imported", "said"), [(False, "fitted on a data set that is called manifest"), (True, "imported")]
)
def test_studies_that_the_weights_may_have_seen_are_said_to_be_so(tmp_path: Path, imported: bool, said: str) -> None:
    manifest = write_own(tmp_path)
    if imported:
        repository = write_committed(tmp_path / "repository", MITRAL_REGURGITATION)
        mark_imported(repository)
    else:
        repository = write_committed(tmp_path / "repository", MITRAL_REGURGITATION, fitted_on=seen_of(manifest))
        radiograph_phantom(seed=6, index=40, mitral_regurgitation=Grade.NONE).write(tmp_path / "40.dcm")
        with manifest.open("a", encoding="utf-8") as table:
            table.write("40.dcm,TANAKA 40,0\n")
    done = recalibrate("--data", f"manifest:{manifest}", "--method", "intercept", "--repository", repository)
    assert done.exception is None, done.exception
    assert said in done.stderr
    record = records(repository / MODEL)[-1]
    assert isinstance(record.performance, FindingPerformance)
    used = "manifest, training and validation part, perhaps some of training among them"
    assert record.performance.operating_point.data_set == used
    assert f"Fitted on {used}" in done.stderr
    refused = evaluate(repository, "--data", f"manifest:{manifest}")
    assert isinstance(refused.exception, HeldOutUnknown)


def test_the_version_to_recalibrate_can_be_named_with_its_repository(tmp_path: Path) -> None:
    repository = write_committed(tmp_path, MITRAL_REGURGITATION)
    done = recalibrate("--data", "phantoms:64", "--from-repository", repository, "--from-version", 5)
    assert isinstance(done.exception, SourceUnusable)
    assert "no version 5" in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--data", "phantoms:64", "--sensitivity", "0.9", "--specificity", "0.9"), "exclude each other"),
        (("--data", "phantoms:64", "--sensitivity", "90"), "0<x<=1"),
        (("--data", f"manifest:{CLONE / 'README.md'}", "--site", "B"), "--site goes with phantoms only"),
        ((), "--data"),
    ],
)
def test_options_that_do_not_go_together_are_a_wrong_command_line(arguments: tuple[str, ...], said: str) -> None:
    done = recalibrate(*arguments)
    assert done.exit_code == 2
    assert said in done.output


def test_a_model_of_a_quantity_cannot_be_named() -> None:
    done = CliRunner().invoke(command_line, ["recalibrate", "xray_age", "--data", "phantoms:64"])
    assert done.exit_code == 2
    assert "mitral_regurgitation" in done.output
    assert "heart_failure_outcome" not in done.output
