"""`tricorder evaluate` of a perfusion model: phantoms written as DICOM files, through the whole client, against PET."""

import shutil
import tempfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from client.engine import Engine, ServedModel
from client.errors import ContractError, InputError, UnexpectedFailure
from client.perfusion_results import PerfusionImage, segment_name, sum_name
from client.result import Status
from client.scoring import ScoredInput, ScoringSettings, score_sources
from client.sources import Source
from evaluation.errors import TooFewStudies
from evaluation.perfusion_figures import SUMS, MeasuredPatients, TrueDefect
from evaluation.perfusion_report import FEWEST_PATIENTS, PerfusionReport, perfusion_report
from evaluation.perfusion_scores import normal_limits, percent_of_highest, segment_scores, summed_scores
from evaluation.polar_map import polar_map, segment_values
from evaluation.quantity_report import ReportedModel
from phantoms import MyocardialTruth, Part, PerfusionCohort, PerfusionPhantom, PerfusionState, Site, perfusion_cohort
from preprocessing import PreparedPerfusion
from specs.myocardial_segments import AHA_SEGMENTS
from specs.perfusion_pairing import Role
from specs.volume_head import VirtualPerfusion
from training.perfusion_data import laid_out
from tricorder.terminal import progress_bar
from tricorder.written_ahead import written_ahead

if TYPE_CHECKING:
    from tricorder.evaluation_folder import EvaluationContent

_OWN_FAILURES = (InputError, UnexpectedFailure)
_FEWEST_HEALTHY = 2


@dataclass(frozen=True, kw_only=True)
class ScoredPerfusion:
    """One phantom patient who was scored; values are % of the highest segment, axes (state, segment), stress first.

    Attributes:
        name: Number of the phantom.
        truth: What is true of the patient.
        spect: What SPECT shows.
        virtual_pet: What virtual PET shows.
        pet: What PET without noise shows on the same slices, so that its noise is not taken for the model's error.
        spect_sums: SSS, SRS and SDS of SPECT.
        virtual_pet_sums: The same of virtual PET.
    """

    name: str
    truth: MyocardialTruth
    spect: NDArray[np.float64]
    virtual_pet: NDArray[np.float64]
    pet: NDArray[np.float64]
    spect_sums: NDArray[np.int64]
    virtual_pet_sums: NDArray[np.int64]


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
        for scored in score_sources(way.sources(), engine, [model], replace(settings, inputs=True)):
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
        if scored.error is not None and not isinstance(scored.error, _OWN_FAILURES):
            raise scored.error
        if scored.row.status is not Status.SCORED or not isinstance(scored.prepared, PreparedPerfusion):
            self.refused[str(scored.row.reason)] += 1
            return None
        values = {measured.name: measured.value for measured in scored.row.measurements}
        return ScoredPerfusion(
            name=scored.row.source,
            truth=phantom.truth,
            spect=_percents(values, PerfusionImage.SPECT),
            virtual_pet=_percents(values, PerfusionImage.VIRTUAL_PET),
            pet=_pet_percents(phantom, scored.prepared, self.head),
            spect_sums=_sums(values, PerfusionImage.SPECT),
            virtual_pet_sums=_sums(values, PerfusionImage.VIRTUAL_PET),
        )


def _percents(values: dict[str, float], image: PerfusionImage) -> NDArray[np.float64]:
    return np.array([[values[segment_name(image, state, each.number)] for each in AHA_SEGMENTS] for state in Role])


def _sums(values: dict[str, float], image: PerfusionImage) -> NDArray[np.int64]:
    return np.array([round(values[sum_name(image, short)]) for short in SUMS], np.int64)


def _pet_percents(
    phantom: PerfusionPhantom, prepared: PreparedPerfusion, head: VirtualPerfusion
) -> NDArray[np.float64]:
    found = []
    for state, slices in ((PerfusionState.STRESS, prepared.stress), (PerfusionState.REST, prepared.rest)):
        pet = slices.with_values(laid_out(phantom.pet(state, noisy=False), slices))
        found.append(segment_values(polar_map(pet, head.polar_map), head.polar_map))
    return percent_of_highest(np.array(found))


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
        defects=list(_defects(people)),
    )


def _defects(people: Iterable[ScoredPerfusion]) -> Iterator[TrueDefect]:
    """Yield every defect at each state at which it is there; one that fills no segment is in none of the figures."""
    for patient, person in enumerate(people):
        for defect in person.truth.defects:
            for place, state in enumerate(PerfusionState):
                if defect.depth(state) > 0 and defect.segments:
                    yield TrueDefect(
                        patient=patient, state=place, segments=defect.segments, territory=defect.artery.value
                    )
