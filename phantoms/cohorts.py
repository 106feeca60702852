"""Named sets of phantoms. The seeds stand here alone, so that no part shares a patient with another."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from os import PathLike
from pathlib import Path

from phantoms.radiograph import RadiographPhantom, radiograph_phantom


class Part(StrEnum):
    """What a set of phantoms is for."""

    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"
    DEMONSTRATION = "demonstration"
    PARITY = "parity"

    @property
    def seed(self) -> int:
        """Seed of the phantoms of this part."""
        return {
            Part.TRAINING: 2022_01,
            Part.VALIDATION: 2022_02,
            Part.TEST: 2022_03,
            Part.DEMONSTRATION: 2022_04,
            Part.PARITY: 2022_05,
        }[self]


@dataclass(frozen=True, kw_only=True)
class RadiographCohort:
    """Phantom radiographs 0 to count - 1 of one seed, in order, each made when it is asked for.

    Attributes:
        name: Name for records and tables.
        seed: Seed of every phantom.
        count: Number of phantoms, 1 or more.
    """

    name: str
    seed: int
    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"A cohort needs at least one phantom; got {self.count}.")

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> RadiographPhantom:
        return radiograph_phantom(seed=self.seed, index=range(self.count)[index])

    def __iter__(self) -> Iterator[RadiographPhantom]:
        return (self[index] for index in range(self.count))


def radiograph_cohort(part: Part, *, count: int) -> RadiographCohort:
    """Return the first `count` phantom radiographs of a part."""
    return RadiographCohort(name=f"phantom radiographs, {part}", seed=part.seed, count=count)


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
