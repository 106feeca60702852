"""A data set on disk becomes three parts that training reads, whatever its layout."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from specs import SPECS
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.training.datasets.layouts import nih_row, write_jsrt, write_nih, write_nih_images
from tests.training.tiny import silent_progress
from training.datasets import (
    DataSetKind,
    DataSource,
    PreparedDataSet,
    prepared_data_set,
    prepared_whole,
    target_of,
)
from training.datasets.errors import DataSetDamaged

XRAY_AGE = target_of(SPECS["xray_age"])


def load(kind: DataSetKind, folder: Path, cache: Path) -> PreparedDataSet:
    with silent_progress() as progress:
        return prepared_data_set(
            DataSource(kind=kind, path=folder), XRAY_AGE, CHEST_RADIOGRAPH_320, seed=0, cache=cache, progress=progress
        )


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
    assert all(part.pixels.std() > 10 for part in parts)


def test_a_folder_laid_out_like_jsrt_becomes_three_parts(tmp_path: Path) -> None:
    write_jsrt(tmp_path / "JSRT", nodules=7, non_nodules=5)
    data = load(DataSetKind.JSRT, tmp_path / "JSRT", tmp_path / "cache")
    assert [len(part.truth) for part in (data.training, data.validation, data.test)] == [9, 1, 1]
    assert data.left_out == {"the table has no age": 1}
    assert data.training.name == "JSRT, training part"


def test_a_data_set_as_a_whole_is_all_of_its_parts(tmp_path: Path) -> None:
    rows = [nih_row(patient, 0, age=str(30 + patient)) for patient in range(1, 13)]
    write_nih(tmp_path, rows)
    write_nih_images(tmp_path, rows[:-1])
    Image.new("L", (64, 64)).save(tmp_path / "images_001" / "images" / rows[-1].partition(",")[0])
    data = load(DataSetKind.NIH, tmp_path, tmp_path / "cache")
    source = DataSource(kind=DataSetKind.NIH, path=tmp_path)
    with silent_progress() as progress:
        whole = prepared_whole(source, XRAY_AGE, CHEST_RADIOGRAPH_320, cache=tmp_path / "cache", progress=progress)
    assert whole.part.name == "NIH ChestX-ray14, all images"
    assert whole.left_out == data.left_out
    parts = (data.training, data.validation, data.test)
    found = {age: pixels.tobytes() for age, pixels in zip(whole.part.truth, whole.part.pixels, strict=True)}
    assert found == {
        age: pixels.tobytes() for part in parts for age, pixels in zip(part.truth, part.pixels, strict=True)
    }
    assert len(found) == 11


def test_a_view_that_the_recipe_does_not_accept_is_left_out(tmp_path: Path) -> None:
    rows = [nih_row(patient, 0, view="AP" if patient > 10 else "PA") for patient in range(1, 16)]
    write_nih(tmp_path, rows)
    write_nih_images(tmp_path, rows)
    recipe = CHEST_RADIOGRAPH_320.model_copy(update={"view_positions": ("PA",)})
    source = DataSource(kind=DataSetKind.NIH, path=tmp_path)
    with silent_progress() as progress:
        data = prepared_data_set(source, XRAY_AGE, recipe, seed=0, cache=tmp_path / "cache", progress=progress)
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
