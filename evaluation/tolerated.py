"""The figures of the parity gate beside what the spec tolerates of each."""

from dataclasses import dataclass

from specs.head import FindingTolerances, QuantityTolerances, Tolerances
from specs.outcome import OutcomeTolerances
from specs.weights import FindingParity, OutcomeParity, Parity, QuantityParity


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
    match figures, tolerances:
        case FindingParity(), FindingTolerances():
            return (
                ToleratedFigure(
                    name="the largest shift of a probability",
                    measured=figures.probability_shift,
                    tolerated=tolerances.probability_shift,
                ),
                ToleratedFigure(
                    name="the share of flipped calls",
                    measured=figures.flipped_share,
                    tolerated=tolerances.flipped_share,
                ),
                ToleratedFigure(
                    name="the change of the AUC", measured=figures.auc_change, tolerated=tolerances.auc_change
                ),
            )
        case QuantityParity(), QuantityTolerances():
            return (
                ToleratedFigure(
                    name="the largest shift of a value",
                    measured=figures.value_shift,
                    tolerated=tolerances.value_shift,
                ),
                ToleratedFigure(
                    name="the change of the mean absolute error",
                    measured=figures.mean_absolute_error_change,
                    tolerated=tolerances.mean_absolute_error_change,
                ),
            )
        case OutcomeParity(), OutcomeTolerances():
            return (
                ToleratedFigure(
                    name="the largest shift of a probability",
                    measured=figures.probability_shift,
                    tolerated=tolerances.probability_shift,
                ),
                ToleratedFigure(
                    name="the error of the sum of a patient's probabilities",
                    measured=figures.sum_error,
                    tolerated=tolerances.sum_error,
                ),
            )
        case _:
            raise TypeError(f"{figures.kind} figures do not go with {tolerances.kind} tolerances")
