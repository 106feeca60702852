"""The weights record: what training and export found, kept beside each ONNX file."""

import hashlib
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from specs.declared import Declared
from specs.deployment import Engine, Precision
from specs.head import OperatingPointPolicy
from specs.network import Preset
from specs.volume_figures import OrganParity, OrganPerformance, PerfusionParity, PerfusionPerformance

Sha256 = str
"""64 lower-case hexadecimal digits; checked where a field declares it."""

_SHA256_PATTERN = r"^[0-9a-f]{64}$"


class ConfusionCounts(Declared):
    """Calls against truth at one operating point, in studies."""

    true_positive: int = Field(ge=0)
    false_positive: int = Field(ge=0)
    true_negative: int = Field(ge=0)
    false_negative: int = Field(ge=0)

    @property
    def total(self) -> int:
        """Number of studies counted."""
        return self.true_positive + self.false_positive + self.true_negative + self.false_negative


class OperatingPoint(Declared):
    """The probability from which a call is positive, and what it does on the named set.

    PPV and NPV shown with a result come from these counts, never from a paper's.
    """

    threshold: float = Field(gt=0, lt=1, description="A call is positive from this probability up.")
    policy: OperatingPointPolicy
    data_set: str
    counts: ConfusionCounts


class Calibration(Declared):
    """How probabilities agree with outcomes on the named set; nothing is corrected by it.

    `intercept` and `slope` are those of a logistic regression of the outcome on the log-odds: 0 and 1 are ideal.

    Source:
        Cox DR, Biometrika 1958;45:562-565; Brier GW, Mon Weather Rev 1950;78:1-3.
    """

    data_set: str
    intercept: float
    slope: float
    brier_score: float = Field(ge=0, le=1)


class DataSet(Declared):
    """What the weights were fitted on; of imported weights, what whoever imported them says of it."""

    name: str
    description: str
    training_studies: int | None = Field(gt=0, description="None where it is not known: of imported weights.")
    validation_studies: int = Field(gt=0, description="Those on which the performance was measured.")
    seed: int | None = Field(description="None where it is not known: of imported weights.")
    seen_patients_sha256: Sha256 | None = Field(
        default=None,
        pattern=_SHA256_PATTERN,
        description="Digest that tells whose images these are, so that an evaluation can leave them out; none for "
        "phantoms, whose parts never share a person.",
    )


class Discrimination(Declared):
    """Area under the ROC curve on the named set, with its 95 % DeLong interval."""

    data_set: str
    auc: float = Field(ge=0, le=1)
    auc_lower: float = Field(ge=0, le=1)
    auc_upper: float = Field(ge=0, le=1)


class RiskGroup(Declared):
    """Patients on one side of a cut-off, and how many of them had the outcome."""

    patients: int = Field(ge=0)
    events: int = Field(ge=0)


class OutcomeFigures(Declared):
    """One outcome against all others, by one classifier; the groups are None where the outcome has no cut-off."""

    outcome: str
    events: int = Field(ge=0)
    discrimination: Discrimination
    calibration: Calibration
    low_risk: RiskGroup | None
    high_risk: RiskGroup | None


class ClassifierFigures(Declared):
    """What one classifier is worth, outcome by outcome."""

    classifier: str
    outcomes: tuple[OutcomeFigures, ...]


class OutcomePerformance(Declared):
    """What the weights of an outcome model are worth on their validation part."""

    kind: Literal["outcome"] = "outcome"
    data_set: str
    patients: int = Field(gt=0)
    classifiers: tuple[ClassifierFigures, ...]


class FindingPerformance(Declared):
    """What the weights of a finding model are worth on their validation part."""

    kind: Literal["finding"] = "finding"
    operating_point: OperatingPoint
    discrimination: Discrimination
    calibration: Calibration


class QuantityPerformance(Declared):
    """How far a quantity's model is from the truth on its validation part, in the unit of the quantity."""

    kind: Literal["quantity"] = "quantity"
    data_set: str
    studies: int = Field(gt=0)
    mean_absolute_error: float = Field(ge=0)
    bias: float = Field(description="Mean of value less truth.")
    error_deviation: float = Field(ge=0, description="Standard deviation of value less truth.")
    pearson_r: float = Field(ge=-1, le=1)


Performance = Annotated[
    FindingPerformance | QuantityPerformance | OutcomePerformance | PerfusionPerformance | OrganPerformance,
    Field(discriminator="kind"),
]


class FindingParity(Declared):
    """A variant against its fp32 PyTorch original, in clinical units, on the named phantoms."""

    kind: Literal["finding"] = "finding"
    engine: Engine
    data_set: str
    studies: int = Field(gt=0)
    probability_shift: float = Field(ge=0, description="Largest absolute shift of a probability.")
    flipped_share: float = Field(ge=0, le=1, description="Share of calls that flipped at the operating point.")
    flip_distance: float = Field(ge=0, description="Farthest a flipped call was from the operating point.")
    auc_change: float = Field(ge=0, description="Absolute change of the AUC.")


class QuantityParity(Declared):
    """A variant against its fp32 PyTorch original, in the unit of the quantity, on the named phantoms."""

    kind: Literal["quantity"] = "quantity"
    engine: Engine
    data_set: str
    studies: int = Field(gt=0)
    value_shift: float = Field(ge=0, description="Largest absolute shift of a value.")
    mean_absolute_error_change: float = Field(ge=0, description="Absolute change of the mean absolute error.")


class OutcomeParity(Declared):
    """The served graph against the fitted classifiers, on patients and at the split points of the trees."""

    kind: Literal["outcome"] = "outcome"
    engine: Engine
    data_set: str
    patients: int = Field(gt=0)
    split_points: int = Field(ge=0, description="Patients of the set whom one variable puts on a split or beside it.")
    probability_shift: float = Field(ge=0, description="Largest absolute shift of a probability.")
    sum_error: float = Field(ge=0, description="Largest distance of a patient's probabilities from 1 in sum.")

    @property
    def studies(self) -> int:
        """Number of patients, those on split points included."""
        return self.patients


Parity = Annotated[
    FindingParity | QuantityParity | OutcomeParity | PerfusionParity | OrganParity, Field(discriminator="kind")
]


class Provenance(Declared):
    """What made the ONNX file, for whoever wants to make it again."""

    created: AwareDatetime
    onnx_opset: int = Field(gt=0)
    onnx_ir_version: int = Field(gt=0)
    parameters: int = Field(gt=0)
    packages: dict[str, str] = Field(description="Package to version.")
    weights_sha256: Sha256 | None = Field(
        default=None,
        pattern=_SHA256_PATTERN,
        description="Of the file that the weights were imported from; None where they were trained here.",
    )


class StepWeights(Declared):
    """Which file an ensemble was measured with at one of its steps."""

    model: str
    version: int = Field(gt=0)
    model_sha256: Sha256 = Field(pattern=_SHA256_PATTERN, description="Of its ONNX file.")


def steps_sha256(steps: Iterable[StepWeights]) -> Sha256:
    """Return the digest that stands for the files of all steps, in their order."""
    return hashlib.sha256("".join(step.canonical_json() for step in steps).encode("utf-8")).hexdigest()


class SiteRecalibration(Declared):
    """How the probabilities of a version were fitted to another site, which made a new version of them.

    Log-odds are `intercept` + `slope` times those of the version named; `slope` is None where it was not fitted: it
    is 1.

    Source:
        Cox DR, Biometrika 1958;45:562-565; as an update of a model: Steyerberg EW et al., Stat Med 2004;23:2567-2586.
    """

    of_version: int = Field(gt=0)
    of_model_sha256: Sha256 = Field(
        pattern=_SHA256_PATTERN, description="Digest of that version, as its record has it."
    )
    intercept: float
    slope: float | None = Field(gt=0)
    data_set: DataSet = Field(description="What the fit is of and the operating point was chosen on.")


class Variant(Declared):
    """The engine and the precision that a version was made for, out of another version of the same weights."""

    engine: Engine
    precision: Precision
    of_version: int = Field(gt=0)
    of_model_sha256: Sha256 = Field(
        pattern=_SHA256_PATTERN, description="Digest of that version, as its record has it."
    )
    calibrated_on: str | None = Field(description="What the ranges of int8 were measured on; None of others.")


class WeightsRecord(Declared):
    """One half of a model's contract: what was found for these weights."""

    model: str
    version: int = Field(gt=0)
    preset: Preset
    demonstration: bool = Field(description="True where the weights were fitted or measured on phantoms.")
    model_sha256: Sha256 = Field(
        pattern=_SHA256_PATTERN, description="Of the ONNX file; of an ensemble, `steps_sha256` of its steps."
    )
    steps: tuple[StepWeights, ...] = Field(default=(), description="Of an ensemble: each entry that it runs, once.")
    data_set: DataSet
    performance: Performance
    parity: tuple[Parity, ...] = Field(min_length=1)
    provenance: Provenance
    recalibration: SiteRecalibration | None = Field(
        default=None,
        exclude_if=lambda value: value is None,  # so that the digests of contracts without one stay as they are
        description="None where the probabilities are as the weights give them.",
    )
    variant: Variant | None = Field(
        default=None,
        exclude_if=lambda value: value is None,  # as above
        description="None where the file is what training or import left, in fp32 for ONNX Runtime.",
    )

    @property
    def engine(self) -> Engine:
        """The engine that the file is for."""
        return Engine.ONNXRUNTIME if self.variant is None else self.variant.engine

    @property
    def precision(self) -> Precision:
        """What it computes in."""
        return Precision.FP32 if self.variant is None else self.variant.precision

    @model_validator(mode="after")
    def _digest_is_of_the_steps(self) -> Self:
        if self.steps and self.model_sha256 != steps_sha256(self.steps):
            raise ValueError("the digest of an ensemble is not that of its steps")
        return self
