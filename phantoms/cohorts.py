"""Named sets of phantoms. The seeds stand here alone, so that no part shares a patient with another."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from os import PathLike
from pathlib import Path
from typing import Final

from phantoms.dopamine_scan import DopaminePhantom, dopamine_phantom
from phantoms.heart_failure import HeartFailurePatient, heart_failure_patient
from phantoms.radiograph import RadiographPhantom, radiograph_phantom
from phantoms.sites import Site


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
class RadiographCohort:
    """Phantom radiographs 0 to count - 1 of one seed, in order, each made when it is asked for.

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

    def __getitem__(self, index: int) -> RadiographPhantom:
        return radiograph_phantom(seed=self.seed, index=range(self.count)[index], site=self.site)

    def __iter__(self) -> Iterator[RadiographPhantom]:
        return (self[index] for index in range(self.count))


def radiograph_cohort(part: Part, *, count: int, site: Site = Site.A) -> RadiographCohort:
    """Return the first `count` phantom radiographs of a part; no two sites share a person."""
    name = f"phantom radiographs, {part}" if site is Site.A else f"phantom radiographs, {part}, site {site}"
    return RadiographCohort(name=name, seed=part.seed + _SEED_OFFSETS[site], count=count, site=site)


@dataclass(frozen=True, kw_only=True)
class DopamineCohort:
    """Phantoms of dopamine-transporter SPECT, 0 to count - 1 of one seed, in order, each made when it is asked for.

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

    def __getitem__(self, index: int) -> DopaminePhantom:
        return dopamine_phantom(seed=self.seed, index=range(self.count)[index], site=self.site)

    def __iter__(self) -> Iterator[DopaminePhantom]:
        return (self[index] for index in range(self.count))


def dopamine_cohort(part: Part, *, count: int, site: Site = Site.A) -> DopamineCohort:
    """Return the first `count` phantoms of dopamine transporters of a part; no two sites share a person."""
    name = f"phantom transporters, {part}" if site is Site.A else f"phantom transporters, {part}, site {site}"
    return DopamineCohort(name=name, seed=part.seed + _SEED_OFFSETS[site], count=count, site=site)


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


def write_cohort(directory: str | PathLike[str], cohort: RadiographCohort) -> list[Path]:
    """Write every phantom of a cohort as a DICOM file.

    Args:
        directory: Made where it is absent; files are `phantom_0000.dcm` and on.
        cohort: What to write.

    Returns:
        The files in the cohort's order.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for phantom in cohort:
        path = folder / f"phantom_{phantom.index:04d}.dcm"
        phantom.write(path)
        paths.append(path)
    return paths


def write_patients(file: Path, cohort: PatientCohort) -> Path:
    """Write synthetic patients as a CSV table with their outcomes, and return its path.

    Args:
        file: Where.
        cohort: Whom.
    """
    rows = [{**patient.row(), "outcome": patient.outcome.name.lower()} for patient in cohort]
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file
