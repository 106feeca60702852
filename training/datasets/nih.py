"""NIH ChestX-ray14 as published: one table, image folders, and the publisher's list of test images.

Source:
    Wang X et al., CVPR 2017, 10.1109/CVPR.2017.369; the table of 2017 and the corrected one of 2020.
"""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from preprocessing.patient_age import PER_YEAR
from training.datasets.errors import DataSetDamaged, DataSetNotFound, NotLabeled
from training.datasets.example import Example, ImageFile, LabeledSet
from training.datasets.targets import AGE, Target

NAME = "NIH ChestX-ray14"

_TABLES = ("Data_Entry_2017_v2020.csv", "Data_Entry_2017_v2020.csv.gz", "Data_Entry_2017.csv", "Data_Entry_2017.csv.gz")
"""The corrected table first."""

_IMAGE_FOLDERS = (".", "images", "images_*", "images_*/images")
"""All in one, as unpacked together, or one folder an archive."""

_TRAINING_LIST, _TEST_LIST = "train_val_list.txt", "test_list.txt"

_COLUMNS = (
    "Image Index",
    "Finding Labels",
    "Follow-up #",
    "Patient ID",
    "Patient Age",
    "Patient Gender",
    "View Position",
)
"""The columns that are read by place: behind them, two header names hold unquoted commas."""

_FINDINGS = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Effusion", "Emphysema", "Fibrosis", "Hernia",
    "Infiltration", "Mass", "Nodule", "Pleural_Thickening", "Pneumonia", "Pneumothorax",
)  # fmt: skip

_FINDING_OF_COLUMN = {finding.lower(): finding for finding in _FINDINGS}

_SEXES = ("F", "M")

_AGE = re.compile(r"(\d+)([DWMY]?)")
_PER_YEAR = {"": 1.0, **PER_YEAR}
"""Ages are whole numbers in the table of 2020; an age string of PS3.5 6.2 ("058Y", "006M") in older ones."""


def read_nih(folder: Path, target: Target) -> LabeledSet:
    """Read the table and find the images; those that were not fetched are counted, not fatal.

    Args:
        folder: The table, `images/` or `images_001/` to `images_012/`, and the publisher's lists where wanted.
        target: Age, or one of the fourteen findings by its name in lower case.

    Raises:
        DataSetNotFound: no table, or none of its images.
        DataSetDamaged: the table is not as published.
        NotLabeled: the table says nothing of the target.
    """
    labeled = (AGE.column, *_FINDING_OF_COLUMN)
    if target.column not in labeled:
        raise NotLabeled(data_set=NAME, column=target.column, labeled=labeled)
    files, test_names = _image_files(folder), _published_test_names(folder)
    left_out: Counter[str] = Counter()
    examples = []
    for name, findings, _, patient, age, sex, view in _rows(folder):
        years = _age_years(age)
        value = (
            years if target.column == AGE.column else float(_FINDING_OF_COLUMN[target.column] in findings.split("|"))
        )
        if value is None:
            left_out["the table has no age, or one beyond 120 years"] += 1
        elif name not in files:
            left_out["the image is not in the folder"] += 1
        else:
            examples.append(
                Example(
                    name=name,
                    image=ImageFile(path=files[name]),
                    patient=patient,
                    value=value,
                    view=view,
                    sex=sex if sex in _SEXES else None,
                    age_years=years,
                    published_test=name in test_names,
                )
            )
    if not examples:
        raise DataSetNotFound(data_set=NAME, missing="image of the table", layout=_layout())
    return LabeledSet(
        name=NAME,
        description="frontal chest radiographs of the NIH Clinical Center, 1992 to 2015; findings mined from reports",
        examples=tuple(examples),
        left_out=left_out,
    )


def _rows(folder: Path) -> Iterator[tuple[str, ...]]:
    table = next((folder / name for name in _TABLES if (folder / name).is_file()), None)
    if table is None:
        raise DataSetNotFound(data_set=NAME, missing="table", layout=_layout())
    with _opened(table) as file:
        reader = csv.reader(file)
        try:
            if tuple(next(reader, ()))[: len(_COLUMNS)] != _COLUMNS:
                raise DataSetDamaged(data_set=NAME, what="its table has another header")
            for row in reader:
                # the name of an image starts with its patient: a table whose columns were sorted apart would leak
                if len(row) < len(_COLUMNS) or not row[3].isdigit() or row[0].partition("_")[0] != row[3].zfill(8):
                    raise DataSetDamaged(data_set=NAME, what=f"line {reader.line_num} of its table is no row of it")
                yield tuple(row[: len(_COLUMNS)])
        except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
            raise DataSetDamaged(data_set=NAME, what=f"its table does not parse ({type(error).__name__})") from None


def _opened(table: Path) -> TextIO:
    if table.suffix == ".gz":
        return gzip.open(table, mode="rt", encoding="utf-8-sig", newline="")
    return table.open(encoding="utf-8-sig", newline="")


def _image_files(folder: Path) -> dict[str, Path]:
    return {
        file.name: file
        for pattern in _IMAGE_FOLDERS
        for images in ([folder] if pattern == "." else sorted(folder.glob(pattern)))
        for file in images.glob("*.png")
    }


def _published_test_names(folder: Path) -> frozenset[str]:
    """Read the publisher's lists, where they are there; the one of the test part says all."""
    training, test = (
        frozenset(file.read_text(encoding="utf-8-sig").split()) if file.is_file() else frozenset()
        for file in (folder / _TRAINING_LIST, folder / _TEST_LIST)
    )
    if {name.partition("_")[0] for name in training} & {name.partition("_")[0] for name in test}:
        raise DataSetDamaged(data_set=NAME, what=f"{_TRAINING_LIST} and {_TEST_LIST} share patients")
    return test


def _age_years(text: str) -> float | None:
    match = _AGE.fullmatch(text.strip())
    years = float(match[1]) / _PER_YEAR[match[2]] if match else float("inf")
    return years if years <= AGE.highest else None


def _layout() -> str:
    return f"{_TABLES[0]} beside the folder images or the folders images_001 to images_012"
