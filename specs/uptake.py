"""When the standardized uptake value of a PET series can be known, declared as data: a recipe of PET embeds it."""

from pydantic import Field

from specs.coding import CodedConcept
from specs.declared import Declared


class Range(Declared):
    """Values from `lowest` to `highest`, both included, in the unit of the field that holds it."""

    lowest: float
    highest: float

    def __contains__(self, value: float) -> bool:
        return self.lowest <= value <= self.highest

    def __str__(self) -> str:
        return f"{self.lowest:,.10g} to {self.highest:,.10g}"


class UptakeRules(Declared):
    """What an SUV by body weight needs, and what is too far from any examination to be believed."""

    corrections: tuple[str, ...] = Field(
        description="What Corrected Image (0028,0051) must name: without ATTN or DECY there is no SUV (QIBA)."
    )
    suv_types: tuple[str, ...] = Field(
        description="Accepted values of SUV Type (0054,1006) of an image in GML; absent means BW (PS3.3 C.8.9.1)."
    )
    radionuclide: CodedConcept = Field(description="Accepted item of Radionuclide Code Sequence (0054,0300).")
    half_life_s: Range = Field(
        description="Accepted Radionuclide Half Life (0018,1075), s. One that is not stated is refused, whatever the "
        "nuclide: a silent default has made wrong SUVs elsewhere (pydicer#36)."
    )
    dose_bq: Range = Field(
        description="Accepted administered activity, Bq: Radionuclide Total Dose (0018,1074), which is in Bq in PET "
        "and in MBq in Enhanced PET (PS3.3 C.8.9.2, C.8.22.4). Beyond it the unit is another one."
    )
    weight_kg: Range = Field(description="Accepted Patient's Weight (0010,1030), kg; some writers put 0 for unknown.")
    longest_uptake_s: float = Field(
        gt=0,
        description="Longest time from injection to the time that the images were decay-corrected to, s. An injection "
        "without a date was on the day of the scan or, if that is after it, the day before.",
    )
    back_computation_tolerance_s: float = Field(
        gt=0,
        description="How far the starts of the scan may lie apart that are computed back from the reference times of "
        "the slices, s.",
    )


FDG_UPTAKE = UptakeRules(
    corrections=("ATTN", "DECY"),
    suv_types=("BW",),
    radionuclide=CodedConcept(value="77004003", scheme="SCT", meaning="^18^Fluorine"),
    half_life_s=Range(lowest=6520.0, highest=6652.0),
    dose_bq=Range(lowest=5e6, highest=2e9),
    weight_kg=Range(lowest=1.0, highest=400.0),
    longest_uptake_s=6 * 3600.0,
    back_computation_tolerance_s=60.0,
)
"""18F-FDG. Corrections and SUV type: QIBA's vendor-neutral steps. The rest is our choice.

Vendors write a half-life of 109.77 or 109.8 minutes; the range is 1 % about it. A usual dose is 100 to 400 MBq and a
usual uptake time one hour: what is beyond these ranges is a dose in MBq or in mCi, or the injection of
another day. Radionuclide code: DICOM PS3.16 CID 4020.
"""
