"""The largest shift of an answer: what a spec tolerates, what a gate measured, in the unit of the head."""

from typing import assert_never

from specs.head import FindingTolerances, QuantityTolerances
from specs.model import ModelSpec, NetworkSpec
from specs.outcome import OutcomeTolerances
from specs.volume_figures import OrganParity, PerfusionParity
from specs.volume_head import OrganTolerances, PerfusionTolerances
from specs.weights import FindingParity, OutcomeParity, Parity, QuantityParity


def tolerated_shift(spec: ModelSpec) -> float:
    """Return the largest shift that the spec tolerates."""
    match spec.tolerances:
        case FindingTolerances(probability_shift=shift) | QuantityTolerances(value_shift=shift):
            return shift
        case OutcomeTolerances(probability_shift=shift):
            return shift
        case PerfusionTolerances(segment_shift_percent=shift) | OrganTolerances(dice_loss=shift):
            return shift
        case _:
            assert_never(spec.tolerances)


def measured_shift(figures: Parity) -> float:
    """Return the largest shift that was measured."""
    match figures:
        case FindingParity(probability_shift=shift) | QuantityParity(value_shift=shift):
            return shift
        case OutcomeParity(probability_shift=shift):
            return shift
        case PerfusionParity(segment_shift_percent=shift) | OrganParity(dice_loss=shift):
            return shift
        case _:
            assert_never(figures)


def tolerating(spec: NetworkSpec, *, shift: float) -> NetworkSpec:
    """Return a spec that tolerates another shift."""
    name = "probability_shift" if isinstance(spec.tolerances, FindingTolerances) else "value_shift"
    return spec.model_copy(update={"tolerances": spec.tolerances.model_copy(update={name: shift})})
