"""A manifest of one's own images or studies: a CSV table, checked cell by cell, and before training file by file.

Nothing that a cell holds is ever shown: line and column say where to look.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from phantoms import LesionSite
from preprocessing.errors import UnreadableFile
from specs.faults import Fault
from training.datasets.example import Example, ImageFile, LabeledSet
from training.datasets.manifest_columns import PATH, SEX, SITE, VIEW, ManifestColumns, site_column
from training.datasets.manifest_table import Row, read_table
from training.datasets.prepared import PreparedImages
from training.datasets.table_cells import PATIENT, number_of, respelled_patients
from training.datasets.targets import AGE, Target


@dataclass(frozen=True, kw_only=True)
class LabeledRow:
    """A row whose target is known; what of it is wrong stands among the manifest's faults.

    Attributes:
        line: Number of its line in the file, from 1.
        image: The file, or the files of a study; None where the path cannot be used.
        patient: Empty where the cell is.
        value: The target; None where the cell is no such value.
        view: "PA" or "AP"; None where the manifest does not say.
        sex: "F", "M" or "O"; None where the manifest does not say.
        age_years: Age; None where the manifest does not say.
        site: Where it was taken; None where the manifest does not say.
        lesion_sites: Where lesions are; None where the manifest does not say.
    """

    line: int
    image: ImageFile | None
    patient: str
    value: float | None
    view: str | None
    sex: str | None
    age_years: float | None
    site: str | None
    lesion_sites: frozenset[LesionSite] | None


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
                lesion_sites=row.lesion_sites,
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


def read_manifest(file: Path, target: Target, columns: ManifestColumns) -> Manifest:
    """Read a manifest and find every fault of its table.

    Args:
        file: CSV with the columns path (relative to its folder), patient, and one a label by the target's name; age
            (years), sex and site, and what else `columns` has, where known.
        target: Whose column is needed; a row with an empty cell there is left out. Other columns are checked too.
        columns: Those that may be there.

    Raises:
        UnreadableFile: the file system refused.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreadableFile(cause=error.strerror or type(error).__name__) from None
    table = read_table(
        content,
        needed=(PATH, PATIENT, target.column),
        known=tuple(columns.checks),
        together=columns.of_lesion_sites,
    )
    if table.rows is None:
        return Manifest(rows=(), target=target, unknown=0, faults=table.faults)
    rows = tuple(_labeled(row, file.parent, target, columns) for row in table.rows if row.cells[target.column])
    faults = (
        *table.faults,
        *columns.cell_faults(table.rows),
        *_unsaid_sites(table.rows, target, columns),
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


def _repeated_paths(rows: Iterable[Row]) -> Iterator[Fault]:
    first_with: dict[str, int] = {}
    for row in rows:
        path = row.cells[PATH]
        line = first_with.setdefault(os.path.normpath(path), row.line)
        if path and line != row.line:
            yield Fault(line=row.line, column=PATH, what=f"it is the file of line {line} too")


def _unsaid_sites(rows: Iterable[Row], target: Target, columns: ManifestColumns) -> Iterator[Fault]:
    """Yield empty cells that would leave a patient out of some lines of a table of sites, and not of others."""
    for row in rows:
        for column in columns.of_lesion_sites if row.cells[target.column] else ():
            if row.cells.get(column) == "":
                yield Fault(line=row.line, column=column, what="it is empty; write 0 where there is no lesion")


def _labeled(row: Row, folder: Path, target: Target, columns: ManifestColumns) -> LabeledRow:
    path, label, checks = row.cells[PATH], row.cells[target.column], columns.checks
    return LabeledRow(
        line=row.line,
        image=None if checks[PATH](path) else ImageFile(path=folder / os.path.normpath(path)),
        patient=row.cells[PATIENT],
        value=None if checks[target.column](label) else number_of(label),
        view=row.cells.get(VIEW) or None,
        sex=row.cells.get(SEX) or None,
        age_years=number_of(row.cells.get(AGE.column, "")),
        site=row.cells.get(SITE) or None,
        lesion_sites=_lesion_sites(row, columns),
    )


def _lesion_sites(row: Row, columns: ManifestColumns) -> frozenset[LesionSite] | None:
    if not columns.lesion_sites or site_column(columns.lesion_sites[0]) not in row.cells:
        return None
    return frozenset(site for site in columns.lesion_sites if number_of(row.cells[site_column(site)]) == 1)


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
