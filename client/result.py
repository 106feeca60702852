"""One result row: one input scored, or not, by one model."""

from enum import StrEnum

from client.engine import ServedModel
from client.interpretation import Answer
from evaluation.interval import Interval
from preprocessing import Identity
from specs.coding import CodedConcept
from specs.declared import Declared
from specs.errors import TricorderError


class Status(StrEnum):
    """What became of an input: scored, correctly refused, or failed."""

    SCORED = "scored"
    NOT_ELIGIBLE = "not_eligible"
    FAILED = "failed"


class PredictiveValue(Declared):
    """A predictive value with its 95 % Clopper-Pearson interval, unit 1."""

    estimate: float
    lower: float
    upper: float

    @classmethod
    def of(cls, interval: Interval | None) -> "PredictiveValue | None":
        """Take over an interval; None stays None."""
        if interval is None:
            return None
        return cls(estimate=interval.estimate, lower=interval.lower, upper=interval.upper)


class ResultRow(Declared):
    """What is printed, written and counted. A value stands here only where `status` is scored.

    `source` is the path relative to the argument that named it. The predictive values come from the served
    weights' counts on their validation set, at that set's prevalence.
    """

    source: str
    study_instance_uid: str | None
    series_instance_uid: str | None
    sop_instance_uid: str | None
    model: str
    version: int | None
    status: Status
    value: float | None
    unit: str | None
    call: str | None
    operating_point: float | None
    reason: str | None
    contract_sha256: str | None
    model_sha256: str | None
    demonstration: bool | None
    finding: CodedConcept | None
    positive_predictive_value: PredictiveValue | None
    negative_predictive_value: PredictiveValue | None
    retryable: bool = False


def scored_row(source: str, identity: Identity, model: ServedModel, answer: Answer) -> ResultRow:
    """Make the row of an input that was scored."""
    return _row(
        source,
        identity,
        model,
        status=Status.SCORED,
        value=answer.value,
        unit=answer.unit,
        call=answer.call,
        operating_point=answer.operating_point,
        finding=answer.finding,
        positive_predictive_value=PredictiveValue.of(answer.positive_predictive_value),
        negative_predictive_value=PredictiveValue.of(answer.negative_predictive_value),
    )


def refused_row(source: str, identity: Identity, model: ServedModel, *, reason: str) -> ResultRow:
    """Make the row of an input that the model's recipe does not accept."""
    return _row(source, identity, model, status=Status.NOT_ELIGIBLE, reason=reason)


def failed_row(source: str, identity: Identity, model: ServedModel, *, error: TricorderError) -> ResultRow:
    """Make the row of an input that is broken, or that the server or the model failed on."""
    return _row(source, identity, model, status=Status.FAILED, reason=str(error), retryable=error.retryable)


def _row(source: str, identity: Identity, model: ServedModel, **found: object) -> ResultRow:
    weights = model.contract.weights
    fields: dict[str, object] = dict.fromkeys(ResultRow.model_fields)
    fields |= {"retryable": False, "source": source, "model": model.name, "version": model.version}
    fields |= {"contract_sha256": model.contract_sha256, "model_sha256": weights.model_sha256}
    fields |= {"demonstration": weights.demonstration}
    fields |= {
        "study_instance_uid": identity.study_instance_uid,
        "series_instance_uid": identity.series_instance_uid,
        "sop_instance_uid": identity.sop_instance_uid,
    }
    return ResultRow.model_validate(fields | found)
