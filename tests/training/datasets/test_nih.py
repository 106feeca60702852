"""NIH ChestX-ray14 is read as published, every edition of its table."""

import gzip
import time
from pathlib import Path

import pytest

from specs import SPECS
from tests.training.datasets.layouts import NIH_HEADER, nih_row, write_nih, write_nih_images
from training.datasets.errors import DataSetDamaged, DataSetNotFound, NotLabeled
from training.datasets.nih import read_nih
from training.datasets.targets import AGE, Finding, target_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four images of two patients, the table, and nothing else."""
    rows = [
        nih_row(1, 0, findings="Cardiomegaly|Effusion"),
        nih_row(1, 1, age="61", view="AP"),
        nih_row(23, 0),
        nih_row(23, 1),
    ]
    write_nih(tmp_path, rows)
    write_nih_images(tmp_path, rows)
    return tmp_path


def test_age_and_sex_are_known_whatever_is_learned(folder: Path) -> None:
    labeled = read_nih(folder, Finding(column="effusion"))
    assert [(example.name, example.age_years, example.sex) for example in labeled.examples[:2]] == [
        ("00000001_000.png", 60.0, "M"),
        ("00000001_001.png", 61.0, "M"),
    ]


def touch_images(folder: Path, rows: list[str]) -> None:
    (folder / "images").mkdir(exist_ok=True)
    for row in rows:
        (folder / "images" / row.partition(",")[0]).touch()


def test_ages_and_views_come_with_the_images_of_every_archive(folder: Path) -> None:
    labeled = read_nih(folder, AGE)
    assert [(example.patient, example.value, example.view) for example in labeled.examples] == [
        ("1", 60.0, "PA"),
        ("1", 61.0, "AP"),
        ("23", 60.0, "PA"),
        ("23", 60.0, "PA"),
    ]
    assert {example.image.path.parent.parent.name for example in labeled.examples} == {"images_001", "images_002"}
    assert all(example.image.path.is_file() for example in labeled.examples)
    assert not labeled.left_out


@pytest.mark.parametrize(("column", "values"), [("cardiomegaly", [1, 0, 0, 0]), ("hernia", [0, 0, 0, 0])])
def test_a_finding_of_the_table_can_be_learned(folder: Path, column: str, values: list[int]) -> None:
    assert [example.value for example in read_nih(folder, Finding(column=column)).examples] == values


def test_what_the_table_does_not_say_cannot(folder: Path) -> None:
    with pytest.raises(NotLabeled, match="does not say aortic_stenosis"):
        read_nih(folder, target_of(SPECS["aortic_stenosis"]))


@pytest.mark.parametrize(("text", "years"), [("058Y", 58.0), ("58", 58.0), ("0", 0.0), ("018M", 1.5), ("000D", 0.0)])
def test_ages_of_older_editions_are_years(tmp_path: Path, text: str, years: float) -> None:
    rows = [nih_row(1, 0, age=text)]
    write_nih(tmp_path, rows, header=NIH_HEADER + ",", name="Data_Entry_2017.csv")
    touch_images(tmp_path, rows)
    assert [example.value for example in read_nih(tmp_path, AGE).examples] == [years]


def test_impossible_and_missing_ages_and_images_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [nih_row(number, 0, age=age) for number, age in enumerate(["414Y", "", "412", "50", "120", "51", "52"])]
    write_nih(tmp_path, rows)
    touch_images(tmp_path, rows[:5])
    labeled = read_nih(tmp_path, AGE)
    assert [example.value for example in labeled.examples] == [50, 120]
    assert labeled.left_out == {
        "the table has no age, or one beyond 120 years": 3,
        "the image is not in the folder": 2,
    }
    assert len(read_nih(tmp_path, Finding(column="mass")).examples) == 5


def test_the_corrected_table_is_preferred_to_the_first(tmp_path: Path) -> None:
    write_nih(tmp_path, [nih_row(1, 0, age="414")], name="Data_Entry_2017.csv")
    write_nih(tmp_path, [nih_row(1, 0, age="14")])
    touch_images(tmp_path, [nih_row(1, 0)])
    assert [example.value for example in read_nih(tmp_path, AGE).examples] == [14]


def test_the_published_test_part_is_marked(folder: Path) -> None:
    (folder / "train_val_list.txt").write_text("00000001_000.png\n00000001_001.png\n", encoding="utf-8")
    (folder / "test_list.txt").write_text("00000023_000.png\n00000023_001.png\n", encoding="utf-8")
    assert [example.published_test for example in read_nih(folder, AGE).examples] == [False, False, True, True]


def test_published_lists_that_share_a_patient_are_refused(folder: Path) -> None:
    (folder / "train_val_list.txt").write_text("00000001_000.png\n00000023_001.png\n", encoding="utf-8")
    (folder / "test_list.txt").write_text("00000023_000.png\n", encoding="utf-8")
    with pytest.raises(DataSetDamaged, match="share patients"):
        read_nih(folder, AGE)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("image,label\n", "another header"),
        ("", "another header"),
        (f"{NIH_HEADER}\n{nih_row(1, 0)}\n00000002_000.png,Mass,0,1,60,M,PA\n", "line 3"),
        (f"{NIH_HEADER}\n00000002_000.png,Mass\n", "line 2"),
    ],
)
def test_a_table_that_is_not_as_published_is_refused(tmp_path: Path, content: str, what: str) -> None:
    (tmp_path / "Data_Entry_2017_v2020.csv").write_text(content, encoding="utf-8")
    with pytest.raises(DataSetDamaged, match=what):
        read_nih(tmp_path, AGE)


def test_a_table_that_was_cut_is_refused(tmp_path: Path) -> None:
    content = gzip.compress("\n".join([NIH_HEADER, *(nih_row(number, 0) for number in range(99))]).encode())
    (tmp_path / "Data_Entry_2017_v2020.csv.gz").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataSetDamaged, match="does not parse"):
        read_nih(tmp_path, AGE)


def test_a_folder_without_table_or_images_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(DataSetNotFound, match="no table"):
        read_nih(tmp_path, AGE)
    write_nih(tmp_path, [nih_row(1, 0)])
    with pytest.raises(DataSetNotFound, match="no image"):
        read_nih(tmp_path, AGE)


def test_the_whole_real_table_is_read_in_seconds(samples: Path, tmp_path: Path) -> None:
    table = samples / "nih" / "Data_Entry_2017_v2020.csv.gz"
    (tmp_path / table.name).symlink_to(table)
    (tmp_path / "images").mkdir()
    for name in ("00000001_000.png", "00027426_000.png"):
        (tmp_path / "images" / name).symlink_to(samples / "chest" / name)
    started_s = time.process_time()
    labeled = read_nih(tmp_path, AGE)
    assert time.process_time() - started_s < 10
    assert [(example.patient, example.value) for example in labeled.examples] == [("1", 57.0), ("27426", 53.0)]
    assert labeled.left_out == {"the image is not in the folder": 112_120 - 2}
