"""One result row: one input scored, or not, by one model."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import Field

from client.engine import ServedModel
from client.interpretation import Answer, Call, MemberValue
from client.outcomes import ClassifierRisks
from client.volume_results import VolumeResult
from evaluation.interval import Interval
from evaluation.predictive_values import PredictiveValues, percentage
from preprocessing import Identity, Measurement, Prepared, PreparedFeatures, PreparedRecord, PreparedStudy
from preprocessing.prepared_volumes import PreparedVolumes
from preprocessing.source_series import SourceSeries
from specs.coding import CodedConcept
from specs.declared import Declared
from specs.errors import TricorderError
from specs.head import MeasuredQuantity

_LEAST_SHOWN = 0.001
"""A probability nearer to 0 or 1 than this is shown as a bound: "1.000" would read as certainty."""


REPEATED = "the same SOP Instance has a result already"
"""Why an instance that comes twice is not eligible the second time."""


class Status(StrEnum):
    """What became of an input: scored, correctly refused, or failed."""

    SCORED = "scored"
    NOT_ELIGIBLE = "not_eligible"
    FAILED = "failed"


class ResultRow(Declared):
    """What is printed, written and counted. A value stands here only where `status` is scored.

    `source` is the path relative to the argument that named it, and the place of a patient in a table. The
    predictive values come from the counts of the studies on which the operating point was chosen, which flatters them,
    at the prevalence there; `at_prevalence` holds them at the prevalence that was asked for. `members` holds what each
    member of an ensemble says; `age_gap_years` is an estimated age less the patient's, where the study states it. A
    model of several outcomes has no `value`: `outcomes` holds what each of its classifiers says, the answer first.
    `source_series` names, of a model of two volumes, the series that each of them comes from.
    `measurements` holds what was measured on the study on the way to the model, or on the volume that it answered with,
    of which `summary` says in a few words what it shows. `remarks` is what a reader should know of how the study was
    read, such as which of several series was taken.
    """

    source: str
    study_instance_uid: str | None
    series_instance_uid: str | None
    sop_instance_uid: str | None
    model: str
    version: int
    status: Status
    value: float | None
    unit: str | None
    call: Call | None
    operating_point: float | None
    reason: str | None
    contract_sha256: str
    model_sha256: str
    demonstration: bool
    finding: CodedConcept | None
    positive_predictive_value: Interval | None
    negative_predictive_value: Interval | None
    at_prevalence: PredictiveValues | None = None
    members: tuple[MemberValue, ...] = ()
    outcomes: tuple[ClassifierRisks, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    remarks: tuple[str, ...] = Field(default=(), exclude_if=lambda remarks: not remarks)
    source_series: tuple[SourceSeries, ...] = Field(default=(), exclude_if=lambda series: not series)
    summary: str | None = Field(default=None, exclude_if=lambda summary: summary is None)
    age_gap_years: float | None
    retryable: bool = False

    @property
    def shown_value(self) -> str:
        """The value with its unit as people read it; empty where there is none."""
        if self.value is None:
            return ""
        if self.unit != "1":
            return f"{self.value:.1f} {self.unit}"
        if 0 < self.value < _LEAST_SHOWN or 1 - _LEAST_SHOWN < self.value < 1:
            return f"<{_LEAST_SHOWN}" if self.value < _LEAST_SHOWN else f">{1 - _LEAST_SHOWN}"
        return f"{self.value:.3f}"

    @property
    def shown_predictive_values(self) -> str:
        """PPV and NPV at the prevalence that was asked for, as people read them; empty where it was not."""
        if self.at_prevalence is None:
            return ""
        positive, negative = self.at_prevalence.cells()
        return f"PPV {positive}, NPV {negative}"

    @property
    def shown_outcome(self) -> str:
        """The call, or why there is none, as people read it."""
        match self.status:
            case Status.SCORED:
                if self.outcomes:
                    return str(self.outcomes[0])
                gap = "" if self.age_gap_years is None else f"{self.age_gap_years:+.1f} years against the patient's age"
                return self.call or self.summary or gap
            case Status.NOT_ELIGIBLE:
                return f"not eligible: {self.reason}"
            case Status.FAILED:
                return f"failed: {self.reason}"


def asked_prevalence(rows: Iterable[ResultRow]) -> float | None:
    """Return the prevalence at which a run's rows have predictive values, unit 1; None where it was not asked for."""
    return next((row.at_prevalence.prevalence for row in rows if row.at_prevalence is not None), None)


def prevalence_note(prevalence: float) -> str:
    """Say what predictive values at a prevalence (unit 1) rest on."""
    return (
        f"PPV and NPV at a prevalence of {percentage(prevalence)}, with 95 % intervals: sensitivity and specificity "
        "are taken as those of the studies on which the operating point was chosen, which flatters them."
    )


def scored_row(
    source: str,
    prepared: PreparedStudy | PreparedRecord,
    model: ServedModel,
    answer: Answer,
    *,
    volume: VolumeResult | None = None,
) -> ResultRow:
    """Make the row of an input that was scored; `volume` is what an answer that is a volume says."""
    measured = prepared.measurements if isinstance(prepared, PreparedFeatures) else ()
    return _row(
        source,
        prepared.identity,
        model,
        status=Status.SCORED,
        value=answer.value,
        unit=answer.unit,
        call=answer.call,
        operating_point=answer.operating_point,
        finding=answer.finding,
        positive_predictive_value=answer.positive_predictive_value,
        negative_predictive_value=answer.negative_predictive_value,
        at_prevalence=answer.at_prevalence,
        members=answer.members,
        outcomes=answer.outcomes,
        measurements=measured if volume is None else volume.measurements,
        summary=None if volume is None else volume.summary,
        remarks=() if isinstance(prepared, PreparedRecord) else prepared.remarks,
        source_series=prepared.source_series if isinstance(prepared, PreparedVolumes) else (),
        age_gap_years=_age_gap_years(model, answer, prepared),
    )


def _age_gap_years(model: ServedModel, answer: Answer, prepared: PreparedStudy | PreparedRecord) -> float | None:
    """Return the value less the patient's age where the head compares with it and the study states it."""
    head = model.contract.spec.head
    if not isinstance(head, MeasuredQuantity) or head.reference is None or answer.value is None:
        return None
    age_years = prepared.patient_age_years if isinstance(prepared, Prepared) else None
    return None if age_years is None else answer.value - age_years


def not_eligible_row(source: str, identity: Identity, model: ServedModel, *, reason: str) -> ResultRow:
    """Make the row of an input that the model's recipe does not accept."""
    return _row(source, identity, model, status=Status.NOT_ELIGIBLE, reason=reason)


def repeated_row(row: ResultRow) -> ResultRow:
    """Take the answer out of the row of an instance that was scored before in the same run."""
    answer = ("value", "unit", "call", "operating_point", "finding", "age_gap_years", "summary")
    values = ("positive_predictive_value", "negative_predictive_value", "at_prevalence")
    nothing = dict.fromkeys((*answer, *values))
    return row.model_copy(
        update={
            **nothing,
            **dict.fromkeys(("members", "outcomes", "measurements", "remarks"), ()),
            "status": Status.NOT_ELIGIBLE,
            "reason": REPEATED,
        }
    )


def failed_row(source: str, identity: Identity, model: ServedModel, *, error: TricorderError) -> ResultRow:
    """Make the row of an input that is broken, or that the server or the model failed on."""
    return _row(source, identity, model, status=Status.FAILED, reason=str(error), retryable=error.retryable)


def _row(source: str, identity: Identity, model: ServedModel, **found: object) -> ResultRow:
    weights = model.contract.weights
    fields: dict[str, object] = dict.fromkeys(ResultRow.model_fields)
    fields |= {
        "retryable": False,
        "members": (),
        "outcomes": (),
        "measurements": (),
        "remarks": (),
        "source_series": (),
        "source": source,
        "model": model.name,
        "version": model.version,
    }
    fields |= {"contract_sha256": model.contract_sha256, "model_sha256": weights.model_sha256}
    fields |= {"demonstration": weights.demonstration}
    fields |= {
        "study_instance_uid": identity.study_instance_uid,
        "series_instance_uid": identity.series_instance_uid,
        "sop_instance_uid": identity.sop_instance_uid,
    }
    return ResultRow.model_validate(fields | found)
