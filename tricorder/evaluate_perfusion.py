"""`tricorder evaluate` of a perfusion model: phantoms written as DICOM files, through the whole client, against PET."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from client.engine import Engine, ServedModel
from client.errors import ContractError
from client.scoring import ScoredInput, ScoringSettings
from evaluation.errors import TooFewStudies
from evaluation.perfusion_figures import MeasuredPatients
from evaluation.perfusion_report import FEWEST_PATIENTS, PerfusionReport, perfusion_report
from evaluation.perfusion_scores import normal_limits, segment_scores, summed_scores
from evaluation.quantity_report import ReportedModel
from phantoms import Part, PerfusionPhantom, Site, perfusion_cohort
from preprocessing import PreparedPerfusion
from specs.myocardial_segments import PolarMapRules
from specs.perfusion_pairing import Role
from specs.volume_head import VirtualPerfusion
from tricorder.scored_cohort import score_cohort
from tricorder.scored_perfusion import ScoredPerfusion, scored_perfusion

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
    wanted = replace(settings, inputs=True, heat_maps=True)
    found = score_cohort(cohort, engine, model, wanted, measured=partial(_joined, rules=head.polar_map))
    return MeasuredPerfusion(
        patients=found.patients,
        report=perfusion_report(
            _measured(found.patients, head, found.left_out),
            ReportedModel(model=model.name, version=model.version, contract_sha256=model.contract_sha256),
            data_set=found.data_set,
            left_out=found.left_out,
        ),
        demonstration=model.contract.weights.demonstration,
    )


def _joined(phantom: PerfusionPhantom, scored: ScoredInput, *, rules: PolarMapRules) -> ScoredPerfusion:
    if not isinstance(scored.prepared, PreparedPerfusion) or scored.volume is None:
        raise TypeError("a scored study has its slices and what its volumes say")
    return scored_perfusion(phantom, scored.row, prepared=scored.prepared, volume=scored.volume, rules=rules)


def _measured(
    people: Sequence[ScoredPerfusion], head: VirtualPerfusion, left_out: Mapping[str, int]
) -> MeasuredPatients:
    """Stack patients; PET is scored by the normal limits of the people without disease among them.

    Raises:
        TooFewStudies: they are too few.
    """
    healthy = [place for place, patient in enumerate(people) if not patient.truth.diseased]
    if len(people) < FEWEST_PATIENTS or len(healthy) < _FEWEST_HEALTHY:
        raise TooFewStudies(
            found=f"{len(people)} patients, {len(healthy)} of them without disease",
            needed=f"{FEWEST_PATIENTS}, {_FEWEST_HEALTHY} of them without disease",
            left_out=left_out,
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
