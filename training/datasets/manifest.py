"""A manifest of one's own images: a CSV table, checked cell by cell and file by file before anything is trained.

Nothing that a cell holds is ever shown: line and column say where to look.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import assert_never

from preprocessing.errors import UnreadableFile
from specs.faults import Fault
from training.datasets.example import Example, ImageFile, LabeledSet
from training.datasets.manifest_table import Row, read_table
from training.datasets.prepared import PreparedImages
from training.datasets.table_cells import PATIENT, number_of, respelled_patients
from training.datasets.targets import AGE, EVERY_TARGET, Finding, Quantity, Target

PATH, VIEW, SEX, SITE = "path", "view", "sex", "site"

_SEXES = ("F", "M", "O")
"""Patient's Sex (0010,0040), PS3.3 C.7.1.1."""

_LONGEST_SITE = 40
"""Characters of a site's name, which is a heading in reports: our choice."""


@dataclass(frozen=True, kw_only=True)
class LabeledRow:
    """A row whose target is known; what of it is wrong stands among the manifest's faults.

    Attributes:
        line: Number of its line in the file, from 1.
        image: The file; None where the path cannot be used.
        patient: Empty where the cell is.
        value: The target; None where the cell is no such value.
        view: "PA" or "AP"; None where the manifest does not say.
        sex: "F", "M" or "O"; None where the manifest does not say.
        age_years: Age; None where the manifest does not say.
        site: Where it was taken; None where the manifest does not say.
    """

    line: int
    image: ImageFile | None
    patient: str
    value: float | None
    view: str | None
    sex: str | None
    age_years: float | None
    site: str | None


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A manifest as read for one target.

    Attributes:
        rows: Those whose target is known.
        target: What it was read for.
        unknown: Number of rows whose cell of the target is empty.
        faults: All that is wrong with the table; the files have not been looked at.
    """

    rows: tuple[LabeledRow, ...]
    target: Target
    unknown: int
    faults: tuple[Fault, ...]

    @property
    def images(self) -> tuple[ImageFile, ...]:
        """Every file that a row names."""
        return tuple(row.image for row in self.rows if row.image is not None)

    def examples(self) -> tuple[Example, ...]:
        """Return the rows that have image, patient and value."""
        return tuple(
            Example(
                name=f"line {row.line}",
                image=row.image,
                patient=row.patient,
                value=row.value,
                view=row.view,
                sex=row.sex,
                age_years=row.age_years,
                site=row.site,
            )
            for row in self.rows
            if row.image is not None and row.patient and row.value is not None
        )

    def labeled_set(self) -> LabeledSet:
        """Return the manifest as every data set is returned."""
        return LabeledSet(
            name="manifest",
            description="radiographs of a manifest of the user's own",
            examples=self.examples(),
            left_out={f"the cell {self.target.column} is empty": self.unknown} if self.unknown else {},
        )


def read_manifest(file: Path, target: Target, *, views: Sequence[str]) -> Manifest:
    """Read a manifest and find every fault of its table.

    Args:
        file: CSV with the columns path (relative to its folder), patient, and one a label by the target's name; view,
            age (years), sex and site where known.
        target: Whose column is needed; a row with an empty cell there is left out. Other columns are checked too.
        views: Which views the recipe accepts.

    Raises:
        UnreadableFile: the file system refused.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreadableFile(cause=error.strerror or type(error).__name__) from None
    checks = _checks(views)
    table = read_table(content, needed=(PATH, PATIENT, target.column), known=tuple(checks))
    if table.rows is None:
        return Manifest(rows=(), target=target, unknown=0, faults=table.faults)
    rows = tuple(_labeled(row, file.parent, target, checks) for row in table.rows if row.cells[target.column])
    faults = (
        *table.faults,
        *_cell_faults(table.rows, checks),
        *_repeated_paths(table.rows),
        *respelled_patients(table.rows),
    )
    return Manifest(rows=rows, target=target, unknown=len(table.rows) - len(rows), faults=faults)


def image_faults(manifest: Manifest, images: PreparedImages) -> Iterator[Fault]:
    """Yield what is wrong with the files of a manifest, all of which have been prepared.

    Two files are the same image where their prepared pixels are: neither header nor file format hides a copy.
    """
    first_with: dict[bytes, LabeledRow] = {}
    for row in manifest.rows:
        if row.image is None:
            continue
        if row.image in images.refusals:
            yield Fault(line=row.line, column=PATH, what=images.refusals[row.image])
            continue
        digest = hashlib.sha256(images.pixels[images.rows[row.image]]).digest()
        first = first_with.setdefault(digest, row)
        if first.image != row.image:
            yield Fault(
                line=row.line, column=PATH, what=f"it shows the image of line {first.line}{_conflict(row, first)}"
            )


def _conflict(row: LabeledRow, first: LabeledRow) -> str:
    if row.patient != first.patient:
        return ", which is of another patient"
    return ", which has another label" if row.value != first.value else " again"


_Check = Callable[[str], str | None]
"""Says what is wrong with a cell; None where nothing is."""


def _checks(views: Sequence[str]) -> dict[str, _Check]:
    """Return every column that a manifest may have with the check of its cells."""
    labels: dict[str, _Check] = {label.column: partial(_value_fault, label) for label in (AGE, *EVERY_TARGET)}
    return {
        PATH: _path_fault,
        PATIENT: _patient_fault,
        **labels,
        VIEW: _one_of(views),
        SEX: _one_of(_SEXES),
        SITE: _site_fault,
    }


def _cell_faults(rows: Iterable[Row], checks: dict[str, _Check]) -> Iterator[Fault]:
    for row in rows:
        for column, cell in row.cells.items():
            what = checks[column](cell)
            if what is not None:
                yield Fault(line=row.line, column=column, what=what)


def _path_fault(cell: str) -> str | None:
    if not cell:
        return "it is empty"
    if not cell.isprintable():
        return "it has a character that is not printed"
    if "\\" in cell:
        return "it has a backslash; write / between folders"
    if cell.startswith("/") or os.path.normpath(cell).startswith(".."):
        return "it leaves the folder of the manifest; paths are relative to it"
    return None


def _patient_fault(cell: str) -> str | None:
    return None if cell else "it is empty; without it, a patient may be in two parts"


def _site_fault(cell: str) -> str | None:
    if not cell.isprintable():
        return "it has a character that is not printed"
    return None if len(cell) <= _LONGEST_SITE else f"it is longer than {_LONGEST_SITE} characters"


def _one_of(accepted: Sequence[str]) -> _Check:
    return lambda cell: None if not cell or cell in accepted else f"it is none of {', '.join(accepted)}"


def _value_fault(target: Target, cell: str) -> str | None:
    number = number_of(cell)
    match target:
        case _ if not cell:
            return None
        case Finding():
            return None if number in {0.0, 1.0} else "it is neither 0 nor 1"
        case Quantity(lowest=lowest, highest=highest, unit=unit):
            if number is None:
                return "it is no number, with a point where it has decimals"
            return None if lowest <= number <= highest else f"it is not from {lowest:g} to {highest:g} {unit}"
        case _:
            assert_never(target)


def _repeated_paths(rows: Iterable[Row]) -> Iterator[Fault]:
    first_with: dict[str, int] = {}
    for row in rows:
        path = row.cells[PATH]
        line = first_with.setdefault(os.path.normpath(path), row.line)
        if path and line != row.line:
            yield Fault(line=row.line, column=PATH, what=f"it is the file of line {line} too")


def _labeled(row: Row, folder: Path, target: Target, checks: dict[str, _Check]) -> LabeledRow:
    path, label = row.cells[PATH], row.cells[target.column]
    return LabeledRow(
        line=row.line,
        image=None if checks[PATH](path) else ImageFile(path=folder / os.path.normpath(path)),
        patient=row.cells[PATIENT],
        value=None if checks[target.column](label) else number_of(label),
        view=row.cells.get(VIEW) or None,
        sex=row.cells.get(SEX) or None,
        age_years=number_of(row.cells.get(AGE.column, "")),
        site=row.cells.get(SITE) or None,
    )


def learning_faults(manifest: Manifest, *, needed_patients: int) -> Iterator[Fault]:
    """Yield why nothing could be learned from a manifest as a whole; nothing where no row could be read."""
    if manifest.faults and not manifest.rows:
        return
    patients = len({row.patient for row in manifest.rows if row.patient})
    if patients < needed_patients:
        yield Fault(what=f"the label is known for {patients} patients; {needed_patients} or more are needed")
    values = {row.value for row in manifest.rows}
    if len(values) == 1 and None not in values:
        yield Fault(column=manifest.target.column, what="it has one value in all rows: nothing can be learned")
