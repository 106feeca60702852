"""Heads whose answer is a volume, declared as data."""

from typing import Literal

from pydantic import Field, model_validator

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.myocardial_segments import PolarMapRules
from specs.perfusion_scores import ScoreRules
from specs.tensors import Tensor


class VirtualPerfusion(Declared):
    """The perfusion that PET would show, computed from SPECT: a share of the uptake of healthy wall.

    `perfusion`, axes (state, slice, row, column) as the input's, stress first, has unit 1. Values of segments are % of
    each patient's highest one.
    """

    kind: Literal["virtual_perfusion"] = "virtual_perfusion"
    perfusion: Tensor
    polar_map: PolarMapRules
    scores: ScoreRules
    unit: Literal["%"] = "%"

    @property
    def answer(self) -> Tensor:
        """The tensor of the answer itself."""
        return self.perfusion

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Every output tensor of the model, the answer first."""
        return (self.perfusion,)

    @property
    def activation_map(self) -> None:
        """None: the answer itself is a picture."""
        return None


class LabeledOrgan(Declared):
    """One organ of a label volume."""

    name: Literal["heart", "lungs", "liver"]
    label: int = Field(gt=0, description="Value of its voxels.")
    most_parts: int = Field(gt=0, description="How many of its connected parts are kept, the largest ones.")
    concept: CodedConcept


class OrganLabels(Declared):
    """Which organ each voxel belongs to, or none, at each time.

    `labels`, axes (time, slice, row, column) as the input's, early first: 0 for none, else the label of an organ.
    """

    kind: Literal["organ_labels"] = "organ_labels"
    labels: Tensor
    organs: tuple[LabeledOrgan, ...] = Field(min_length=1)
    unit: Literal["1"] = "1"

    @model_validator(mode="after")
    def _labels_are_distinct(self) -> "OrganLabels":
        if [organ.label for organ in self.organs] != list(range(1, len(self.organs) + 1)):
            raise ValueError("the labels of the organs do not count from 1")
        if sorted(organ.name for organ in self.organs) != ["heart", "liver", "lungs"]:
            raise ValueError("heart, lungs and liver are not labeled once each")
        return self

    @property
    def answer(self) -> Tensor:
        """The tensor of the answer itself."""
        return self.labels

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Every output tensor of the model, the answer first."""
        return (self.labels,)

    @property
    def activation_map(self) -> None:
        """None: the answer itself is a picture."""
        return None


VolumeHead = VirtualPerfusion | OrganLabels
"""The heads of models whose answer is a volume."""


class PerfusionTolerances(Declared):
    """How far a variant of a perfusion model may be from its fp32 PyTorch original on the parity set."""

    kind: Literal["perfusion"] = "perfusion"
    segment_shift_percent: float = Field(
        gt=0, description="Largest absolute shift of a segment, in % of the patient's highest one."
    )


class OrganTolerances(Declared):
    """How far a variant of an organ model may be from its fp32 PyTorch original on the parity set."""

    kind: Literal["organs"] = "organs"
    dice_loss: float = Field(gt=0, lt=1, description="Most that the Dice of the two label volumes may be below 1.")
    heart_counts_shift: float = Field(
        gt=0, lt=1, description="Largest shift of the mean counts of the heart, as a share of them."
    )
