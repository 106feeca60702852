"""Heads: what the output of a model means, declared as data."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.outcome import OutcomeProbabilities, OutcomeTolerances
from specs.tensors import Tensor
from specs.volume_head import OrganTolerances, PerfusionTolerances, VolumeHead


class LargestYouden(Declared):
    """Operating point where sensitivity + specificity - 1 is largest on the validation part.

    Source:
        Youden WJ, Cancer 1950;3:32-35. That the published models chose theirs so is not known: our choice.
    """

    kind: Literal["largest_youden"] = "largest_youden"


class LeastSensitivity(Declared):
    """Operating point with the largest specificity of those that are sensitive enough, on the set that chooses it."""

    kind: Literal["least_sensitivity"] = "least_sensitivity"
    sensitivity: float = Field(gt=0, le=1)


class LeastSpecificity(Declared):
    """Operating point with the largest sensitivity of those that are specific enough, on the set that chooses it."""

    kind: Literal["least_specificity"] = "least_specificity"
    specificity: float = Field(gt=0, le=1)


OperatingPointPolicy = Annotated[LargestYouden | LeastSensitivity | LeastSpecificity, Field(discriminator="kind")]
"""The closed union of policies; a consumer matches on it and ends in `assert_never`."""


class MapUnit(StrEnum):
    """What the numbers of a finding's map are; `meaning` says it in words."""

    LOG_ODDS = "log-odds"
    SHARE_OF_LARGEST = "share of the largest"  # maps of several networks have no common scale
    POSITIVE_LOG_ODDS = "positive log-odds"

    @property
    def meaning(self) -> str:
        """What the number at one place of the map says."""
        match self:
            case MapUnit.LOG_ODDS:
                return "each place's contribution, whose mean over all places is the log-odds of the answer"
            case MapUnit.SHARE_OF_LARGEST:
                return "positive evidence alone, as a share of that of the strongest place"
            case MapUnit.POSITIVE_LOG_ODDS:
                return "Grad-CAM: what each place adds to the log-odds of the answer, 0 where it takes away"


class FindingProbability(Declared):
    """Probability that a finding is present, with the map of where the evidence lies.

    `probability` has unit 1 and lies in [0, 1]; the call is positive from the operating point up.
    `activation_map`, axes (row, column) over the whole input tensor, of several views (view, row, column), is in
    `map_unit`.
    """

    kind: Literal["finding_probability"] = "finding_probability"
    finding: CodedConcept
    probability: Tensor
    activation_map: Tensor | None
    map_unit: MapUnit = MapUnit.LOG_ODDS
    operating_point_policy: OperatingPointPolicy
    unit: Literal["1"] = "1"

    @property
    def answer(self) -> Tensor:
        """The tensor of the answer itself."""
        return self.probability

    @property
    def map_meaning(self) -> str:
        """What the number at one place of the map says."""
        return self.map_unit.meaning

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Every output tensor of the model, the answer first."""
        return (self.probability,) if self.activation_map is None else (self.probability, self.activation_map)


class MeasuredQuantity(Declared):
    """A quantity that the model estimates, with the map of what raises and lowers it.

    `value` is in `unit`. `activation_map`, axes (row, column) over the whole input tensor, is in the same unit.
    """

    kind: Literal["measured_quantity"] = "measured_quantity"
    quantity: CodedConcept | None = Field(description="Absent where no code of a standard names it.")
    name: str = Field(description="What is measured, as people read it.")
    value: Tensor
    unit: Literal["%", "years"]
    lowest: float = Field(description="A value below is an error of the model, never shown as a result.")
    highest: float
    reference: Literal["patient_age"] | None = Field(
        default=None, description="What the study says of the same quantity; results hold the value less it."
    )
    activation_map: Tensor | None

    @property
    def answer(self) -> Tensor:
        """The tensor of the answer itself."""
        return self.value

    @property
    def map_meaning(self) -> str:
        """What the number at one place of the map says."""
        return f"each place's contribution in {self.unit}, whose mean over all places is the value"

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Every output tensor of the model, the answer first."""
        return (self.value,) if self.activation_map is None else (self.value, self.activation_map)


ImageHead = FindingProbability | MeasuredQuantity
"""The heads of models that look at an image."""

Head = Annotated[ImageHead | OutcomeProbabilities | VolumeHead, Field(discriminator="kind")]
"""The closed union of heads; a consumer matches on it and ends in `assert_never`."""


class FindingTolerances(Declared):
    """How far a variant of a finding model may be from its fp32 PyTorch original on the parity set."""

    kind: Literal["finding"] = "finding"
    probability_shift: float = Field(gt=0, lt=1, description="Largest absolute shift of a probability.")
    flipped_share: float = Field(ge=0, lt=1, description="Largest share of calls that flip at the operating point.")
    auc_change: float = Field(ge=0, lt=1, description="Largest absolute change of the AUC.")


class QuantityTolerances(Declared):
    """How far a variant of a quantity's model may be from its fp32 PyTorch original, in the unit of the quantity."""

    kind: Literal["quantity"] = "quantity"
    value_shift: float = Field(gt=0, description="Largest absolute shift of a value.")
    mean_absolute_error_change: float = Field(ge=0, description="Largest absolute change of the mean absolute error.")


Tolerances = Annotated[
    FindingTolerances | QuantityTolerances | OutcomeTolerances | PerfusionTolerances | OrganTolerances,
    Field(discriminator="kind"),
]
