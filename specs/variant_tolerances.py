"""How far a variant may be from the fp32 file that it was made of.

The tolerances of a spec are those of one and the same arithmetic on two engines. A lower precision rounds coarsely, so
it has tolerances of its own, which are no part of a contract: they decide what is written, not how it is used.
"""

from typing import assert_never

from specs.deployment import Precision
from specs.head import FindingTolerances, QuantityTolerances, Tolerances
from specs.model import ModelSpec
from specs.outcome import OutcomeTolerances
from specs.volume_head import OrganTolerances, PerfusionTolerances

FINDING = FindingTolerances(probability_shift=0.05, flipped_share=0.005, auc_change=0.002)
"""Our choice. A call flips only where the original was nearer to the operating point than the largest shift."""

QUANTITY = QuantityTolerances(value_shift=1.0, mean_absolute_error_change=0.1)
"""Our choice, in the unit of the quantity (% of ejection fraction, years of X-ray age): the errors of the published
models are about five of either."""


def variant_tolerances(spec: ModelSpec, precision: Precision) -> Tolerances:
    """Return what a variant of a precision is held to; of fp32, and of volumes and outcomes, the spec's own."""
    if precision is Precision.FP32:
        return spec.tolerances
    match spec.tolerances:
        case FindingTolerances():
            return FINDING
        case QuantityTolerances():
            return QUANTITY
        case OutcomeTolerances() | PerfusionTolerances() | OrganTolerances():
            return spec.tolerances
        case _:
            assert_never(spec.tolerances)
