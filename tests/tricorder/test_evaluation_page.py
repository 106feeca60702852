"""The page that `tricorder evaluate --out` leaves, for every kind of model and of data."""

import csv
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from evaluation.outcome_report import OutcomeReport
from evaluation.predictive_values import predictive_values
from evaluation.quantity_report import QuantityReport
from phantoms import Grade, radiograph_phantom
from preprocessing import Prepared, prepare
from specs.ejection_fraction import EJECTION_FRACTION
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.notices import DEMONSTRATION_NOTE, DISCLAIMER
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.client.patients import MODEL as OUTCOMES
from tests.conftest import CLONE
from tests.evaluation.pages import Page
from tests.training.datasets.layouts import nih_row, write_manifest, write_nih, write_nih_images
from tests.tricorder.evaluations import MODEL, Run, asked_for, evaluate, evaluated, write_committed

COMMITTED = CLONE / "model_repository"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed weights of a finding and of a quantity."""
    folder = tmp_path_factory.mktemp("committed")
    for spec in (MITRAL_REGURGITATION, EJECTION_FRACTION):
        write_committed(folder, spec)
    return folder


def page_of(run: Run) -> Page:
    """Read the page, which stands alone, shows every picture of the folder and says what it must."""
    page = Page.of((run.folder / "report.html").read_text(encoding="utf-8"))
    assert sorted(page.pictures) == sorted(run.pictures.values())
    assert page.policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert "script" not in page.elements
    assert DISCLAIMER in page.text
    assert DEMONSTRATION_NOTE in page.text
    return page


@pytest.fixture(scope="module")
def finding(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    options = ("--data", "phantoms:24", "--baseline", 64, "--prevalence", 0.002, "--prevalence", "0.2")
    return evaluated(repository, tmp_path_factory.mktemp("finding"), *options)


def test_a_finding_on_phantoms_has_every_table_that_was_computed(finding: Run) -> None:
    page, report = page_of(finding), finding.report
    for words, prevalence in (("0.2 %", 0.002), ("20 %", 0.2)):
        values = predictive_values(report.counts, prevalence=prevalence)
        assert values.positive is not None
        assert [words, values.positive.cell()] in [row[:2] for row in page.cells]
    assert report.details.baseline is not None
    fitted = "a thumbnail regression, fitted on 64 phantoms"
    assert page.row(fitted)[1] == report.details.baseline.comparison.second.cell()
    for group in ("severe", "sex: F", "age in years: 75 and over", "view: PA"):
        assert [row for row in page.cells if row[0] == group]
    assert "Share of a map's evidence inside left atrium" in page.text
    assert "by patient" not in page.text


def test_unless_others_are_asked_for_a_page_has_three_prevalences(repository: Path, tmp_path: Path) -> None:
    page = page_of(evaluated(repository, tmp_path, "--data", "phantoms:20"))
    rows = [row[0] for row in page.cells if len(row) == 3 and row[0].endswith(" %")]
    assert rows == ["1 %", "5 %", "10 %"]


def test_an_ensemble_has_its_members_in_picture_and_table(tmp_path: Path) -> None:
    run = evaluated(COMMITTED, tmp_path, "--data", "phantoms:20", model="aortic_stenosis")
    assert "members.png" in run.pictures
    page = page_of(run)
    for member in run.report.details.members:
        assert page.row(f"its member {member.model}")[1] == member.comparison.second.cell()


def test_a_quantity_has_its_own_page(repository: Path, tmp_path: Path) -> None:
    run = evaluated(repository, tmp_path, "--data", "phantoms:20", model=EJECTION_FRACTION.name)
    report = QuantityReport.from_json(run.stdout)
    assert page_of(run).row("mean absolute error [%]")[1] == report.agreement.mean_absolute_error.cell(2)


def test_outcomes_leave_report_answers_pictures_and_page(tmp_path: Path) -> None:
    (tmp_path / "roc.png").write_bytes(b"")  # of a finding that was measured before
    run = evaluated(COMMITTED, tmp_path, "--data", "phantoms:200", model=OUTCOMES)
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == run.stdout
    report = OutcomeReport.from_json(run.stdout)
    outcomes = ("heart_failure_death", "arrhythmic_event", "survival")
    named = {f"{kind}_{outcome}.png" for kind in ("roc", "calibration") for outcome in outcomes}
    assert run.pictures.keys() == {*named, "risk_groups.png", "curve.png"}
    page = page_of(run)
    assert len(run.answers) == 200
    for classifier in report.performance.classifiers:
        for figures in classifier.outcomes:
            column = [float(row[f"{classifier.classifier}_{figures.outcome}"]) for row in run.answers]
            happened = [row["truth"] == figures.outcome for row in run.answers]
            assert sum(happened) == figures.events
            assert roc_auc_score(happened, column) == pytest.approx(figures.discrimination.auc)
            assert [row for row in page.cells if row[3:4] and row[3].startswith(f"{figures.discrimination.auc:.3f} (")]


def test_a_picture_that_was_not_drawn_here_is_left_alone(tmp_path: Path) -> None:
    own = tmp_path / "roc_of_my_own.png"
    own.write_bytes(b"mine")
    evaluated(COMMITTED, tmp_path, "--data", "phantoms:200", model=OUTCOMES)
    assert own.read_bytes() == b"mine"


def nih_phantom(number: int, *, side: int) -> np.ndarray:
    """Draw image `number` of `nih`: of each three images of a patient, who has the disease or not."""
    grade = Grade.SEVERE if (number // 3) % 2 else Grade.NONE
    phantom = radiograph_phantom(seed=11, index=number, mitral_regurgitation=grade)
    prepared = prepare(phantom.dataset(), CHEST_RADIOGRAPH_320)
    assert isinstance(prepared, Prepared)
    pixels: np.ndarray = np.kron(prepared.pixels[0], np.ones((4, 4)))[:side, :side] / 255
    return pixels


def test_patients_of_a_published_set_have_an_interval_of_their_own(tmp_path: Path) -> None:
    rows = [
        nih_row(patient, follow_up, findings="Cardiomegaly" if patient % 2 else "No Finding")
        for patient in range(6)
        for follow_up in range(3)
    ]
    write_nih(tmp_path / "nih", rows)
    write_nih_images(tmp_path / "nih", rows, draw=nih_phantom)
    repository = write_committed(tmp_path / "repository", asked_for("cardiomegaly"))
    run = evaluated(repository, tmp_path / "out", "--data", f"nih:{tmp_path / 'nih'}")
    report = run.report
    found = report.details.by_patient
    assert report.studies == 18
    assert found is not None
    assert found.interval is not None
    assert (found.patients, found.resamples, found.seed) == (6, 2000, 0)
    assert found.interval.estimate == pytest.approx(report.auc.estimate)
    assert str(found) in str(report)
    rows_of_area = [row for row in page_of(run).cells if row[0] == "AUC"]
    assert rows_of_area[1] == ["AUC", found.interval.cell(), found.method]


def write_sites(folder: Path) -> Path:
    """Write six patients with two images each, from two sites."""
    rows: list[dict[str, object]] = []
    for number in range(12):
        phantom = radiograph_phantom(seed=5, index=number)
        phantom.write(folder / f"{number}.dcm")
        fraction = round(phantom.truth.ejection_fraction_percent, 1)
        site = "" if number == 11 else ("Köln <2>" if number % 4 < 2 else "Annex")
        rows.append(
            {"path": f"{number}.dcm", "patient": f"TANAKA {number // 2}", "ejection_fraction": fraction, "site": site}
        )
    return write_manifest(folder, rows, images=False)


def test_a_manifest_is_measured_by_site_and_by_patient_and_no_patient_is_named(
    repository: Path, tmp_path: Path
) -> None:
    data = f"manifest:{write_sites(tmp_path)}"
    run = evaluated(repository, tmp_path / "out", "--data", data, model=EJECTION_FRACTION.name)
    details = QuantityReport.from_json(run.stdout).details
    sites = [(row.group, row.studies) for row in details.subgroups if row.characteristic == "site"]
    assert sites == [("Annex", 5), ("Köln <2>", 6), ("not known", 1)]
    assert details.by_patient is not None
    assert details.by_patient.interval is not None
    assert (details.by_patient.figure, details.by_patient.patients) == ("mean absolute error", 6)
    with (tmp_path / "out" / "answers.csv").open(encoding="utf-8", newline="") as file:
        errors = [abs(float(row["value"]) - float(row["truth"])) for row in csv.DictReader(file)]
    assert details.by_patient.interval.estimate == pytest.approx(np.mean(errors))
    page = page_of(run)
    assert page.row("site: Köln <2>")[1] == "6"
    assert page.row("mean absolute error")[2] == details.by_patient.method
    assert all("TANAKA" not in file.read_text("latin-1") for file in run.folder.iterdir())


@pytest.mark.parametrize(
    ("model", "options", "said"),
    [
        (MODEL, ("--prevalence", "0.1"), "--prevalence goes with --out"),
        (MODEL, ("--prevalence", "1", "--out", "out"), "no share between 0 and 1"),
        (EJECTION_FRACTION.name, ("--prevalence", "0.1", "--out", "out"), "models of a finding only"),
    ],
)
def test_a_prevalence_that_would_not_be_shown_is_refused(
    repository: Path, model: str, options: tuple[str, ...], said: str
) -> None:
    result = evaluate(repository, "--data", "phantoms:20", *options, model=model)
    assert result.exit_code == 2
    assert said in result.output
