"""A cohort of phantoms as a user's own studies through the whole client: what was measured on each, and who was not."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from client.engine import Engine, ServedModel
from client.result import Status
from client.scoring import ScoredInput, ScoringSettings, score_sources
from phantoms import VolumePhantom
from phantoms.cohorts import PhantomCohort
from tricorder.passing_studies import PassingStudies
from tricorder.terminal import progress_bar

_Phantom = TypeVar("_Phantom", bound=VolumePhantom)
_Patient = TypeVar("_Patient")


@dataclass(frozen=True, kw_only=True)
class ScoredCohort(Generic[_Patient]):
    """What became of a cohort.

    Attributes:
        data_set: Name for records.
        patients: What was measured, in the order of the cohort.
        left_out: Number of the other patients, by reason.
    """

    data_set: str
    patients: tuple[_Patient, ...]
    left_out: Mapping[str, int]


def score_cohort(
    cohort: PhantomCohort[_Phantom],
    engine: Engine,
    model: ServedModel,
    settings: ScoringSettings,
    *,
    measured: Callable[[_Phantom, ScoredInput], _Patient],
) -> ScoredCohort[_Patient]:
    """Write, score and measure every phantom; one whose study is not eligible is left out and counted.

    Args:
        cohort: The phantoms.
        engine: Runs the model.
        model: The model.
        settings: Of scoring.
        measured: Joins a phantom with what the client says of it.

    Raises:
        TricorderError: a phantom could not be written, or its study not be scored.
    """
    patients = []
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder, progress_bar() as bar:
        passing = PassingStudies(studies=_Studies(cohort=cohort), folder=Path(folder), all_are_written=True)
        task = bar.add_task(f"{model.name} on {cohort.name}", total=len(cohort))
        for scored in score_sources(passing.sources(), engine, [model], settings):
            study = passing.take()
            if scored.error is not None:
                raise scored.error
            if scored.row.status is Status.SCORED:
                patients.append(measured(study.phantom, scored))
            else:
                passing.refuse(scored.row)
            bar.advance(task)
    return ScoredCohort(
        data_set=f"{cohort.name} 0-{len(cohort) - 1}", patients=tuple(patients), left_out=passing.refused
    )


@dataclass(frozen=True, kw_only=True)
class _Study(Generic[_Phantom]):
    """A phantom that is made when it is asked for, so that only its number travels between processes."""

    cohort: PhantomCohort[_Phantom]
    index: int

    @property
    def name(self) -> str:
        return str(self.index)

    @property
    def phantom(self) -> _Phantom:
        return self.cohort[self.index]

    def files(self, folder: Path) -> tuple[Path, ...]:
        return tuple(self.phantom.write(folder))


@dataclass(frozen=True, kw_only=True)
class _Studies(Generic[_Phantom]):
    cohort: PhantomCohort[_Phantom]

    def __len__(self) -> int:
        return len(self.cohort)

    def __iter__(self) -> Iterator[_Study[_Phantom]]:
        return (_Study(cohort=self.cohort, index=index) for index in range(len(self.cohort)))
