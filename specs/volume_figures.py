"""What training and export found of models that answer with a volume; the weights record holds it."""

from typing import Literal

from pydantic import Field

from specs.declared import Declared
from specs.deployment import Engine
from specs.perfusion_scores import NormalLimits


class PerfusionPerformance(Declared):
    """What the weights of a perfusion model are worth on their validation part, and what is normal by them.

    Errors are mean absolute differences from PET over all segments and both states, in % of each patient's highest
    segment. The normal limits are of the training part's people without disease.
    """

    kind: Literal["perfusion"] = "perfusion"
    data_set: str
    patients: int = Field(gt=0)
    segment_error_percent: float = Field(ge=0, description="Of virtual PET.")
    spect_segment_error_percent: float = Field(ge=0, description="Of the SPECT that it is computed from.")
    stress_limits: NormalLimits
    rest_limits: NormalLimits
    spect_stress_limits: NormalLimits
    spect_rest_limits: NormalLimits


class OrganDice(Declared):
    """How well one organ is found: the mean Dice over volumes."""

    organ: str
    dice: float = Field(ge=0, le=1)


class OrganPerformance(Declared):
    """What the weights of an organ model are worth on their validation part."""

    kind: Literal["organs"] = "organs"
    data_set: str
    patients: int = Field(gt=0)
    dice: tuple[OrganDice, ...] = Field(min_length=1)


class PerfusionParity(Declared):
    """A variant against its fp32 PyTorch original, in segments, on the named phantoms."""

    kind: Literal["perfusion"] = "perfusion"
    engine: Engine
    data_set: str
    studies: int = Field(gt=0)
    segment_shift_percent: float = Field(
        ge=0, description="Largest absolute shift of a segment, in % of the patient's highest one."
    )


class OrganParity(Declared):
    """A variant against its fp32 PyTorch original, in masks and counts, on the named phantoms."""

    kind: Literal["organs"] = "organs"
    engine: Engine
    data_set: str
    studies: int = Field(gt=0)
    dice_loss: float = Field(ge=0, le=1, description="Most that the Dice of two label volumes was below 1.")
    heart_counts_shift: float = Field(ge=0, description="Largest shift of the heart's mean counts, a share of them.")
