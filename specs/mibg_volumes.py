"""How a cardiac MIBG study becomes an early and a late volume, declared as data."""

from typing import Literal

from pydantic import Field, model_validator

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.mibg import (
    COLLIMATORS,
    MIBG_ALIGNMENT,
    MIBG_COUNTS,
    MIBG_PLANAR,
    MIBG_REFERENCE,
    AlignmentRules,
    Collimator,
    CountRules,
    PlanarRules,
    ReferenceRules,
)
from specs.policy import Policy
from specs.series import SPECT_SERIES, SeriesRules
from specs.tensors import ElementType, Tensor
from specs.tracer import TracerRules


class VolumeGrid(Declared):
    """The array of a volume in patient axes: feet to head, front to back, right to left, about the middle of the body.

    The middle of the array is the middle of the image's own volume.
    """

    slices: int = Field(gt=0)
    rows: int = Field(gt=0)
    columns: int = Field(gt=0)
    spacing_mm: float = Field(gt=0, description="Between slices, rows and columns.")


class MibgVolumes(Declared):
    """The early and the late SPECT volume of one cardiac 123I-MIBG study, and its planar images where it has them.

    A volume is scaled by itself.
    """

    kind: Literal["mibg_volumes"] = "mibg_volumes"
    counts: Tensor = Field(
        description="Input tensor, axes (time, slice, row, column): early first; feet to head, front to back, right to "
        "left."
    )
    full_scale_quantile: float = Field(
        gt=0, le=1, description="Quantile of a volume's counts that half of the tensor's largest value stands for."
    )
    series: SeriesRules
    tracer: TracerRules
    grid: VolumeGrid
    count_rules: CountRules
    alignment: AlignmentRules
    reference: ReferenceRules
    planar: PlanarRules
    collimators: tuple[Collimator, ...]

    @model_validator(mode="after")
    def _tensor_is_of_the_volumes(self) -> "MibgVolumes":
        if self.counts.shape != (2, self.grid.slices, self.grid.rows, self.grid.columns):
            raise ValueError("the tensor is not of two volumes")
        return self

    @property
    def input(self) -> Tensor:
        """The input tensor."""
        return self.counts


MIBG_TRACER = TracerRules(
    codes=(CodedConcept(value="395787009", scheme="SCT", meaning="Metaiodobenzylguanidine (^123^I)"),),
    words=("MIBG", "METAIODOBENZYLGUANIDINE", "IOBENGUANE", "ADREVIEW"),
    unknown_tracer=Policy.REFUSE,
)

_GRID = VolumeGrid(slices=48, rows=64, columns=64, spacing_mm=6.4)

MIBG_VOLUMES_48 = MibgVolumes(
    counts=Tensor(name="counts", element_type=ElementType.UINT16, shape=(2, _GRID.slices, _GRID.rows, _GRID.columns)),
    full_scale_quantile=0.999,
    series=SPECT_SERIES,
    tracer=MIBG_TRACER,
    grid=_GRID,
    count_rules=MIBG_COUNTS,
    alignment=MIBG_ALIGNMENT,
    reference=MIBG_REFERENCE,
    planar=MIBG_PLANAR,
    collimators=COLLIMATORS,
)
