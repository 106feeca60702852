"""The figures of the parity gate beside what the spec tolerates of each."""

from dataclasses import dataclass

from specs.head import FindingTolerances, QuantityTolerances, Tolerances
from specs.outcome import OutcomeTolerances
from specs.volume_figures import OrganParity, PerfusionParity
from specs.volume_head import OrganTolerances, PerfusionTolerances
from specs.weights import FindingParity, OutcomeParity, Parity, QuantityParity

_SHIFT = "the largest shift of a probability"


@dataclass(frozen=True, kw_only=True)
class ToleratedFigure:
    """One figure, named as people read it; of a finding without a unit, of a quantity in its unit."""

    name: str
    measured: float
    tolerated: float


def tolerated_figures(figures: Parity, tolerances: Tolerances) -> tuple[ToleratedFigure, ...]:
    """Pair the figures of a variant with the tolerances of its spec.

    Raises:
        TypeError: they are of different kinds of head.
    """
    return tuple(
        ToleratedFigure(name=name, measured=measured, tolerated=tolerated)
        for name, measured, tolerated in _pairs(figures, tolerances)
    )


def _pairs(figures: Parity, tolerances: Tolerances) -> tuple[tuple[str, float, float], ...]:
    match figures, tolerances:
        case FindingParity(), FindingTolerances():
            return (
                (_SHIFT, figures.probability_shift, tolerances.probability_shift),
                ("the share of flipped calls", figures.flipped_share, tolerances.flipped_share),
                ("the change of the AUC", figures.auc_change, tolerances.auc_change),
            )
        case QuantityParity(), QuantityTolerances():
            error = figures.mean_absolute_error_change, tolerances.mean_absolute_error_change
            return (
                ("the largest shift of a value", figures.value_shift, tolerances.value_shift),
                ("the change of the mean absolute error", *error),
            )
        case PerfusionParity(), PerfusionTolerances():
            return (
                ("the largest shift of a segment", figures.segment_shift_percent, tolerances.segment_shift_percent),
            )
        case OrganParity(), OrganTolerances():
            counts = figures.heart_counts_shift, tolerances.heart_counts_shift
            return (
                ("the largest loss of Dice", figures.dice_loss, tolerances.dice_loss),
                ("the largest shift of the heart's counts, a share", *counts),
            )
        case OutcomeParity(), OutcomeTolerances():
            return (
                (_SHIFT, figures.probability_shift, tolerances.probability_shift),
                ("the error of the sum of a patient's probabilities", figures.sum_error, tolerances.sum_error),
            )
        case _:
            raise TypeError(f"{figures.kind} figures do not go with {tolerances.kind} tolerances")
