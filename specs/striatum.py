"""How uptake of the striata is measured on dopamine-transporter SPECT, declared as data: a recipe embeds it."""

from pydantic import Field

from specs.declared import Declared


class StriatumRules(Declared):
    """Where the striata are looked for, and what their uptake is compared with.

    The specific binding ratio is taken in large volumes of interest, so that the activity that blur carries out of a
    striatum is counted too; caudate and putamen are told apart in small ones.
    """

    brain_level: float = Field(
        gt=0, lt=1, description="Share of the typical activity of the brain above which a place belongs to it."
    )
    brain_ml: tuple[float, float] = Field(description="Least and largest volume that is a brain, mL.")
    fewest_counts: float = Field(gt=0, description="Least mean of the reference region that is measured with, counts.")
    rim_mm: float = Field(ge=0, description="Outer rim of the brain that is not part of the reference region, mm.")
    slab_mm: float = Field(gt=0, description="Height of the slab of highest striatal count, mm.")
    length_mm: float = Field(gt=0, description="Of the large volumes of interest, front to back, mm.")
    reach_mm: float = Field(gt=0, description="Of the large volumes of interest, from the middle plane outward, mm.")
    striatum_ml: float = Field(gt=0, description="Volume that a striatum is taken to have, mL.")
    nucleus_ml: float = Field(
        gt=0, description="Brightest part of a nucleus, or of a part of the profile, whose mean is its uptake, mL."
    )
    lowest_nucleus: float = Field(
        gt=0, lt=1, description="Least uptake of a nucleus over the reference region; with less no striatum was found."
    )
    caudate_mm: tuple[float, float] = Field(
        description="From where to where the caudate nucleus is looked for, mm behind the front of the striata."
    )
    putamen_mm: tuple[float, float] = Field(description="The same of the putamen.")
    profile_mm: tuple[float, float] = Field(
        description="From where to where the profile of a striatum reaches, mm behind the middle of the striata."
    )
    profile_parts: int = Field(gt=0, description="Equal parts of the profile, from front to back.")


class SlabImageRules(Declared):
    """The striata seen from below, as one image of the slices of highest striatal count."""

    rows: int = Field(gt=0, description="Of the image, front to back.")
    columns: int = Field(gt=0, description="Of the image, from the patient's right to left.")
    pixel_mm: float = Field(gt=0, description="Side of a pixel, mm.")
    slab_mm: float = Field(gt=0, description="Height over which counts are averaged, mm.")
    upper_ratio: float = Field(
        gt=0, description="Uptake over the reference region that is white; 0 is black, and what is above stays white."
    )


SOUTHAMPTON = StriatumRules(
    brain_level=0.5,
    brain_ml=(500.0, 2500.0),
    fewest_counts=5.0,
    rim_mm=20.0,
    slab_mm=44.0,
    length_mm=76.0,
    reach_mm=46.0,
    striatum_ml=11.2,
    nucleus_ml=2.0,
    lowest_nucleus=0.5,
    caudate_mm=(-6.0, 14.0),
    putamen_mm=(22.0, 42.0),
    profile_mm=(-34.0, 32.0),
    profile_parts=6,
)
"""The Southampton form of the specific binding ratio: total counts in a large geometric volume against the whole brain
without the striata and without the outer rim.

Source:
    Tossici-Bolt L et al., Eur J Nucl Med Mol Imaging 2006;33:1491-1499, for the form and the 11.2 mL; figure 1 of
    PMC5272851 for the regions. Their sizes, and all that concerns the nuclei, are our choice.
"""

SLAB_IMAGE = SlabImageRules(rows=128, columns=128, pixel_mm=1.0, slab_mm=16.0, upper_ratio=8.0)
"""128 x 128 mm, of which the striata take up half, over 16 mm, less than the height of a striatum: our choice."""
