"""How a cardiac MIBG study becomes an early and a late volume, declared as data."""

from typing import Literal

from pydantic import Field, model_validator

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
from specs.series import CARDIAC_SPECT_SERIES, SeriesRules
from specs.tensors import ElementType, Tensor
from specs.tracer import MIBG, TracerRules


class VolumeGrid(Declared):
    """The array of a volume in patient axes: feet to head, front to back, right to left, about the middle of the body.

    The middle of the array is the middle of the image's own volume.
    """

    slices: int = Field(gt=0)
    rows: int = Field(gt=0)
    columns: int = Field(gt=0)
    spacing_mm: float = Field(gt=0, description="Between slices, rows and columns.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of slices, rows and columns."""
        return self.slices, self.rows, self.columns

    @property
    def sides_mm(self) -> tuple[float, float, float]:
        """Distances of slices, rows and columns."""
        return self.spacing_mm, self.spacing_mm, self.spacing_mm


class CountScale(Declared):
    """How the counts of a volume become whole numbers: each volume by its own level, as square roots.

    A level that most of the body is below says nothing of liver, thyroid or bladder, however hot they are; and noise
    grows as the square root of the counts, so that it is everywhere alike in their square roots.
    """

    level_quantile: float = Field(gt=0, lt=1, description="Quantile of all counts of a volume that is its level.")
    largest_level: float = Field(
        gt=1, description="How many times the level the tensor's largest value stands for; what is above is cut off."
    )


class MibgVolumes(Declared):
    """The early and the late SPECT volume of one cardiac 123I-MIBG study, and its planar images where it has them.

    Early and late are told apart by the time from the injection to the acquisition alone. A volume is one image of many
    frames. An image of the tracer whose time cannot be known is refused with its study; one at another time plays no
    part.
    """

    kind: Literal["mibg_volumes"] = "mibg_volumes"
    counts: Tensor = Field(
        description="Input tensor, axes (time, slice, row, column): early first; feet to head, front to back, right to "
        "left."
    )
    scale: CountScale
    series: SeriesRules
    tracer: TracerRules
    grid: VolumeGrid
    least_extent_mm: tuple[float, float, float] = Field(
        description="Least size of a volume that shows the heart with lungs and liver, by slice, row and column, mm."
    )
    count_rules: CountRules
    alignment: AlignmentRules
    reference: ReferenceRules
    planar: PlanarRules
    collimators: tuple[Collimator, ...]

    @model_validator(mode="after")
    def _tensor_is_of_the_volumes(self) -> "MibgVolumes":
        if self.counts.shape != (2, *self.grid.shape):
            raise ValueError("the tensor is not of two volumes")
        return self

    @property
    def input(self) -> Tensor:
        """The input tensor."""
        return self.counts


MIBG_SERIES = CARDIAC_SPECT_SERIES.model_copy(update={"oblique": Policy.REFUSE, "preferred_corrections": ("ATTN",)})
"""Transverse, sagittal or coronal slices; short-axis ones of the same acquisition are oblique and no second volume.
Where both times are there with and without a correction for attenuation, those with it are taken: our choice."""

_GRID = VolumeGrid(slices=48, rows=64, columns=64, spacing_mm=6.8)

MIBG_VOLUMES_48 = MibgVolumes(
    counts=Tensor(name="counts", element_type=ElementType.UINT16, shape=(2, *_GRID.shape)),
    scale=CountScale(level_quantile=0.9, largest_level=16.0),
    series=MIBG_SERIES,
    tracer=MIBG,
    grid=_GRID,
    least_extent_mm=(160.0, 200.0, 200.0),
    count_rules=MIBG_COUNTS,
    alignment=MIBG_ALIGNMENT,
    reference=MIBG_REFERENCE,
    planar=MIBG_PLANAR,
    collimators=COLLIMATORS,
)
"""Our choice throughout. Voxels of 64 x 64 SPECT of the heart have sides of 6 to 7 mm; this grid covers 326 mm of the
body's height and 435 mm of its width."""
