"""The JSRT database is read as published: tables that differ in form, images without a header."""

from pathlib import Path

import numpy as np
import pytest

from preprocessing import Prepared, prepare
from preprocessing.errors import UnreadableFile, UnsupportedImage
from specs import SPECS
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.training.datasets.layouts import radiograph, write_jsrt, write_raw
from training.datasets.errors import DataSetDamaged, DataSetNotFound, NotLabeled
from training.datasets.example import ImageFormat
from training.datasets.jsrt import read_jsrt
from training.datasets.jsrt_image import LARGEST_VALUE, PIXEL_SPACING_MM, read_jsrt_image
from training.datasets.targets import AGE, Finding, target_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images with a nodule, the first without age, and two without."""
    write_jsrt(tmp_path / "JSRT", nodules=3, non_nodules=2)
    return tmp_path / "JSRT"


def test_ages_are_read_from_both_tables_and_a_question_mark_is_none(folder: Path) -> None:
    labeled = read_jsrt(folder, AGE)
    assert [(example.patient, example.value) for example in labeled.examples] == [
        ("JPCLN002.IMG", 42.0),
        ("JPCLN003.IMG", 43.0),
        ("JPCNN001.IMG", 21.0),
        ("JPCNN002.IMG", 22.0),
    ]
    assert labeled.left_out == {"the table has no age": 1}
    assert {example.image.format for example in labeled.examples} == {ImageFormat.JSRT_RAW}


def test_nodules_are_told_by_the_table(folder: Path) -> None:
    assert [example.value for example in read_jsrt(folder, Finding(column="nodule")).examples] == [1, 1, 1, 0, 0]


def test_images_that_were_not_fetched_are_counted(folder: Path) -> None:
    (folder / "NonNodule93images" / "JPCNN002.IMG").unlink()
    labeled = read_jsrt(folder, AGE)
    assert len(labeled.examples) == 3
    assert labeled.left_out["the image is not in the folder"] == 1


def test_names_may_be_in_lower_case_and_tables_of_the_older_edition(folder: Path) -> None:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            file.rename(file.with_name(file.name.lower().replace("dat_en", "dat_e")))
    assert len(read_jsrt(folder, AGE).examples) == 4


def test_what_the_tables_do_not_say_cannot_be_learned(folder: Path) -> None:
    with pytest.raises(NotLabeled):
        read_jsrt(folder, target_of(SPECS["mitral_regurgitation"]))


@pytest.mark.parametrize("name", ["CLNDAT_EN.txt", "CNNDAT_EN.TXT"])
def test_a_table_that_is_missing_or_broken_is_named(folder: Path, name: str) -> None:
    table = folder / "CLINICAL" / name
    rows = table.read_text(encoding="latin-1").splitlines()
    table.write_text("\n".join([rows[0], rows[1].replace("male", "").replace("fe", "")]), encoding="latin-1")
    with pytest.raises(DataSetDamaged, match=f"line 2 of its table {name.upper()}"):
        read_jsrt(folder, AGE)
    table.unlink()
    with pytest.raises(DataSetNotFound, match=name.upper()):
        read_jsrt(folder, AGE)


def test_tables_without_images_are_refused(folder: Path) -> None:
    for image in folder.rglob("*.IMG"):
        image.unlink()
    with pytest.raises(DataSetNotFound, match="no image"):
        read_jsrt(folder, AGE)


def test_a_large_value_is_dark_and_the_image_is_prepared_as_any_other(tmp_path: Path) -> None:
    bright = np.zeros((2048, 2048))
    bright[:, :1024] = 0.25
    bright[:1024, :] += 0.5
    write_raw(tmp_path / "one.IMG", LARGEST_VALUE * (1 - bright / bright.max()))
    four_values = CHEST_RADIOGRAPH_320.model_copy(update={"fewest_gray_values": 4})
    prepared = prepare(read_jsrt_image(tmp_path / "one.IMG"), four_values)
    assert isinstance(prepared, Prepared)
    expected = 255 * (bright / bright.max())[::1024, ::1024]
    assert prepared.pixels[0][80::160, 80::160] == pytest.approx(expected, abs=1)


def test_the_header_is_what_the_publication_says(tmp_path: Path) -> None:
    write_raw(tmp_path / "one.IMG", LARGEST_VALUE * radiograph(1, side=2048))
    ds = read_jsrt_image(tmp_path / "one.IMG")
    assert (ds.Rows, ds.Columns, ds.BitsStored, ds.PhotometricInterpretation) == (2048, 2048, 12, "MONOCHROME1")
    assert list(ds.PixelSpacing) == [PIXEL_SPACING_MM] * 2
    stored = np.fromfile(tmp_path / "one.IMG", dtype=">u2").reshape(2048, 2048)
    assert np.array_equal(ds.pixel_array, stored)


def test_a_file_of_another_size_or_byte_order_is_refused(tmp_path: Path) -> None:
    density = LARGEST_VALUE * radiograph(1, side=2048)
    (tmp_path / "swapped.IMG").write_bytes(np.rint(density).astype("<u2").tobytes())
    with pytest.raises(UnsupportedImage, match="above 4095"):
        read_jsrt_image(tmp_path / "swapped.IMG")
    (tmp_path / "cut.IMG").write_bytes(b"\0" * 1000)
    with pytest.raises(UnsupportedImage, match="another size"):
        read_jsrt_image(tmp_path / "cut.IMG")
    with pytest.raises(UnreadableFile):
        read_jsrt_image(tmp_path / "absent.IMG")
