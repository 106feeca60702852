"""The JSRT database as published: headerless images and two clinical tables that differ in form.

Source:
    Shiraishi J et al., AJR 2000;174:71-74, 10.2214/ajr.174.1.1740071; the database's user guide of 2008, whose order
    of columns is wrong (it has the size before the subtlety).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from training.datasets.errors import DataSetDamaged, DataSetNotFound, NotLabeled
from training.datasets.example import Example, ImageFile, ImageFormat, LabeledSet
from training.datasets.targets import AGE, Target

NAME = "JSRT"
NODULE = "nodule"
"""Column of the one finding that the database has."""

_NODULE_TABLES = ("clndat_en.txt", "clndat_e.txt")
_NON_NODULE_TABLES = ("cnndat_en.txt", "cnndat_e.txt")
"""In lower case, for they are published in either; the second name is an older edition's."""

_IMAGE_NAME = re.compile(r"JPC[LN]N\d{3}\.IMG")
_SEXES = {"male": "M", "female": "F"}
_END_OF_FILE = "\x1a"
"""What DOS programs leave at the end of a text."""


def read_jsrt(folder: Path, target: Target) -> LabeledSet:
    """Read both tables and find the images, in whichever folders the archives were unpacked into.

    No table names patients. The 247 radiographs are taken as of 247 patients: our choice. All are PA views
    (van Ginneken B et al., Med Image Anal 2006;10:19-40, the data description).

    Args:
        folder: Holds the tables and `*.IMG` files at any depth.
        target: Age or nodule.

    Raises:
        DataSetNotFound: a table, or every image, is missing.
        DataSetDamaged: a row of a table is not as published.
        NotLabeled: the tables say nothing of the target.
    """
    labeled = (AGE.column, NODULE)
    if target.column not in labeled:
        raise NotLabeled(data_set=NAME, column=target.column, labeled=labeled)
    files = {file.name.lower(): file for file in sorted(folder.rglob("*")) if file.is_file()}
    rows = [*_rows(files, _NODULE_TABLES, _nodule_row), *_rows(files, _NON_NODULE_TABLES, _non_nodule_row)]
    left_out: Counter[str] = Counter()
    examples = []
    for row in rows:
        image = files.get(row.name.lower())
        value = row.age_years if target.column == AGE.column else float(row.name.startswith("JPCLN"))
        if value is None:
            left_out["the table has no age"] += 1
        elif image is None:
            left_out["the image is not in the folder"] += 1
        else:
            raw = ImageFile(path=image, format=ImageFormat.JSRT_RAW)
            examples.append(
                Example(
                    name=row.name,
                    image=raw,
                    patient=row.name,
                    value=value,
                    view="PA",
                    sex=row.sex,
                    age_years=row.age_years,
                )
            )
    if not examples:
        raise DataSetNotFound(data_set=NAME, missing="image of the tables", layout=_layout())
    return LabeledSet(
        name=NAME,
        description="digitized PA chest radiographs with and without a lung nodule, from 14 institutions",
        examples=tuple(examples),
        left_out=left_out,
    )


@dataclass(frozen=True, kw_only=True)
class _Row:
    name: str
    age_years: float | None
    sex: str


def _rows(files: dict[str, Path], names: tuple[str, ...], parse: Callable[[str], _Row | None]) -> Iterator[_Row]:
    table = next((files[name] for name in names if name in files), None)
    if table is None:
        raise DataSetNotFound(data_set=NAME, missing=f"table {names[0].upper()}", layout=_layout())
    # Latin-1 decodes every byte: what is read is ASCII, and the diagnoses, which may not be, are not
    text = table.read_text(encoding="latin-1")
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip(f"{_END_OF_FILE} \t"):
            continue
        row = parse(line)
        if row is None or not _IMAGE_NAME.fullmatch(row.name):
            raise DataSetDamaged(data_set=NAME, what=f"line {number} of its table {names[0].upper()} is no row of it")
        yield row


def _nodule_row(line: str) -> _Row | None:
    """Take name, age and sex from: name, subtlety, size, age, sex, x, y, kind, then a location that may span fields."""
    match [field.strip() for field in line.split("\t")]:
        case [name, _, _, age, sex, _, _, _, *_] if sex.lower() in _SEXES:
            return _Row(name=name.upper(), age_years=_age_years(age), sex=_SEXES[sex.lower()])
        case _:
            return None


def _non_nodule_row(line: str) -> _Row | None:
    """Take name, age and sex from: name, age, sex, "non-nodule", with runs of spaces or tabs between."""
    match line.split():
        case [name, age, sex, *_] if sex.lower() in _SEXES:
            return _Row(name=name.upper(), age_years=_age_years(age), sex=_SEXES[sex.lower()])
        case _:
            return None


def _age_years(text: str) -> float | None:
    """Read an age; two of the database are a question mark."""
    return float(text) if text.isdecimal() and float(text) <= AGE.highest else None


def _layout() -> str:
    return "*.IMG files with CLNDAT_EN.TXT and CNNDAT_EN.TXT, in any folders below it"
