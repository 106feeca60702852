"""How the left ventricle is found in cardiac SPECT and laid out in short-axis slices, declared as data."""

from pydantic import Field, model_validator

from specs.declared import Declared


class VentricleRules(Declared):
    """Sizes and shares by which the myocardium is told from what lies about it.

    The search has two steps: where a hollow ball of these radii is, then the ellipsoid of revolution that its wall
    lies on. Lengths in mm; levels are shares of the brightest wall.
    """

    smoothing_mm: float = Field(ge=0, description="FWHM of the smoothing before the search.")
    wall_radii_mm: tuple[float, ...] = Field(min_length=1, description="Radii of the hollow balls that are looked for.")
    wall_mm: float = Field(gt=0, description="Thickness of the wall as SPECT shows it.")
    reach_mm: tuple[float, float] = Field(description="From where to where the wall may be, from the center.")
    wall_level: float = Field(gt=0, lt=1, description="Level from which a place belongs to the wall.")
    least_contrast: float = Field(
        gt=0, lt=1, description="Least that the wall must be above its cavity and surroundings, a share of the wall."
    )
    typical_apex: tuple[float, float, float] = Field(
        description="Where the apex points from the base, unit vector, LPS: tells apex from base."
    )
    largest_deviation_degrees: float = Field(
        gt=0, lt=90, description="Most that the axis may be from the typical one: beyond it the search has failed."
    )
    base_ring: float = Field(
        gt=0, le=1, description="Share of the circumference that is wall in the last slice of the base."
    )
    typical_elongation: float = Field(
        gt=1, description="Long over short half-axis of the wall; decides where a defect hides the apex."
    )
    length_mm: tuple[float, float] = Field(description="Least and largest length from apex to base.")

    @model_validator(mode="after")
    def _typical_apex_is_a_direction(self) -> "VentricleRules":
        if abs(sum(part * part for part in self.typical_apex) - 1) > 1e-3:
            raise ValueError("typical_apex is not of unit length")
        return self


class ShortAxisGrid(Declared):
    """The array of a short-axis volume: slices apex to base, rows anterior to inferior, columns septum to lateral.

    So a slice is displayed as usual, seen from the apex: anterior wall up, septum left. The middle of the array is the
    middle of the ventricle: between two slices, rows and columns of an even number.
    """

    slices: int = Field(gt=0)
    rows: int = Field(gt=0)
    columns: int = Field(gt=0)
    spacing_mm: float = Field(gt=0, description="Between slices, rows and columns.")


PERFUSED_VENTRICLE = VentricleRules(
    smoothing_mm=10.0,
    wall_radii_mm=(22.0, 28.0, 34.0, 40.0),
    wall_mm=12.0,
    reach_mm=(8.0, 70.0),
    wall_level=0.5,
    least_contrast=0.2,
    typical_apex=(0.665, -0.665, -0.34),
    largest_deviation_degrees=65.0,
    base_ring=0.4,
    typical_elongation=1.5,
    length_mm=(35.0, 150.0),
)
"""A perfusion agent in an adult's heart: our choice.

The fit of an ellipsoid to count maxima along rays follows Germano G et al., J Nucl Med 1995;36:2107-2114. An axis
points typically 45 degrees to the left of the front and 20 degrees to the feet. The contrast of noise alone is 0.1,
that of a real patient (the sample of RIMD-DLAC-SPECT-MPI) 0.46.
"""

SHORT_AXIS_48 = ShortAxisGrid(slices=48, rows=64, columns=64, spacing_mm=3.0)
"""144 x 192 x 192 mm: the ventricle and what lies about it. The source has about 45 slices a case; our choice."""
