"""The figures of the scenario `fidelity`, and the limits that they are held to."""

from benchmarks.fidelity import FindingFidelity, Limit, QuantityFidelity
from benchmarks.served import ServedEntry
from evaluation.discrimination import area_under_roc
from export.parity import Compared, flipped_calls, mean_absolute_error, parity_figures
from specs.head import FindingTolerances, QuantityTolerances, Tolerances
from specs.variant_tolerances import FINDING
from specs.weights import FindingParity, FindingPerformance, Performance, QuantityParity


def fidelity_figures(
    compared: Compared, performance: Performance, tolerances: Tolerances, *, entry: ServedEntry
) -> FindingFidelity | QuantityFidelity:
    """Compare a variant with its original.

    Args:
        compared: Answers of both.
        performance: Of the weights; of a finding it holds the operating point.
        tolerances: Of the variant's precision.
        entry: The variant.

    Raises:
        TypeError: performance and tolerances are not those of a finding, nor those of a quantity.
    """
    match parity_figures(compared, performance), performance, tolerances:
        case FindingParity() as parity, FindingPerformance(), FindingTolerances(probability_shift=stated):
            truth = compared.truth > 0
            flipped = flipped_calls(compared, threshold=performance.operating_point.threshold)
            return FindingFidelity(
                entry=entry,
                parity=parity,
                flips=int(flipped.sum()),
                stated_tolerance=stated,
                original_auc=area_under_roc(truth, compared.original).estimate,
                variant_auc=area_under_roc(truth, compared.variant).estimate,
                limits=_finding_limits(parity, stated),
            )
        case QuantityParity() as parity, _, QuantityTolerances(value_shift=stated, mean_absolute_error_change=change):
            return QuantityFidelity(
                entry=entry,
                parity=parity,
                stated_tolerance=stated,
                original_error=mean_absolute_error(compared.original, compared.truth),
                variant_error=mean_absolute_error(compared.variant, compared.truth),
                limits=(
                    Limit(figure="largest shift", measured=parity.value_shift, tolerated=stated),
                    Limit(figure="change of the error", measured=parity.mean_absolute_error_change, tolerated=change),
                ),
            )
        case _:
            raise TypeError("performance and tolerances are not those of one kind of head")


def _finding_limits(parity: FindingParity, stated: float) -> tuple[Limit, ...]:
    """Hold flips and AUC in every precision, fp32 too, to what is tolerated of the lower ones."""
    return (
        Limit(figure="share of flips", measured=parity.flipped_share, tolerated=FINDING.flipped_share),
        Limit(figure="farthest flip", measured=parity.flip_distance, tolerated=stated),
        Limit(figure="change of the AUC", measured=parity.auc_change, tolerated=FINDING.auc_change),
    )
