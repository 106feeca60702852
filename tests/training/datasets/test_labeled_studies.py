"""A manifest of studies of volumes: its columns, and every fault of its table at once, with no cell shown."""

from pathlib import Path

import pytest

from phantoms import LesionSite
from specs import SPECS
from specs.contract import AnswerSpec
from specs.dat_uptake import DAT_UPTAKE
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.recipe import AnswerStudyRecipe, FrontalChestRadiograph
from specs.sarcoidosis_lymphoma import SARCOIDOSIS_LYMPHOMA
from tests.conftest import ANSWER_SPECS, CLONE, RADIOGRAPH_SPECS
from tests.training.datasets.layouts import write_jsrt, write_manifest
from tests.training.datasets.manifests import Row
from training.datasets import (
    DataSetKind,
    DataSource,
    Example,
    LabeledSet,
    labeled_set,
    labeled_studies,
    radiograph_recipe,
    target_of,
)
from training.datasets.errors import ManifestFaults, OfRadiographsOnly

SITES = tuple(site.name.lower() for site in LesionSite)
OF_VOLUMES = {name: spec for name, spec in ANSWER_SPECS.items() if isinstance(spec.recipe, AnswerStudyRecipe)}


def pet_rows(count: int = 12) -> list[Row]:
    """Write rows of patients with one lesion each, whose site goes round the body."""
    return [
        {"path": f"studies/{number}", "patient": f"P{number}", "sarcoidosis": number % 2}
        | {site: int(number % len(SITES) == place) for place, site in enumerate(SITES)}
        for number in range(count)
    ]


def read(folder: Path, rows: list[Row], spec: AnswerSpec = SARCOIDOSIS_LYMPHOMA) -> LabeledSet:
    file = write_manifest(folder, rows, images=False)
    return labeled_studies(DataSource(kind=DataSetKind.MANIFEST, path=file), spec)


def faults_of(folder: Path, rows: list[Row], spec: AnswerSpec = SARCOIDOSIS_LYMPHOMA) -> list[tuple[int, str, str]]:
    with pytest.raises(ManifestFaults) as caught:
        read(folder, rows, spec)
    for secret in ("TANAKA", "studies", str(folder)):
        assert secret not in str(caught.value)
    return [(fault.line, fault.column, fault.what) for fault in caught.value.faults]


def test_a_row_names_a_study_and_where_its_lesions_are(tmp_path: Path) -> None:
    rows: list[Row] = [{**row, "sex": "F", "age": 61.5, "site": "Ward B"} for row in pet_rows()]
    rows[3]["sarcoidosis"] = ""
    labeled = read(tmp_path, rows)
    assert (labeled.name, labeled.modality) == ("manifest", "PT")
    assert labeled.left_out == {"the cell sarcoidosis is empty": 1}
    assert len(labeled.examples) == 11
    second: Example = labeled.examples[1]
    assert (second.name, second.image.path, second.value) == ("line 3", tmp_path / "studies/1", 1.0)
    assert (second.sex, second.age_years, second.site, second.view) == ("F", 61.5, "Ward B", None)
    assert second.lesion_sites == frozenset({LesionSite.CERVICAL_NODES})


def test_the_guide_names_every_column_of_a_manifest_of_studies() -> None:
    guide = (CLONE / "docs" / "training.md").read_text(encoding="utf-8")
    for column in (*SITES, *(spec.truth.column for spec in OF_VOLUMES.values())):
        assert f"`{column}`" in guide


def test_sites_of_lesions_need_not_be_known(tmp_path: Path) -> None:
    rows = [{column: row[column] for column in ("path", "patient", "sarcoidosis")} for row in pet_rows()]
    assert {example.lesion_sites for example in read(tmp_path, rows).examples} == {None}


@pytest.mark.parametrize("spec", OF_VOLUMES.values(), ids=OF_VOLUMES)
def test_every_model_of_volumes_reads_the_labels_of_its_tracer(tmp_path: Path, spec: AnswerSpec) -> None:
    of_dat = ("diseased", "low_uptake", "asymmetric", "dot_shaped")
    labels = dict.fromkeys(of_dat if spec.truth.column in of_dat else ("sarcoidosis",), 1)
    (example,) = read(tmp_path, [{"path": "scan.dcm", "patient": "P1", **labels}], spec).examples
    assert example.value == 1.0


def break_every_way(rows: list[Row]) -> None:
    """Spoil rows, each in its own way; their lines are 2 to 13."""
    rows[0]["path"] = ""
    rows[1]["path"] = "/srv/TANAKA"
    rows[2]["path"] = "a\\TANAKA"
    rows[3]["path"] = "./studies/11"
    rows[4]["path"] = "studies/5/TANAKA"
    rows[6]["patient"] = ""
    rows[7]["patient"] = "p  9"
    rows[9]["patient"] = "P 9"
    rows[7]["sarcoidosis"] = "TANAKA"
    rows[8]["sex"] = "male"
    rows[8]["age"] = "058Y"
    rows[8]["site"] = "x" * 41
    rows[10]["lung"] = "2"
    rows[10]["skin"] = ""


def test_a_manifest_of_studies_with_every_fault_lists_all(tmp_path: Path) -> None:
    rows: list[Row] = [{**row, "sex": "", "age": "", "site": ""} for row in pet_rows()]
    break_every_way(rows)
    assert sorted(faults_of(tmp_path, rows)) == [
        (2, "path", "it is empty"),
        (3, "path", "it leaves the folder of the manifest; paths are relative to it"),
        (4, "path", "it has a backslash; write / between folders"),
        (6, "path", "it lies in the folder of line 7"),
        (8, "patient", "it is empty; without it, a patient may be in two parts"),
        (9, "sarcoidosis", "it is neither 0 nor 1"),
        (10, "age", "it is no number, with a point where it has decimals"),
        (10, "sex", "it is none of F, M, O"),
        (10, "site", "it is longer than 40 characters"),
        (11, "patient", "it is that of line 9, spelled another way"),
        (12, "lung", "it is neither 0 nor 1"),
        (12, "skin", "it is empty; write 0 where there is no lesion"),
        (13, "path", "it is the file of line 5 too"),
    ]


def test_a_study_in_the_folder_of_the_manifest_holds_those_below_it(tmp_path: Path) -> None:
    rows = pet_rows(3)
    rows[2]["path"] = "."
    assert faults_of(tmp_path, rows) == [(line, "path", "it lies in the folder of line 4") for line in (2, 3)]


def test_a_patient_without_truth_may_be_without_sites(tmp_path: Path) -> None:
    rows = pet_rows()
    rows[3].update(dict.fromkeys(("sarcoidosis", *SITES), ""))
    assert len(read(tmp_path, rows).examples) == 11


def test_the_columns_of_sites_are_all_there_or_none(tmp_path: Path) -> None:
    rows = [{column: cell for column, cell in row.items() if column not in {"lung", "skin"}} for row in pet_rows()]
    assert faults_of(tmp_path, rows) == [(1, "lung", "it is missing"), (1, "skin", "it is missing")]


@pytest.mark.parametrize(
    ("spec", "column"),
    [
        (SARCOIDOSIS_LYMPHOMA, "view"),
        (SARCOIDOSIS_LYMPHOMA, "mitral_regurgitation"),
        (DAT_UPTAKE, "lung"),
        (MITRAL_REGURGITATION, "lung"),
        (MITRAL_REGURGITATION, "sarcoidosis"),
    ],
)
def test_what_other_studies_have_is_no_column(tmp_path: Path, spec: AnswerSpec, column: str) -> None:
    rows: list[Row] = [{"path": "scan", "patient": "P1", spec.truth.column: 1, column: ""}]
    ((line, place, what),) = faults_of(tmp_path, rows, spec)
    assert (line, place) == (1, "4")
    assert "its name is none of path, patient, age" in what


@pytest.mark.parametrize("kind", [DataSetKind.NIH, DataSetKind.JSRT])
@pytest.mark.parametrize("spec", OF_VOLUMES.values(), ids=OF_VOLUMES)
def test_published_sets_of_radiographs_hold_no_volumes(tmp_path: Path, kind: DataSetKind, spec: AnswerSpec) -> None:
    with pytest.raises(OfRadiographsOnly):
        labeled_studies(DataSource(kind=kind, path=tmp_path), spec)


@pytest.mark.parametrize("spec", OF_VOLUMES.values(), ids=OF_VOLUMES)
def test_volumes_are_measured_on_and_not_trained_on(spec: AnswerSpec) -> None:
    with pytest.raises(OfRadiographsOnly):
        radiograph_recipe(spec)


def test_radiographs_are_read_as_for_training(tmp_path: Path) -> None:
    write_jsrt(tmp_path / "JSRT", nodules=3, non_nodules=2)
    rows: list[Row] = [{"path": f"{number}.png", "patient": number, "age": 50 + number} for number in range(4)]
    own = write_manifest(tmp_path / "own", rows, images=False)
    spec = RADIOGRAPH_SPECS["xray_age"]
    assert isinstance(spec.recipe, FrontalChestRadiograph)
    for source in (
        DataSource(kind=DataSetKind.JSRT, path=tmp_path / "JSRT"),
        DataSource(kind=DataSetKind.MANIFEST, path=own),
    ):
        labeled = labeled_studies(source, spec)
        assert labeled == labeled_set(source, target_of(SPECS["xray_age"]), spec.recipe)
        assert labeled.modality is None
