"""Fidelity: what every variant of the committed models answers on held-out phantoms, against the original.

tricorder bench fidelity --model mitral_regurgitation xray_age --out benchmarks/records/fidelity.json

The original is the committed fp32 ONNX file in ONNX Runtime. Each engine and precision that `tricorder variants` knows
goes through its gate first, on phantoms that are not compared here; what passes is asked about the held-out ones. A
real Triton serves the original and every variant. Needs the training tools.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, assert_never

from pydantic import Field

from benchmarks.scenario import deliver_measured, positive_count, scenario_parser
from benchmarks.served import Conditions, ServedEntry
from specs import SPECS
from specs.declared import Declared
from specs.deployment import Engine, Precision
from specs.ensemble import CompoundSpec
from specs.recipe import FrontalChestRadiograph
from specs.weights import FindingParity, QuantityParity
from tricorder.data_option import FEWEST_TRAINING_PHANTOMS
from tricorder.training_extra import require_training_extra
from tricorder.variants import COMPARED_PHANTOMS, IMAGE_MODELS

NEAR = 0.1
"""A probability is near an operating point that is at most so far away, unit 1."""

ONE_NEAR_IN = 10
"""At least one in so many of the chosen phantoms lies near the operating point."""


class Limit(Declared):
    """The most that one figure of a variant may be; of a finding without a unit, of a quantity in its unit."""

    figure: str
    measured: float
    tolerated: float

    @property
    def is_met(self) -> bool:
        """Whether the figure is no larger."""
        return self.measured <= self.tolerated


class FindingFidelity(Declared):
    """A variant of a finding model against the original; the AUC is that on the chosen phantoms, unit 1."""

    kind: Literal["finding"] = "finding"
    entry: ServedEntry = Field(description="The variant, as it was served.")
    parity: FindingParity
    flips: int = Field(ge=0, description="Calls that differ at the operating point.")
    stated_tolerance: float = Field(
        description="Of the shift of a probability in this precision; no call may flip farther from the threshold."
    )
    original_auc: float
    variant_auc: float
    limits: tuple[Limit, ...]


class QuantityFidelity(Declared):
    """A variant of a quantity's model against the original, in the unit of the quantity."""

    kind: Literal["quantity"] = "quantity"
    entry: ServedEntry = Field(description="The variant, as it was served.")
    parity: QuantityParity
    stated_tolerance: float = Field(description="Of the shift of a value in this precision.")
    original_error: float = Field(description="Mean absolute error on the chosen phantoms.")
    variant_error: float = Field(description="The same of the variant.")
    limits: tuple[Limit, ...]


class Refused(Declared):
    """The gate refused the variant, so nobody can be served with it."""

    kind: Literal["refused"] = "refused"
    reason: str


class VariantFidelity(Declared):
    """One engine and precision."""

    engine: Engine
    precision: Precision
    found: Annotated[FindingFidelity | QuantityFidelity | Refused, Field(discriminator="kind")]

    @property
    def verdict(self) -> str:
        """Whether every limit is met, as people read it."""
        match self.found:
            case FindingFidelity() | QuantityFidelity():
                missed = [limit.figure for limit in self.found.limits if not limit.is_met]
                return f"beyond: {', '.join(missed)}" if missed else "all met"
            case Refused():
                return "refused by the gate"
            case _:
                assert_never(self.found)


class HeldOut(Declared):
    """Which held-out phantoms were compared: how many were looked at, how many of them chosen, and by which rule."""

    data_set: str
    seed: int
    drawn: int = Field(gt=0, description="Answered by the original, from number 0 on.")
    chosen: int = Field(gt=0)
    near: int | None = Field(description="Chosen ones near the operating point; None of a quantity.")
    rule: str

    @property
    def are_enough_near(self) -> bool:
        """Whether the share is as large as is wanted."""
        return self.near is None or self.near * ONE_NEAR_IN >= self.chosen


class ModelFidelity(Declared):
    """One model."""

    entry: ServedEntry = Field(description="The original, as it was served.")
    unit: str
    threshold: float | None = Field(description="Operating point, unit 1; None of a quantity.")
    held_out: HeldOut
    variants: tuple[VariantFidelity, ...]


class FidelityRecord(Declared):
    """One run of the scenario."""

    scenario: str = "fidelity"
    conditions: Conditions
    gate_phantoms: int = Field(description="On so many of another part the gate compares.")
    models: tuple[ModelFidelity, ...]


@dataclass(frozen=True, kw_only=True)
class FidelityPlan:
    """What a run of the scenario does.

    Attributes:
        models: Their names.
        count: Held-out phantoms of each that are chosen whatever is answered.
        gate_phantoms: On so many the gate compares.
        variants: Engines and precisions; None for all that there are.
    """

    models: tuple[str, ...]
    count: int
    gate_phantoms: int = COMPARED_PHANTOMS
    variants: tuple[tuple[Engine, Precision], ...] | None = None


def radiograph_models() -> tuple[str, ...]:
    """Name the models of radiographs that are no members of another."""
    members = {member.model for spec in SPECS.values() if isinstance(spec, CompoundSpec) for member in spec.members}
    radiographs = (name for name, spec in IMAGE_MODELS.items() if isinstance(spec.recipe, FrontalChestRadiograph))
    return tuple(name for name in radiographs if name not in members)


def _phantom_count(text: str) -> int:
    count = positive_count(text)
    if count < FEWEST_TRAINING_PHANTOMS:
        raise argparse.ArgumentTypeError(f"{count} phantoms are too few; accepted: {FEWEST_TRAINING_PHANTOMS} or more")
    return count


def _parser() -> argparse.ArgumentParser:
    parser = scenario_parser(__doc__)
    models = radiograph_models()
    parser.add_argument(
        "--model",
        dest="models",
        nargs="+",
        default=models,
        choices=sorted(IMAGE_MODELS),
        metavar="NAME",
        help=f"models, of radiographs or other images (default: {' '.join(models)})",
    )
    parser.add_argument(
        "--count",
        type=_phantom_count,
        default=2000,
        metavar="N",
        help="held-out phantoms of each model; where too few of them lie near the operating point, others that do are "
        "added (default: %(default)s)",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line.

    Raises:
        TrainingExtraMissing: the training tools are not here.
    """
    given = _parser().parse_args(arguments)
    require_training_extra(what="Making the variants needs")
    from benchmarks.fidelity_run import measure

    plan = FidelityPlan(models=tuple(dict.fromkeys(given.models)), count=given.count)
    deliver_measured(measure, plan, given.out)


if __name__ == "__main__":
    main()
