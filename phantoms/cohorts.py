"""Named sets of phantoms. The seeds stand here alone, so that no part shares a patient with another."""

import csv
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import Final, Generic, TypeVar, assert_never

from phantoms.dopamine_scan import DopaminePhantom, dopamine_phantom
from phantoms.heart_failure import STATED_UNITS, HeartFailurePatient, heart_failure_patient
from phantoms.mibg import MibgPhantom, mibg_phantom
from phantoms.myocardium import PerfusionPhantom, perfusion_phantom
from phantoms.pet import PetPhantom, pet_phantom
from phantoms.radiograph import RadiographPhantom, radiograph_phantom
from phantoms.sites import Site
from specs.fdg_projections import FdgProjections
from specs.mibg_volumes import MibgVolumes
from specs.perfusion_slices import PerfusionSlices
from specs.recipe import AnswerRecipe, FrontalChestRadiograph, VolumeRecipe
from specs.striatal_recipes import StriatalFeatures, StriatalImage

_Phantom = TypeVar("_Phantom")

ImagePhantom = RadiographPhantom | PetPhantom | DopaminePhantom
"""The closed union of phantoms that are answered with a number; a consumer matches on it and ends in `assert_never`."""

VolumePhantom = PerfusionPhantom | MibgPhantom
"""The same of phantoms that are answered with a volume."""


class Part(StrEnum):
    """What a set of phantoms is for."""

    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"
    DEMONSTRATION = "demonstration"
    PARITY = "parity"

    @property
    def seed(self) -> int:
        """Seed of the phantoms of this part at site A."""
        return {
            Part.TRAINING: 2022_01,
            Part.VALIDATION: 2022_02,
            Part.TEST: 2022_03,
            Part.DEMONSTRATION: 2022_04,
            Part.PARITY: 2022_05,
        }[self]


_SEED_OFFSETS: Final = {Site.A: 0, Site.B: 100}


@dataclass(frozen=True, kw_only=True)
class PhantomCohort(Generic[_Phantom], ABC):
    """Phantoms 0 to count - 1 of one seed, in order, each made when it is asked for.

    Attributes:
        name: Name for records and tables.
        seed: Seed of every phantom.
        count: Number of phantoms, 1 or more.
        site: Where they are examined.
    """

    name: str
    seed: int
    count: int
    site: Site = Site.A

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"A cohort needs at least one phantom; got {self.count}.")

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> _Phantom:
        return self._phantom(range(self.count)[index])

    def __iter__(self) -> Iterator[_Phantom]:
        return (self[index] for index in range(self.count))

    @abstractmethod
    def _phantom(self, index: int) -> _Phantom: ...


class RadiographCohort(PhantomCohort[RadiographPhantom]):
    """Phantom radiographs of the chest."""

    def _phantom(self, index: int) -> RadiographPhantom:
        return radiograph_phantom(seed=self.seed, index=index, site=self.site)


class DopamineCohort(PhantomCohort[DopaminePhantom]):
    """Phantoms of dopamine-transporter SPECT."""

    def _phantom(self, index: int) -> DopaminePhantom:
        return dopamine_phantom(seed=self.seed, index=index, site=self.site)


class PetCohort(PhantomCohort[PetPhantom]):
    """Phantoms of FDG PET."""

    def _phantom(self, index: int) -> PetPhantom:
        return pet_phantom(seed=self.seed, index=index, site=self.site)


class MibgCohort(PhantomCohort[MibgPhantom]):
    """Phantoms of cardiac MIBG."""

    def _phantom(self, index: int) -> MibgPhantom:
        return mibg_phantom(seed=self.seed, index=index, site=self.site)


class PerfusionCohort(PhantomCohort[PerfusionPhantom]):
    """Phantoms of myocardial perfusion."""

    def _phantom(self, index: int) -> PerfusionPhantom:
        return perfusion_phantom(seed=self.seed, index=index, site=self.site)


def radiograph_cohort(part: Part, *, count: int, site: Site = Site.A) -> RadiographCohort:
    """Return the first `count` phantom radiographs of a part; no two sites share a person."""
    return RadiographCohort(name=_name("radiographs", part, site), seed=_seed(part, site), count=count, site=site)


def dopamine_cohort(part: Part, *, count: int, site: Site = Site.A) -> DopamineCohort:
    """Return the first `count` phantoms of dopamine transporters of a part; no two sites share a person."""
    return DopamineCohort(name=_name("transporters", part, site), seed=_seed(part, site), count=count, site=site)


def pet_cohort(part: Part, *, count: int, site: Site = Site.A) -> PetCohort:
    """Return the first `count` phantoms of FDG PET of a part; no two sites share a person."""
    return PetCohort(name=_name("PET", part, site), seed=_seed(part, site), count=count, site=site)


def mibg_cohort(part: Part, *, count: int, site: Site = Site.A) -> MibgCohort:
    """Return the first `count` phantoms of cardiac MIBG of a part; no two sites share a person."""
    return MibgCohort(name=_name("MIBG", part, site), seed=_seed(part, site), count=count, site=site)


def perfusion_cohort(part: Part, *, count: int, site: Site = Site.A) -> PerfusionCohort:
    """Return the first `count` phantoms of myocardial perfusion of a part; no two sites share a person."""
    return PerfusionCohort(name=_name("perfusion", part, site), seed=_seed(part, site), count=count, site=site)


ImageCohort = RadiographCohort | PetCohort | DopamineCohort
"""Phantoms of whatever images a recipe is for."""


VolumeCohort = PerfusionCohort | MibgCohort
"""Phantoms of two volumes each."""


def volume_cohort(part: Part, recipe: VolumeRecipe, *, count: int, site: Site = Site.A) -> VolumeCohort:
    """Return the first `count` phantoms of a part that a recipe of two volumes is for."""
    match recipe:
        case PerfusionSlices():
            return perfusion_cohort(part, count=count, site=site)
        case MibgVolumes():
            return mibg_cohort(part, count=count, site=site)
        case _:
            assert_never(recipe)


def image_cohort(part: Part, recipe: AnswerRecipe, *, count: int, site: Site = Site.A) -> ImageCohort:
    """Return the first `count` phantoms of a part that a recipe is for."""
    match recipe:
        case FrontalChestRadiograph():
            return radiograph_cohort(part, count=count, site=site)
        case FdgProjections():
            return pet_cohort(part, count=count, site=site)
        case StriatalFeatures() | StriatalImage():
            return dopamine_cohort(part, count=count, site=site)
        case _:
            assert_never(recipe)


def _name(examinations: str, part: Part, site: Site) -> str:
    return f"phantom {examinations}, {part}" if site is Site.A else f"phantom {examinations}, {part}, site {site}"


def _seed(part: Part, site: Site) -> int:
    return part.seed + _SEED_OFFSETS[site]


@dataclass(frozen=True, kw_only=True)
class PatientCohort:
    """Synthetic patients 0 to count - 1 of one seed, in order.

    Attributes:
        name: Name for records and tables.
        seed: Seed of every patient.
        count: Number of patients, 1 or more.
    """

    name: str
    seed: int
    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"A cohort needs at least one patient; got {self.count}.")

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> HeartFailurePatient:
        return heart_failure_patient(seed=self.seed, index=range(self.count)[index])

    def __iter__(self) -> Iterator[HeartFailurePatient]:
        return (self[index] for index in range(self.count))


def patient_cohort(part: Part, *, count: int) -> PatientCohort:
    """Return the first `count` synthetic patients with heart failure of a part."""
    return PatientCohort(name=f"synthetic patients, {part}", seed=part.seed, count=count)


def write_phantom(phantom: ImagePhantom | VolumePhantom, place: Path) -> list[Path]:
    """Write the DICOM files of one study.

    Args:
        phantom: What to write.
        place: Its folder, where the study is of many files; else its file, without the ending `.dcm`.

    Returns:
        The files, of a volume in the order of their instance numbers.
    """
    match phantom:
        case RadiographPhantom() | DopaminePhantom():
            file = place.with_name(f"{place.name}.dcm")
            phantom.write(file)
            return [file]
        case PetPhantom() | PerfusionPhantom() | MibgPhantom():
            return phantom.write(place)
        case _:
            assert_never(phantom)


def write_cohort(directory: str | PathLike[str], cohort: ImageCohort | VolumeCohort) -> list[Path]:
    """Write every phantom of a cohort as DICOM files.

    Args:
        directory: Made where it is absent; files are `phantom_0000.dcm` and on, or, where a study is of many files,
            those in the folder `phantom_0000` and on.
        cohort: What to write.

    Returns:
        The files, study by study in the cohort's order.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    return [file for phantom in cohort for file in write_phantom(phantom, folder / f"phantom_{phantom.index:04d}")]


def write_patients(file: Path, cohort: PatientCohort) -> Path:
    """Write synthetic patients as a CSV table with their outcomes, and return its path.

    Args:
        file: Where.
        cohort: Whom.
    """
    rows = [
        {**{_heading(name): text for name, text in patient.row().items()}, "outcome": patient.outcome.name.lower()}
        for patient in cohort
    ]
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def _heading(name: str) -> str:
    return f"{name} [{STATED_UNITS[name]}]" if name in STATED_UNITS else name
