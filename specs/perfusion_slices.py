"""How a myocardial perfusion SPECT study becomes short-axis slices at stress and rest, declared as data."""

from typing import Literal

from pydantic import Field, model_validator

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.left_ventricle import PERFUSED_VENTRICLE, SHORT_AXIS_48, ShortAxisGrid, VentricleRules
from specs.perfusion_pairing import PERFUSION_PAIRING, PairingRules
from specs.policy import Policy
from specs.reconstruction import CARDIAC_FILTERED_BACK_PROJECTION, ReconstructionRules
from specs.series import CARDIAC_SPECT_SERIES, SeriesRules
from specs.tensors import ElementType, Tensor
from specs.tracer import TracerRules


class PerfusionSlices(Declared):
    """Short-axis slices of the left ventricle at stress and at rest, from reconstructed slices or raw projections.

    A state is scaled by itself: 1 is the level of the brightest wall. Both states are of one form and corrected alike.
    Reconstructed slices are preferred to raw projections, and of them those that a person has reoriented. Gated
    reconstructions are refused, for what each of their gates was scaled by is not said; gated projections, which are
    counts, are summed.
    """

    kind: Literal["perfusion_slices"] = "perfusion_slices"
    slices: Tensor = Field(
        description="Input tensor, axes (state, slice, row, column): stress first; apex to base, anterior to inferior, "
        "septum to lateral wall."
    )
    largest_share: float = Field(
        gt=1, description="What the largest value of the tensor stands for, as a share of the level of the wall."
    )
    level_quantile: float = Field(
        gt=0, lt=1, description="Quantile of the voxels of the wall that is the level of the brightest wall."
    )
    series: SeriesRules
    refused_corrections: tuple[str, ...] = Field(
        description="Values of Corrected Image (0028,0051) that the model was never shown: it would correct them again."
    )
    tracer: TracerRules
    pairing: PairingRules
    reconstruction: ReconstructionRules
    ventricle: VentricleRules
    grid: ShortAxisGrid

    @model_validator(mode="after")
    def _tensor_is_of_the_slices(self) -> "PerfusionSlices":
        if self.slices.shape != (2, self.grid.slices, self.grid.rows, self.grid.columns):
            raise ValueError("the tensor is not of the slices of two states")
        return self

    @property
    def input(self) -> Tensor:
        """The input tensor."""
        return self.slices


PERFUSION_TRACER = TracerRules(
    name="tetrofosmin or sestamibi, with 99mTc",
    codes=(
        CodedConcept(value="424118002", scheme="SCT", meaning="Technetium Tc^99m^ tetrofosmin"),
        CodedConcept(value="424299003", scheme="SCT", meaning="Technetium Tc^99m^ sestamibi"),
    ),
    words=("TETROFOSMIN", "SESTAMIBI", "MIBI", "MYOVIEW", "CARDIOLITE"),
    unknown_tracer=Policy.REFUSE,
)
"""99mTc agents whose wall is bright while bowel may be too. Codes: DICOM PS3.16 CID 3111, the same as in CID 25; 201Tl,
the third there, has other energies and washes in and out: another network's input. Words and policy are our choice.
"""

PERFUSION_SLICES_48 = PerfusionSlices(
    slices=Tensor(
        name="slices",
        element_type=ElementType.UINT16,
        shape=(2, SHORT_AXIS_48.slices, SHORT_AXIS_48.rows, SHORT_AXIS_48.columns),
    ),
    largest_share=4.0,
    level_quantile=0.95,
    series=CARDIAC_SPECT_SERIES,
    refused_corrections=("ATTN",),
    tracer=PERFUSION_TRACER,
    pairing=PERFUSION_PAIRING,
    reconstruction=CARDIAC_FILTERED_BACK_PROJECTION,
    ventricle=PERFUSED_VENTRICLE,
    grid=SHORT_AXIS_48,
)
"""Largest share: liver and bowel may be brighter than the wall, seldom four times. Corrections: the source translates
SPECT without correction for attenuation. Level and the preferences among series are our choice.
"""
