"""Tables of the scenario `fidelity`: a row a variant, of findings and of quantities apart."""

from collections.abc import Iterator
from typing import assert_never

from benchmarks.fidelity import (
    NEAR,
    FidelityRecord,
    FindingFidelity,
    HeldOut,
    ModelFidelity,
    QuantityFidelity,
    Refused,
    VariantFidelity,
)
from evaluation.markdown import code, table
from tests.speed_cells import NOT_KNOWN, conditions_words

_FINDING_HEADINGS = (
    "flips", "farthest from the threshold", "largest shift (tolerated)", "AUC", "AUC of the variant", "change",
)  # fmt: skip
_QUANTITY_HEADINGS = (
    "largest shift (tolerated)", "mean absolute error", "error of the variant", "change", "unit",
)  # fmt: skip


def fidelity_text(record: FidelityRecord) -> str:
    """Return what docs/benchmarks.md shows of a record."""
    findings = [model for model in record.models if model.threshold is not None]
    quantities = [model for model in record.models if model.threshold is None]
    tables = [
        table(_rows(models, headings), "model", "variant", *headings, "limits")
        for models, headings in ((findings, _FINDING_HEADINGS), (quantities, _QUANTITY_HEADINGS))
        if models
    ]
    chosen = "".join(f"- {code(model.entry.model)}: {_chosen_words(model.held_out)}\n" for model in record.models)
    return "\n\n".join((conditions_words(record.conditions), chosen.rstrip(), *tables)) + "\n"


def _chosen_words(held_out: HeldOut) -> str:
    if held_out.near is None:
        return f"{held_out.data_set}."
    near = f"{held_out.near} of them ({held_out.near / held_out.chosen:.1%}) within {NEAR} of the operating point"
    return f"{held_out.data_set}, {near}{'.' if held_out.are_enough_near else ', which are too few.'}"


def _rows(models: list[ModelFidelity], headings: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    for model in models:
        for variant in model.variants:
            of = f"{variant.precision} for {variant.engine}"
            cells = _cells(variant, model.unit) or (NOT_KNOWN,) * len(headings)
            yield code(model.entry.model), of, *cells, variant.verdict


def _cells(variant: VariantFidelity, unit: str) -> tuple[str, ...]:
    """Write the figures of a variant; nothing of one that was refused."""
    match variant.found:
        case FindingFidelity() as found:
            parity = found.parity
            return (
                f"{found.flips} ({parity.flipped_share:.1%})",
                f"{parity.flip_distance:.2g}",
                f"{parity.probability_shift:.2g} ({found.stated_tolerance:g})",
                f"{found.original_auc:.4f}",
                f"{found.variant_auc:.4f}",
                f"{parity.auc_change:.4f}",
            )
        case QuantityFidelity() as found:
            return (
                f"{found.parity.value_shift:.2g} ({found.stated_tolerance:g})",
                f"{found.original_error:.2f}",
                f"{found.variant_error:.2f}",
                f"{found.parity.mean_absolute_error_change:.2g}",
                unit,
            )
        case Refused():
            return ()
        case _:
            assert_never(variant.found)
