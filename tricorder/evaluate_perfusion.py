"""`tricorder evaluate` of a perfusion model: phantoms written as DICOM files, through the whole client, against PET."""

import shutil
import tempfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from client.engine import Engine, ServedModel
from client.errors import ContractError, InputError
from client.scoring import ScoredInput, ScoringSettings, score_sources
from client.sources import Source
from evaluation.errors import TooFewStudies
from evaluation.perfusion_figures import MeasuredPatients
from evaluation.perfusion_report import FEWEST_PATIENTS, PerfusionReport, perfusion_report
from evaluation.perfusion_scores import normal_limits, segment_scores, summed_scores
from evaluation.quantity_report import ReportedModel
from phantoms import Part, PerfusionCohort, PerfusionPhantom, Site, perfusion_cohort
from preprocessing import PreparedPerfusion
from specs.perfusion_pairing import Role
from specs.volume_head import VirtualPerfusion
from tricorder.scored_perfusion import ScoredPerfusion, scored_perfusion
from tricorder.terminal import progress_bar
from tricorder.written_ahead import written_ahead

if TYPE_CHECKING:
    from tricorder.evaluation_folder import EvaluationContent

_FEWEST_HEALTHY = 2


@dataclass(frozen=True, kw_only=True)
class MeasuredPerfusion:
    """Patients, what was measured on them, and the report."""

    patients: tuple[ScoredPerfusion, ...]
    report: PerfusionReport
    demonstration: bool

    def folder_content(self) -> "EvaluationContent":
        """Return what is left in a folder. Needs the extra `report`."""
        from tricorder.perfusion_content import perfusion_content

        return perfusion_content(self)


def evaluate_perfusion(
    engine: Engine, model: ServedModel, settings: ScoringSettings, *, count: int, site: Site
) -> MeasuredPerfusion:
    """Score held-out phantoms and compare segments, defects and scores with PET.

    Args:
        engine: Runs the model.
        model: The model.
        settings: Of scoring.
        count: How many patients.
        site: Where they were examined.

    Raises:
        TricorderError: a patient could not be scored.
        TooFewStudies: they do not determine the figures.
        ContractError: the contract is of another kind of model.
    """
    head = model.contract.spec.head
    if not isinstance(head, VirtualPerfusion):
        raise ContractError(model=model.name, what="it is not that of a perfusion model")
    cohort = perfusion_cohort(Part.TEST, count=count, site=site)
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder, progress_bar() as bar:
        way = _Way(studies=_Studies(phantoms=cohort), folder=Path(folder), head=head)
        task = bar.add_task(f"{model.name} on {cohort.name}", total=count)
        found = []
        for scored in score_sources(way.sources(), engine, [model], replace(settings, inputs=True, heat_maps=True)):
            patient = way.take(scored)
            found += [] if patient is None else [patient]
            bar.advance(task)
    return MeasuredPerfusion(
        patients=tuple(found),
        report=perfusion_report(
            _measured(found, head, way.refused),
            ReportedModel(model=model.name, version=model.version, contract_sha256=model.contract_sha256),
            data_set=f"{cohort.name} 0-{count - 1}",
            left_out=way.refused,
        ),
        demonstration=model.contract.weights.demonstration,
    )


@dataclass(frozen=True, kw_only=True)
class _Study:
    """A phantom that is written when its files are asked for."""

    phantom: PerfusionPhantom

    def files(self, folder: Path) -> tuple[Path, ...]:
        return tuple(self.phantom.write(folder))


@dataclass(frozen=True, kw_only=True)
class _Studies:
    phantoms: PerfusionCohort

    def __len__(self) -> int:
        return len(self.phantoms)

    def __iter__(self) -> Iterator[_Study]:
        return (_Study(phantom=phantom) for phantom in self.phantoms)


@dataclass(kw_only=True)
class _Way:
    """Phantoms on their way through the client; results come in the order of the files."""

    studies: _Studies
    folder: Path
    head: VirtualPerfusion
    refused: Counter[str] = field(default_factory=Counter)
    _waiting: deque[tuple[PerfusionPhantom, Path]] = field(default_factory=deque)

    def sources(self) -> Iterator[Source]:
        for study, place, files in written_ahead(self.studies, self.folder):
            if isinstance(files, InputError):
                raise files
            first, *others = files
            self._waiting.append((study.phantom, place))
            yield Source(path=first, name=str(study.phantom.index), others=tuple(others))

    def take(self, scored: ScoredInput) -> ScoredPerfusion | None:
        """Join a result with what is known; None for a patient who is left out."""
        phantom, place = self._waiting.popleft()
        shutil.rmtree(place)
        if scored.error is not None:
            raise scored.error
        if not isinstance(scored.prepared, PreparedPerfusion) or scored.volume is None:
            self.refused[str(scored.row.reason)] += 1
            return None
        return scored_perfusion(
            phantom, scored.row, prepared=scored.prepared, volume=scored.volume, rules=self.head.polar_map
        )


def _measured(patients: Iterable[ScoredPerfusion], head: VirtualPerfusion, refused: Counter[str]) -> MeasuredPatients:
    """Stack patients; PET is scored by the normal limits of the people without disease among them.

    Raises:
        TooFewStudies: they are too few.
    """
    people = tuple(patients)
    healthy = [place for place, patient in enumerate(people) if not patient.truth.diseased]
    if len(people) < FEWEST_PATIENTS or len(healthy) < _FEWEST_HEALTHY:
        raise TooFewStudies(
            found=f"{len(people)} patients, {len(healthy)} of them without disease",
            needed=f"{FEWEST_PATIENTS}, {_FEWEST_HEALTHY} of them without disease",
            left_out=refused,
        )
    pet = np.array([patient.pet for patient in people])
    limits = [normal_limits(pet[healthy, state]) for state in range(len(Role))]
    scores = [
        [segment_scores(one, limit, head.scores) for one, limit in zip(states, limits, strict=True)] for states in pet
    ]
    sums = [summed_scores(stress, rest) for stress, rest in scores]
    return MeasuredPatients(
        spect=np.array([patient.spect for patient in people]),
        virtual_pet=np.array([patient.virtual_pet for patient in people]),
        pet=pet,
        spect_sums=np.array([patient.spect_sums for patient in people]),
        virtual_pet_sums=np.array([patient.virtual_pet_sums for patient in people]),
        pet_sums=np.array([[each.stress, each.rest, each.difference] for each in sums], np.int64),
        sexes=[patient.truth.sex.value for patient in people],
        defects=[defect for patient in people for defect in patient.defects],
    )
