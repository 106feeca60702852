"""From output tensors to what they mean, by the head of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from client.engine import ServedModel, TensorValue
from client.errors import ContractError, OutputError
from client.outcomes import ClassifierRisks, classifier_risks
from evaluation.interval import Interval
from evaluation.operating_points import is_positive
from evaluation.predictive_values import PredictiveValues, predictive_values
from evaluation.proportions import call_figures
from specs.classifier import ClassifierSpec
from specs.coding import CodedConcept
from specs.declared import Declared
from specs.ensemble import EnsembleSpec
from specs.head import FindingProbability, Head, MeasuredQuantity
from specs.model import NetworkSpec
from specs.outcome import OutcomeProbabilities, OutcomeTolerances
from specs.stacking import StackedSpec
from specs.tabular import TabularSpec
from specs.tensors import Tensor
from specs.volume import VolumeSpec
from specs.volume_head import OrganLabels, VirtualPerfusion, VolumeHead
from specs.weights import ConfusionCounts, FindingPerformance

HeatMap = NDArray[np.float32]
"""Evidence for a finding at each place, in the head's `map_unit`; for a quantity how far, in its unit, the place pulls
either way from the value: our choice. Axes (row, column) over the whole input tensor, of several views (view, row,
column)."""


class Call(StrEnum):
    """What a probability means at the operating point."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class MemberValue(Declared):
    """What one member of an ensemble says, in the unit of the ensemble's own value.

    `title` is what its probability is of, where that is another thing than the ensemble's.
    """

    model: str
    value: float
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model says of one study.

    `value` in `unit`; `call` is None for a regression. The predictive values are those of the studies on which
    the operating point was chosen, which flatters them, at the prevalence there; `at_prevalence` holds them at the
    prevalence that was asked for.
    `volume` is the answer of a model that answers with one, in the type and shape of its tensor; it has no `value`.
    `members` is empty for a model that is no ensemble. A model of several outcomes has no one value: `outcomes` holds
    what each of its classifiers says, the answer first.
    """

    value: float | None
    unit: str | None
    call: Call | None = None
    operating_point: float | None = None
    finding: CodedConcept | None = None
    positive_predictive_value: Interval | None = None
    negative_predictive_value: Interval | None = None
    at_prevalence: PredictiveValues | None = None
    heat_map: HeatMap | None = None
    members: tuple[MemberValue, ...] = ()
    outcomes: tuple[ClassifierRisks, ...] = ()
    volume: TensorValue | None = None


def wanted_outputs(model: ServedModel, *, heat_map: bool) -> tuple[str, ...]:
    """Name the outputs to ask for; a map only where somebody wants it."""
    head = model.contract.spec.head
    unwanted = None if heat_map else head.activation_map
    return tuple(tensor.name for tensor in model.contract.spec.outputs if tensor != unwanted)


def interpret(model: ServedModel, outputs: Mapping[str, TensorValue], *, prevalence: float | None = None) -> Answer:
    """Check and read the outputs of one study.

    Args:
        model: The model that gave them.
        outputs: Tensors by name, each with a batch axis of 1.
        prevalence: Share of the people scored who have the finding, unit 1, between 0 and 1 without either; None
            where the predictive values at it are not asked for. Models without a finding do not heed it.

    Raises:
        ContractError: the weights record lacks what a head of its kind needs.
        OutputError: an output is missing, of another shape or type, not finite, or outside its range.
    """
    head = model.contract.spec.head
    match head:
        case FindingProbability():
            return _finding(model, head, outputs, prevalence=prevalence)
        case MeasuredQuantity():
            return _quantity(head, outputs)
        case OutcomeProbabilities():
            return _outcomes(model, head, outputs)
        case VirtualPerfusion() | OrganLabels():
            return Answer(value=None, unit=None, volume=_volume(head, outputs))
        case _:
            assert_never(head)


def _finding(
    model: ServedModel, head: FindingProbability, outputs: Mapping[str, TensorValue], *, prevalence: float | None
) -> Answer:
    probability = _probability(head.probability, float(_checked(head.probability, outputs)[0]))
    performance = model.contract.weights.performance
    if not isinstance(performance, FindingPerformance):
        raise ContractError(model=model.name, what="its weights record has no operating point")
    point = performance.operating_point
    figures = call_figures(point.counts)
    return Answer(
        value=probability,
        unit=head.unit,
        call=Call.POSITIVE if is_positive(probability, point.threshold) else Call.NEGATIVE,
        operating_point=point.threshold,
        finding=head.finding,
        positive_predictive_value=figures.positive_predictive_value,
        negative_predictive_value=figures.negative_predictive_value,
        at_prevalence=None if prevalence is None else _at_prevalence(model, point.counts, prevalence),
        heat_map=_heat_map(head, outputs),
        members=_members(model, outputs),
    )


def _at_prevalence(model: ServedModel, counts: ConfusionCounts, prevalence: float) -> PredictiveValues:
    try:
        return predictive_values(counts, prevalence=prevalence)
    except ValueError as problem:
        raise ContractError(model=model.name, what=str(problem)) from None


def _members(model: ServedModel, outputs: Mapping[str, TensorValue]) -> tuple[MemberValue, ...]:
    spec = model.contract.spec
    match spec:
        case NetworkSpec() | ClassifierSpec() | VolumeSpec() | TabularSpec():
            return ()
        case EnsembleSpec() | StackedSpec():
            probabilities = _checked(spec.member_probabilities, outputs)
            return tuple(
                MemberValue(
                    model=member.model, value=_probability(spec.member_probabilities, value), title=member.title
                )
                for member, value in zip(spec.members, probabilities.tolist(), strict=True)
            )
        case _:
            assert_never(spec)


def _probability(tensor: Tensor, value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise OutputError(tensor=tensor.name, what=f"{value:g}", accepted="0 to 1")
    return value


def _quantity(head: MeasuredQuantity, outputs: Mapping[str, TensorValue]) -> Answer:
    value = float(_checked(head.value, outputs)[0])
    if not head.lowest <= value <= head.highest:
        raise OutputError(
            tensor=head.value.name, what=f"{value:g} {head.unit}", accepted=f"{head.lowest:g} to {head.highest:g}"
        )
    heat_map = _heat_map(head, outputs)
    return Answer(
        value=value,
        unit=head.unit,
        finding=head.quantity,
        heat_map=None if heat_map is None else np.abs(heat_map - heat_map.mean()),
    )


def _outcomes(model: ServedModel, head: OutcomeProbabilities, outputs: Mapping[str, TensorValue]) -> Answer:
    tolerances = model.contract.spec.tolerances
    if not isinstance(tolerances, OutcomeTolerances):
        raise ContractError(model=model.name, what="its tolerances are not those of outcomes")
    risks = [
        classifier_risks(
            head,
            classifier,
            _checked(classifier.probabilities, outputs),
            sum_error=tolerances.sum_error,
        )
        for classifier in head.classifiers
    ]
    return Answer(value=None, unit=None, outcomes=tuple(risks))


def _volume(head: VolumeHead, outputs: Mapping[str, TensorValue]) -> TensorValue:
    volume = _typed(head.answer, outputs)
    match head:
        case VirtualPerfusion():
            accepted, is_within = "0 and up", bool((volume >= 0).all())
        case OrganLabels():
            accepted, is_within = f"0 to {len(head.organs)}", bool((volume <= len(head.organs)).all())
        case _:
            assert_never(head)
    if not is_within:
        raise OutputError(tensor=head.answer.name, what="a value out of range", accepted=accepted)
    return volume


def _heat_map(head: Head, outputs: Mapping[str, TensorValue]) -> HeatMap | None:
    heat_map = head.activation_map
    return _checked(heat_map, outputs) if heat_map is not None and heat_map.name in outputs else None


def _checked(tensor: Tensor, outputs: Mapping[str, TensorValue]) -> NDArray[np.float32]:
    return _typed(tensor, outputs).astype(np.float32)


def _typed(tensor: Tensor, outputs: Mapping[str, TensorValue]) -> NDArray[Any]:
    value = outputs.get(tensor.name)
    if value is None:
        raise OutputError(tensor=tensor.name, what="missing", accepted="every output that was asked for")
    if value.shape != (1, *tensor.shape) or value.dtype != tensor.element_type:
        raise OutputError(
            tensor=tensor.name,
            what=f"{value.dtype} of shape {value.shape}",
            accepted=f"{tensor.element_type} of shape {(1, *tensor.shape)}",
        )
    checked: NDArray[Any] = value[0]
    if not np.isfinite(checked).all():
        raise OutputError(tensor=tensor.name, what="not a finite number", accepted="finite numbers")
    return checked
