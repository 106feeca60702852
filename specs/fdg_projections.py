"""How an FDG PET series becomes two projections of the whole body, declared as data."""

from typing import Literal

from pydantic import Field, model_validator

from specs.declared import Declared
from specs.projection import ProjectionRules, VerticalPlacement
from specs.series import PET_SERIES, SeriesRules
from specs.tensors import ElementType, Tensor
from specs.tracer import FDG, TracerRules
from specs.uptake import FDG_UPTAKE, UptakeRules


class FdgProjections(Declared):
    """The frontal and the lateral maximum-intensity projection of one FDG PET series of a study, in SUV body weight."""

    kind: Literal["fdg_projections"] = "fdg_projections"
    pixels: Tensor = Field(description="Input tensor, axes (view, row, column); the frontal view first.")
    series: SeriesRules
    tracer: TracerRules
    uptake: UptakeRules
    projection: ProjectionRules

    @model_validator(mode="after")
    def _tensor_is_of_the_projections(self) -> "FdgProjections":
        if self.pixels.shape != (2, self.projection.rows, self.projection.columns):
            raise ValueError("the tensor is not of two projections")
        return self

    @property
    def input(self) -> Tensor:
        """The input tensor."""
        return self.pixels


FDG_PROJECTIONS_256 = FdgProjections(
    pixels=Tensor(name="pixels", element_type=ElementType.UINT8, shape=(2, 256, 128)),
    series=PET_SERIES,
    tracer=FDG,
    uptake=FDG_UPTAKE,
    projection=ProjectionRules(
        rows=256,
        columns=128,
        pixel_mm=4.0,
        lower_suv=0.0,
        upper_suv=10.0,
        vertical_placement=VerticalPlacement.TOP,
    ),
)
"""Head to mid-thigh at the resolution of a PET scanner: 1,024 x 512 mm.

Size and window of the source are not known: our choice. An SUV of 10 is above the liver's (2 to 3) and most
mediastinal blood, so that lesions keep their contrast; brain and bladder saturate.
"""
