"""The columns that a manifest may have, each with the check of its cells."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import assert_never

from phantoms import LesionSite
from specs import SPECS
from specs.faults import Fault
from specs.fdg_projections import FdgProjections
from specs.recipe import AnswerStudyRecipe, FrontalChestRadiograph
from specs.striatal_recipes import StriatalFeatures, StriatalImage
from training.datasets.manifest_table import Row
from training.datasets.table_cells import PATIENT, number_of
from training.datasets.targets import AGE, EVERY_TARGET, Finding, Quantity, Target, target_of

PATH, VIEW, SEX, SITE = "path", "view", "sex", "site"

_SEXES = ("F", "M", "O")
"""Patient's Sex (0010,0040), PS3.3 C.7.1.1."""

_LONGEST_SITE = 40
"""Characters of a site's name, which is a heading in reports: our choice."""

_Check = Callable[[str], str | None]
"""Says what is wrong with a cell; None where nothing is."""


@dataclass(frozen=True, kw_only=True)
class ManifestColumns:
    """What a manifest may say beside path, patient, age, sex and site of acquisition.

    Attributes:
        labels: Targets, each in a column of its name.
        views: Words of the column `view`; with none there is no such column.
        lesion_sites: Where lesions are looked for: 0 or 1 in a column each, all of which are there, or none.
    """

    labels: tuple[Target, ...]
    views: tuple[str, ...] = ()
    lesion_sites: tuple[LesionSite, ...] = ()

    @property
    def of_lesion_sites(self) -> tuple[str, ...]:
        """Names of the columns of the sites of lesions."""
        return tuple(map(site_column, self.lesion_sites))

    @cached_property
    def checks(self) -> dict[str, _Check]:
        """Every column with the check of its cells."""
        signs = tuple(Finding(column=column) for column in self.of_lesion_sites)
        return {
            PATH: _path_fault,
            PATIENT: _patient_fault,
            **{label.column: partial(_value_fault, label) for label in (AGE, *self.labels, *signs)},
            **({VIEW: _one_of(self.views)} if self.views else {}),
            SEX: _one_of(_SEXES),
            SITE: _site_fault,
        }

    def cell_faults(self, rows: Iterable[Row]) -> Iterator[Fault]:
        """Yield what is wrong with single cells."""
        checks = self.checks
        for row in rows:
            for column, cell in row.cells.items():
                what = checks[column](cell)
                if what is not None:
                    yield Fault(line=row.line, column=column, what=what)


def radiograph_columns(recipe: FrontalChestRadiograph) -> ManifestColumns:
    """Return the columns of a manifest of radiographs."""
    return ManifestColumns(labels=EVERY_TARGET, views=recipe.view_positions)


def study_columns(recipe: AnswerStudyRecipe, target: Target) -> ManifestColumns:
    """Return the columns of a manifest of studies of volumes, with a label for each model of the same tracer."""
    alike = (
        target_of(spec)
        for spec in SPECS.values()
        if isinstance(spec.recipe, AnswerStudyRecipe) and spec.recipe.tracer == recipe.tracer
    )
    labels = tuple(dict.fromkeys((target, *alike)))
    match recipe:
        case FdgProjections():
            return ManifestColumns(labels=labels, lesion_sites=tuple(LesionSite))
        case StriatalFeatures() | StriatalImage():
            return ManifestColumns(labels=labels)
        case _:
            assert_never(recipe)


def site_column(site: LesionSite) -> str:
    """Name the column that says whether there is a lesion at a site."""
    return site.name.lower()


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
