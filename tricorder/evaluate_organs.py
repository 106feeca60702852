"""`tricorder evaluate` of an organ model: phantoms of cardiac MIBG as DICOM files, through the whole client."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from client.engine import Engine, ServedModel
from client.errors import ContractError
from client.scoring import ScoredInput, ScoringSettings
from evaluation.dice import dice
from evaluation.organ_report import MeasuredPatient, OrganReport, organ_report
from evaluation.quantity_report import ReportedModel
from phantoms import MibgPhantom, Part, Site, mibg_cohort
from preprocessing.mibg_names import WashoutName, heart_counts_name
from preprocessing.organ_masks import OrganMasks
from specs.mibg import MibgTime
from training.organ_data import true_masks
from tricorder.scored_cohort import score_cohort

if TYPE_CHECKING:
    from tricorder.evaluation_folder import EvaluationContent


@dataclass(frozen=True, kw_only=True)
class MeasuredOrgans:
    """What was measured.

    Attributes:
        report: The figures.
        patients: Of whom.
        demonstration: Whether the weights were fitted on phantoms.
    """

    report: OrganReport
    patients: tuple[MeasuredPatient, ...]
    demonstration: bool

    def folder_content(self) -> "EvaluationContent":
        """Return what an evaluation leaves in a folder; needs the extra `report`."""
        from tricorder.organ_content import organ_content

        return organ_content(self.report, self.patients, demonstration=self.demonstration)


def evaluate_organs(
    engine: Engine, model: ServedModel, settings: ScoringSettings, *, count: int, site: Site
) -> MeasuredOrgans:
    """Score held-out phantoms as a user's own studies and compare with what is true of them.

    A patient whose study is not eligible is left out and counted.

    Args:
        engine: Runs the model.
        model: The model.
        settings: Of scoring.
        count: How many patients.
        site: Where they were examined.

    Raises:
        TricorderError: a study could not be scored.
        ContractError: every study was refused.
    """
    cohort = mibg_cohort(Part.TEST, count=count, site=site)
    found = score_cohort(cohort, engine, model, settings, measured=_measured)
    if not found.patients:
        reason = max(found.left_out, key=lambda reason: found.left_out[reason])
        raise ContractError(model=model.name, what=f"its recipe refuses every phantom ({reason})")
    report = organ_report(
        found.patients,
        ReportedModel(model=model.name, version=model.version, contract_sha256=model.contract_sha256),
        data_set=found.data_set,
        left_out=found.left_out,
    )
    return MeasuredOrgans(report=report, patients=found.patients, demonstration=model.contract.weights.demonstration)


def _measured(phantom: MibgPhantom, scored: ScoredInput) -> MeasuredPatient:
    if scored.volume is None:
        raise ValueError("a scored study has what its volumes say")
    truth, found = phantom.truth, scored.volume.masks
    true = (true_masks(phantom.early_organs), true_masks(phantom.late_organs))
    known = {measurement.name: measurement.value for measurement in scored.row.measurements}
    return MeasuredPatient(
        disease=truth.disease.value,
        nearly_no_uptake=truth.nearly_no_uptake,
        uptake=(truth.heart_uptake(truth.early), truth.heart_uptake(truth.late)),
        true_washout_percent=truth.washout_percent,
        dice={organ: _dice(organ, true, found) for organ in ("heart", "lungs", "liver")},
        heart_found=(bool(found[0].heart.any()), bool(found[1].heart.any())),
        heart_counts=(known.get(heart_counts_name(MibgTime.EARLY)), known.get(heart_counts_name(MibgTime.LATE))),
        washout_percent=known.get(WashoutName.OF_HEART),
    )


def _dice(organ: str, true: Sequence[OrganMasks], found: Sequence[OrganMasks]) -> tuple[float, float]:
    early, late = (dice(getattr(one, organ), getattr(other, organ)) for one, other in zip(true, found, strict=True))
    return early, late
