"""How a volume becomes pictures of the whole body, declared as data."""

from enum import StrEnum

from pydantic import Field, model_validator

from specs.declared import Declared


class VerticalPlacement(StrEnum):
    """Where a volume that is not as high as the picture lies in it."""

    TOP = "top"  # its highest slice in the first row: scans start at the head and end anywhere
    CENTER = "center"


class ProjectionRules(Declared):
    """A maximum-intensity projection at one scale for every patient, so that a size is a size.

    The volume is resampled to cubes of `pixel_mm`, projected, windowed and laid on a matrix of its own size: centered
    from side to side, and as `vertical_placement` says from head to feet. What goes beyond the matrix is cut off; where
    the volume does not reach, the picture has the value of the window's lower end.
    """

    rows: int = Field(gt=0, description="Rows of the picture: head to feet.")
    columns: int = Field(
        gt=0,
        multiple_of=2,
        description="Columns of the picture: patient's right to left, or front to back; an even number, so that a "
        "mirrored volume gives the mirrored picture.",
    )
    pixel_mm: float = Field(
        gt=0, description="Edge of the cubes that are projected, and so of the picture's pixels, mm."
    )
    lower_suv: float = Field(description="SUV that is shown as 0, as is everything below.")
    upper_suv: float = Field(description="SUV that is shown as the greatest value, as is everything above.")
    vertical_placement: VerticalPlacement = Field(
        description="Where a volume that is not as high as the picture lies in it."
    )

    @model_validator(mode="after")
    def _is_window(self) -> "ProjectionRules":
        if self.lower_suv >= self.upper_suv:
            raise ValueError("lower_suv must be below upper_suv")
        return self
