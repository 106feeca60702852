"""`tricorder evaluate` on a manifest of PET or SPECT studies: the figures are those of the same phantoms."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from client.in_process import InProcessEngine
from client.scoring import ScoringSettings
from evaluation.errors import HeldOutUnknown
from evaluation.finding_report import FindingReport
from phantoms import ImageCohort, ImagePhantom, LesionSite, Part, dopamine_cohort, pet_cohort, radiograph_phantom
from phantoms import write_phantom as write_files
from specs.contract import AnswerSpec
from specs.dat_parkinsonism import DAT_PARKINSONISM
from specs.dat_uptake import DAT_UPTAKE
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from specs.weights import DataSet
from tests.conftest import CLONE
from tests.training.datasets.layouts import write_manifest
from tests.training.datasets.manifests import Row
from tests.tricorder.evaluations import Run, evaluate, evaluated, write_committed
from training.datasets.errors import ManifestFaults, OfRadiographsOnly
from tricorder.command_line import tricorder
from tricorder.evaluation_report import evaluation_report
from tricorder.evaluation_run import ScoredStudies, score_studies
from tricorder.labeled_study import PhantomStudies

COMMITTED = CLONE / "model_repository"
AGREEMENT = 1e-6
PET_STUDIES, SPECT_STUDIES = 4, 6
"""From the start of the test part, so that two or more are of either kind."""


def of_phantoms(cohort: ImageCohort, spec: AnswerSpec) -> tuple[ScoredStudies, FindingReport]:
    """Score phantoms as `--data phantoms:COUNT` does, and report."""
    with InProcessEngine(COMMITTED) as engine:
        model = engine.served_model(spec.name)
        others = [engine.served_model(name) for name in getattr(spec, "compared_with", ())]
        data = PhantomStudies(cohort=cohort, spec=spec)
        scored = score_studies(data, engine, model, ScoringSettings(workers=1), others=others)
        report = evaluation_report(model, scored)
    assert isinstance(report, FindingReport)
    return scored, report


def leaves(value: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Yield every number and word of a report by its place, but not what says which set it is of."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if key not in {"data_set", "left_out"}:
                yield from leaves(inner, f"{place}/{key}")
    else:
        yield place, value


def assert_same_figures(run: Run, scored: ScoredStudies, report: FindingReport) -> None:
    values = [study.value for study in scored.studies]
    assert [float(row["value"]) for row in run.answers] == pytest.approx(values, abs=AGREEMENT)
    found, expected = (dict(leaves(each.model_dump(mode="json"))) for each in (run.report, report))
    assert len(expected) > 30
    assert found == pytest.approx(expected, abs=AGREEMENT)


def row_of(phantom: ImagePhantom, path: str, *columns: str) -> Row:
    truth = phantom.truth
    return {
        "path": path,
        "patient": f"TANAKA {phantom.index}",
        "sex": truth.sex.value,
        "age": truth.age_years,
        **{column: int(truth.numbers[column]) for column in columns},
    }


def write_unusable(folder: Path, sound: Path) -> list[str]:
    """Write a study for each way to be left out, and return their paths."""
    for name in ("TANAKA_cut", "TANAKA_radiograph", "TANAKA_two", "TANAKA_empty"):
        (folder / name).mkdir()
    content = sound.read_bytes()
    (folder / "TANAKA_cut/scan.dcm").write_bytes(content[: len(content) // 2])
    radiograph_phantom(seed=1, index=1).write(folder / "TANAKA_radiograph/image.dcm")
    for index in (0, 1):
        write_files(dopamine_cohort(Part.PARITY, count=2)[index], folder / f"TANAKA_two/{index}")
    return ["TANAKA_cut", "TANAKA_radiograph", "TANAKA_two", "TANAKA_empty", "TANAKA_gone", "TANAKA_again"]


@pytest.fixture(scope="module")
def spect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of SPECT studies, in folders of any depth and as bare files, and of what cannot be used."""
    folder = tmp_path_factory.mktemp("TANAKA")
    columns = ("diseased", "low_uptake", "asymmetric", "dot_shaped")
    rows: list[Row] = []
    for phantom in dopamine_cohort(Part.TEST, count=SPECT_STUDIES):
        place = folder / f"TANAKA{phantom.index}/a/b"
        place.mkdir(parents=True)
        (file,) = write_files(phantom, place / "scan")
        (place.parent / "note.txt").write_text("TANAKA", encoding="utf-8")
        named = file if phantom.index % 2 else place.parent.parent
        rows.append(row_of(phantom, named.relative_to(folder).as_posix(), *columns))
    shutil.copytree(folder / "TANAKA0", folder / "TANAKA_again")
    unusable = write_unusable(folder, folder / "TANAKA0/a/b/scan.dcm")
    rows += [{**rows[0], "path": path, "patient": f"TANAKA {number}"} for number, path in enumerate(unusable, start=50)]
    rows.append({**rows[1], "path": "TANAKA_unlabeled", "diseased": "", "low_uptake": ""})
    return write_manifest(folder, rows, images=False)


def test_spect_studies_of_a_manifest_have_the_figures_of_their_phantoms(spect: Path, tmp_path: Path) -> None:
    run = evaluated(COMMITTED, tmp_path, "--data", f"manifest:{spect}", model=DAT_PARKINSONISM.name)
    scored, report = of_phantoms(dopamine_cohort(Part.TEST, count=SPECT_STUDIES), DAT_PARKINSONISM)
    assert (run.report.data_set, run.report.studies) == ("manifest, all studies", SPECT_STUDIES)
    assert [row["study"] for row in run.answers] == [f"line {line}" for line in range(2, 2 + SPECT_STUDIES)]
    assert len(run.report.details.others) == 2
    assert run.report.details.lesion_sites is None
    assert_same_figures(run, scored, report)


def test_what_cannot_be_scored_is_counted_and_nobody_is_named(spect: Path, tmp_path: Path) -> None:
    run = evaluated(COMMITTED, tmp_path, "--data", f"manifest:{spect}", model=DAT_UPTAKE.name)
    left_out = run.report.details.left_out
    assert set(left_out.values()) == {1}
    assert len(left_out) == 7
    for reason in (
        "the cell low_uptake is empty",
        "cut short",
        ", not NM",
        "its images are of several studies",
        "a folder without files",
        "No such file or directory",
        "the same SOP Instance has a result already",
    ):
        assert sum(reason in found for found in left_out) == 1, (reason, list(left_out))
    assert "TANAKA" not in run.stdout
    assert all("TANAKA" not in file.read_text("latin-1") for file in run.folder.iterdir())


@pytest.fixture(scope="module")
def pet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of PET studies with the sites of their lesions; the first lies beside other files of its study."""
    folder = tmp_path_factory.mktemp("TANAKA")
    columns = ("sarcoidosis", *(site.name.lower() for site in LesionSite))
    rows: list[Row] = []
    for phantom in pet_cohort(Part.TEST, count=PET_STUDIES):
        write_files(phantom, folder / f"TANAKA{phantom.index}/series")
        rows.append(row_of(phantom, f"TANAKA{phantom.index}", *columns))
    radiograph_phantom(seed=1, index=1).write(folder / "TANAKA0/localizer.dcm")
    return write_manifest(folder, rows, images=False)


def test_pet_studies_of_a_manifest_have_the_figures_and_the_sites_of_their_phantoms(pet: Path, tmp_path: Path) -> None:
    run = evaluated(COMMITTED, tmp_path, "--data", f"manifest:{pet}", model=SARCOIDOSIS_LYMPHOMA.name)
    scored, report = of_phantoms(pet_cohort(Part.TEST, count=PET_STUDIES), SARCOIDOSIS_LYMPHOMA)
    assert (run.report.data_set, run.report.details.left_out) == ("manifest, all studies", {})
    assert report.details.lesion_sites is not None
    assert run.report.details.lesion_sites == report.details.lesion_sites
    assert_same_figures(run, scored, report)


def test_studies_that_weights_may_have_seen_are_not_measured_unless_it_is_said(spect: Path, tmp_path: Path) -> None:
    fitted_on = DataSet(name="manifest", description="a test's", training_studies=9, validation_studies=1, seed=1)
    repository = write_committed(tmp_path, DAT_UPTAKE, fitted_on=fitted_on)
    refused = evaluate(repository, "--data", f"manifest:{spect}", model=DAT_UPTAKE.name)
    assert isinstance(refused.exception, HeldOutUnknown)


def test_faults_are_listed_before_a_study_is_looked_for(tmp_path: Path) -> None:
    rows: list[Row] = [{"path": "TANAKA/1", "patient": "", "diseased": "yes"}]
    refused = evaluate(
        COMMITTED, "--data", f"manifest:{write_manifest(tmp_path, rows, images=False)}", model=DAT_PARKINSONISM.name
    )
    assert isinstance(refused.exception, ManifestFaults)
    assert str(refused.exception).startswith("The manifest has 2 faults.")
    assert "TANAKA" not in str(refused.exception)


@pytest.mark.parametrize("command", ["train", "recalibrate"])
def test_nothing_is_fitted_to_a_manifest_of_studies(tmp_path: Path, command: str) -> None:
    file = write_manifest(tmp_path, [{"path": "1", "patient": "P1", "sarcoidosis": 1}], images=False)
    refused = CliRunner().invoke(tricorder, [command, SARCOIDOSIS_LYMPHOMA.name, "--data", f"manifest:{file}"])
    assert isinstance(refused.exception, OfRadiographsOnly)
