"""A data set on disk becomes three parts that training reads, whatever its layout."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from preprocessing import Prepared, prepare
from preprocessing.reading import read_file
from specs import SPECS
from specs.recipe import CHEST_RADIOGRAPH_320, FrontalChestRadiograph
from tests.training.datasets.layouts import nih_row, write_jsrt, write_manifest, write_nih, write_nih_images
from tests.training.tiny import silent_progress
from training.datasets import (
    DataSetKind,
    DataSource,
    FoldedDataSet,
    ImagePreparation,
    PreparedDataSet,
    labeled_set,
    prepared_data_set,
    prepared_folds,
    prepared_whole,
    split_patients,
    target_of,
)
from training.datasets.errors import DataSetDamaged, ManifestFaults, TooFewPatients
from training.datasets.split import patients_sha256

XRAY_AGE = target_of(SPECS["xray_age"])


def load(
    kind: DataSetKind, folder: Path, cache: Path, recipe: FrontalChestRadiograph = CHEST_RADIOGRAPH_320
) -> PreparedDataSet:
    with silent_progress() as progress:
        preparation = ImagePreparation(recipe=recipe, cache=cache, progress=progress)
        return prepared_data_set(DataSource(kind=kind, path=folder), XRAY_AGE, preparation, seed=0)


def test_a_folder_laid_out_like_nih_becomes_three_parts(tmp_path: Path) -> None:
    rows = [nih_row(patient, 0, age=str(30 + patient)) for patient in range(1, 21)]
    write_nih(tmp_path, rows)
    write_nih_images(tmp_path, rows[:-1])
    Image.new("L", (64, 64)).save(tmp_path / "images_001" / "images" / rows[-1].partition(",")[0])
    data = load(DataSetKind.NIH, tmp_path, tmp_path / "cache")
    parts = (data.training, data.validation, data.test)
    assert sum(len(part.truth) for part in parts) == 19
    assert sorted(np.concatenate([part.truth for part in parts])) == [31 + number for number in range(19)]
    assert data.left_out == {"Not eligible: the matrix is 64 x 64, smaller than 256 x 256.": 1}
    assert all(part.pixels.shape == (len(part.truth), 1, 320, 320) for part in parts)
    assert all(np.std(part.pixels[:]) > 10 for part in parts)


def test_a_folder_laid_out_like_jsrt_becomes_three_parts(tmp_path: Path) -> None:
    write_jsrt(tmp_path / "JSRT", nodules=7, non_nodules=5)
    data = load(DataSetKind.JSRT, tmp_path / "JSRT", tmp_path / "cache")
    assert [len(part.truth) for part in (data.training, data.validation, data.test)] == [9, 1, 1]
    assert data.left_out == {"the table has no age": 1}
    assert data.training.name == "JSRT, training part"


def test_what_is_read_without_the_images_splits_as_what_is_trained_on(tmp_path: Path) -> None:
    write_jsrt(tmp_path / "JSRT", nodules=7, non_nodules=5)
    source = DataSource(kind=DataSetKind.JSRT, path=tmp_path / "JSRT")
    labeled = labeled_set(source, XRAY_AGE, CHEST_RADIOGRAPH_320)
    assert labeled.left_out == {"the table has no age": 1}
    data = load(DataSetKind.JSRT, tmp_path / "JSRT", tmp_path / "cache")
    assert split_patients(labeled.examples, seed=0).seen_patients_sha256 == data.seen_patients_sha256
    assert [(example.name, example.sex, example.age_years) for example in labeled.examples[5:7]] == [
        ("JPCLN007.IMG", "M", 47.0),
        ("JPCNN001.IMG", "F", 21.0),
    ]


def fold(kind: DataSetKind, path: Path, cache: Path, *, folds: int) -> FoldedDataSet:
    with silent_progress() as progress:
        preparation = ImagePreparation(recipe=CHEST_RADIOGRAPH_320, cache=cache, progress=progress)
        return prepared_folds(DataSource(kind=kind, path=path), XRAY_AGE, preparation, folds=folds, seed=0)


def test_folds_leave_out_each_patient_once_with_a_share_of_every_age(tmp_path: Path) -> None:
    patients = (1, 2, 4, 5, 7, 8, 10, 11)
    rows = [nih_row(patient, image, age=str(20 + patient)) for patient in patients for image in range(patient % 3)]
    write_nih(tmp_path, rows)
    write_nih_images(tmp_path, rows)
    (tmp_path / "test_list.txt").write_text(rows[0].partition(",")[0], encoding="utf-8")
    folded = fold(DataSetKind.NIH, tmp_path, tmp_path / "cache", folds=4)
    assert (folded.whole.name, folded.whole.truth.size) == ("NIH ChestX-ray14", 12)
    assert np.array_equal(np.sort(np.concatenate(folded.held_out)), np.arange(12))
    labeled = labeled_set(DataSource(kind=DataSetKind.NIH, path=tmp_path), XRAY_AGE, CHEST_RADIOGRAPH_320)
    assert folded.patients_sha256 == patients_sha256(labeled.examples)
    ages = [{float(age) for age in folded.whole.truth[studies]} for studies in folded.held_out]
    assert all(min(of_fold) <= 25 and max(of_fold) >= 27 for of_fold in ages)
    assert sorted(age for of_fold in ages for age in of_fold) == [20 + patient for patient in patients]
    (of_ten,) = np.flatnonzero(folded.whole.truth == 30)
    prepared = prepare(read_file(next(tmp_path.rglob("00000010_000.png"))), CHEST_RADIOGRAPH_320)
    assert isinstance(prepared, Prepared)
    assert np.array_equal(folded.whole.pixels[int(of_ten)], prepared.pixels)


def test_images_that_cannot_be_used_are_in_no_fold(tmp_path: Path) -> None:
    write_jsrt(tmp_path / "JSRT", nodules=5, non_nodules=3)
    (tmp_path / "JSRT" / "NonNodule93images" / "JPCNN002.IMG").write_bytes(b"cut")
    folded = fold(DataSetKind.JSRT, tmp_path / "JSRT", tmp_path / "cache", folds=3)
    assert sorted(folded.whole.truth) == [21, 23, 42, 43, 44, 45]
    assert sorted(np.concatenate(folded.held_out)) == list(range(6))
    assert folded.left_out["the table has no age"] == 1
    assert sum(folded.left_out.values()) == 2


def test_more_folds_than_patients_are_refused(tmp_path: Path) -> None:
    write_jsrt(tmp_path / "JSRT", nodules=2, non_nodules=1)
    with pytest.raises(TooFewPatients, match="2 patients"):
        fold(DataSetKind.JSRT, tmp_path / "JSRT", tmp_path / "cache", folds=3)


def test_a_manifest_needs_no_more_patients_than_what_is_made_of_it(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"path": f"{n}.png", "patient": n, "age": 40 + n} for n in range(3)]
    source = DataSource(kind=DataSetKind.MANIFEST, path=write_manifest(tmp_path / "own", rows))
    folded = fold(source.kind, source.path, tmp_path / "cache", folds=3)
    assert sorted(folded.whole.truth) == [40, 41, 42]
    with silent_progress() as progress:
        preparation = ImagePreparation(recipe=CHEST_RADIOGRAPH_320, cache=tmp_path / "cache", progress=progress)
        assert len(prepared_whole(source, XRAY_AGE, preparation).part.truth) == 3
    with pytest.raises(ManifestFaults, match="3 patients; 4 or more"):
        fold(source.kind, source.path, tmp_path / "cache", folds=4)
    with pytest.raises(ManifestFaults, match="3 patients; 10 or more"):
        load(source.kind, source.path, tmp_path / "cache")


def test_folds_say_whom_all_of_them_hold(tmp_path: Path) -> None:
    write_jsrt(tmp_path / "JSRT", nodules=5, non_nodules=3)
    folded = fold(DataSetKind.JSRT, tmp_path / "JSRT", tmp_path / "cache", folds=3)
    labeled = labeled_set(DataSource(kind=DataSetKind.JSRT, path=tmp_path / "JSRT"), XRAY_AGE, CHEST_RADIOGRAPH_320)
    assert folded.patients_sha256 == patients_sha256(labeled.examples)


def test_a_data_set_as_a_whole_is_all_of_its_parts(tmp_path: Path) -> None:
    rows = [nih_row(patient, 0, age=str(30 + patient)) for patient in range(1, 13)]
    write_nih(tmp_path, rows)
    write_nih_images(tmp_path, rows[:-1])
    Image.new("L", (64, 64)).save(tmp_path / "images_001" / "images" / rows[-1].partition(",")[0])
    data = load(DataSetKind.NIH, tmp_path, tmp_path / "cache")
    source = DataSource(kind=DataSetKind.NIH, path=tmp_path)
    with silent_progress() as progress:
        preparation = ImagePreparation(recipe=CHEST_RADIOGRAPH_320, cache=tmp_path / "cache", progress=progress)
        whole = prepared_whole(source, XRAY_AGE, preparation)
    assert whole.part.name == "NIH ChestX-ray14, all images"
    assert whole.left_out == data.left_out
    parts = (data.training, data.validation, data.test)
    found = {age: pixels.tobytes() for age, pixels in zip(whole.part.truth, whole.part.pixels[:], strict=True)}
    assert found == {
        age: pixels.tobytes() for part in parts for age, pixels in zip(part.truth, part.pixels[:], strict=True)
    }
    assert len(found) == 11


def test_a_view_that_the_recipe_does_not_accept_is_left_out(tmp_path: Path) -> None:
    rows = [nih_row(patient, 0, view="AP" if patient > 10 else "PA") for patient in range(1, 16)]
    write_nih(tmp_path, rows)
    write_nih_images(tmp_path, rows)
    recipe = CHEST_RADIOGRAPH_320.model_copy(update={"view_positions": ("PA",)})
    data = load(DataSetKind.NIH, tmp_path, tmp_path / "cache", recipe)
    assert data.left_out == {"the view is not PA": 5}
    assert len(data.training.truth) == 8


def test_a_data_set_of_which_no_image_can_be_used_says_why(tmp_path: Path) -> None:
    rows = [nih_row(patient, 0) for patient in range(1, 12)]
    write_nih(tmp_path, rows)
    (tmp_path / "images").mkdir()
    for row in rows:
        (tmp_path / "images" / row.partition(",")[0]).touch()
    with pytest.raises(DataSetDamaged, match="no image can be used"):
        load(DataSetKind.NIH, tmp_path, tmp_path / "cache")
