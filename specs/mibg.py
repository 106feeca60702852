"""How cardiac 123I-MIBG is measured, declared as data: corrections, alignment, regions, collimators."""

from enum import StrEnum

from pydantic import Field

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.uptake import Range


class MibgTime(StrEnum):
    """When after the injection."""

    EARLY = "early"
    LATE = "late"


class CountRules(Declared):
    """What mean counts corrected for decay, dose and weight need, and what is too far from any examination."""

    radionuclide: CodedConcept = Field(description="Accepted item of Radionuclide Code Sequence (0054,0300).")
    half_life_s: float = Field(gt=0, description="Of the radionuclide, s.")
    dose_mbq: Range = Field(
        description="Accepted Radionuclide Total Dose (0018,1074), which is in MBq in NM (PS3.3 C.8.4.10), MBq. Beyond "
        "it the unit is another one."
    )
    weight_kg: Range = Field(description="Accepted Patient's Weight (0010,1030), kg; some writers put 0 for unknown.")
    longest_uptake_s: float = Field(
        gt=0,
        description="Longest time from injection to acquisition, s. An injection without a date was on the day of the "
        "acquisition or, if that is after it, the day before.",
    )
    early_s: Range = Field(description="Time from injection to an early acquisition, s.")
    late_s: Range = Field(description="The same of a late acquisition, s.")
    duration_tolerance: float = Field(
        gt=0, description="How far the durations of a frame may differ between early and late, as a share."
    )

    def accepted_s(self, time: MibgTime) -> Range:
        """Return the accepted times from injection to acquisition, s."""
        return self.early_s if time is MibgTime.EARLY else self.late_s


class AlignmentRules(Declared):
    """How a late volume is laid over the early one: rigidly, by the masks of lungs and liver."""

    smoothing_mm: float = Field(gt=0, description="FWHM that masks are smoothed with, so that they have slopes, mm.")
    coarsest_step_mm: float = Field(gt=0, description="Distance of the points that are compared, about, mm.")
    most_steps: int = Field(gt=0, description="Most steps of Gauss and Newton.")
    finished_mm: float = Field(gt=0, description="Movement of a step below which the search ends, mm.")
    largest_shift_mm: float = Field(
        gt=0, description="Longest shift that is believed beyond that of the centers of the masks, mm."
    )
    largest_turn_degrees: float = Field(gt=0, description="Largest rotation that is believed.")
    least_overlap: float = Field(gt=0, lt=1, description="Least Dice of the aligned masks, lungs and liver together.")


class ReferenceRules(Declared):
    """The reference region of SPECT: the mediastinum between the lungs, above the heart."""

    above_heart_mm: float = Field(ge=0, description="Distance of its lower border from the top of the heart, mm.")
    below_apex_mm: float = Field(ge=0, description="Distance of its upper border from the top of the lungs, mm.")
    depth: tuple[float, float] = Field(
        description="From where to where it reaches, front to back, as shares of the depth of the lungs: behind is the "
        "spine."
    )
    half_width_mm: float = Field(gt=0, description="How far it reaches from the middle between the lungs, mm.")
    margin_mm: float = Field(ge=0, description="Distance that it keeps from every organ mask, mm.")
    least_ml: float = Field(gt=0, description="Least volume that is measured, mL.")


class PlanarRules(Declared):
    """Regions on an anterior planar image of the chest, by its outline and the top of the liver.

    Shares are of the width of the body where the liver's top is.
    """

    smoothing_mm: float = Field(gt=0, description="FWHM of the smoothing before landmarks are looked for, mm.")
    body_level: float = Field(gt=0, lt=1, description="Share of the median of what is not air that is the body.")
    body_mm: Range = Field(description="Accepted width of the body, mm.")
    liver_dome_mm: float = Field(gt=0, description="How far its top may be above its brightest row, mm.")
    liver_level: float = Field(gt=0, lt=1, description="Share of its counts above which a place belongs to the liver.")
    liver_margin_mm: float = Field(ge=0, description="Distance that the circle of the heart keeps from it, mm.")
    heart_leftward: float = Field(gt=0, lt=0.5, description="Where the heart is looked for: left of the middle, share.")
    heart_upward_mm: float = Field(description="The same above the top of the liver, mm.")
    heart_search_mm: float = Field(
        ge=0, description="How far about there hearts are, mm: a circle that does not reach there is not believed."
    )
    heart_diameter_mm: float = Field(gt=0, description="Of the circular region of the heart, mm.")
    mediastinum_width: float = Field(gt=0, lt=0.5, description="Of its rectangle, share.")
    mediastinum_height_mm: float = Field(gt=0, description="Of its rectangle, mm.")
    mediastinum_upward_mm: tuple[float, float] = Field(
        description="From where to where above the center of the heart its center is looked for, mm: the place of the "
        "fewest counts."
    )
    fewest_counts: float = Field(gt=0, description="Least mean of the mediastinal region, counts a pixel.")


class PlanarMatchRules(Declared):
    """How the projection of a SPECT volume is laid over the planar image of the same time."""

    step_mm: float = Field(gt=0, description="Side of the pixels on which both are compared, mm.")
    smoothing_mm: float = Field(gt=0, description="FWHM of the smoothing of both, mm.")
    air_share: float = Field(gt=0, lt=1, description="Share of the brightest place up to which a place may be air.")
    darkest: float = Field(gt=0, lt=1, description="Share of the median of what is not air below which all is alike.")
    beyond_mm: float = Field(ge=0, description="How far the projection may reach beyond the image, mm.")
    least_correlation: float = Field(gt=0, lt=1, description="Least correlation of both where they are believed.")
    largest_step_aside_mm: float = Field(
        ge=0, description="How far the heart's circle is moved at most so that the liver does not reach it, mm."
    )


class Collimator(Declared):
    """A kind of collimator and its conversion coefficient: of the ratio less 1, what share it shows."""

    kind: str = Field(description="As Collimator/Grid Name (0018,1180) has it, in capitals, without marks.")
    coefficient: float = Field(gt=0, le=1.2, description="Conversion coefficient.")
    source: str


STANDARD_COEFFICIENT = 0.88
"""To which planar ratios are converted: the average of medium-energy collimators.

Source:
    Nakajima K et al., J Nucl Cardiol 2014;21:970-978 (10.1007/s12350-014-9916-2); Verschure DO et al., J Nucl Cardiol
    2018;25:1191-1197 (PMC6133137).
"""

_PHANTOM_STUDY = "Okuda K et al., Ann Nucl Cardiol 2023, 10.17996/anc.23-00006"

COLLIMATORS: tuple[Collimator, ...] = (
    Collimator(kind="LEHR", coefficient=0.53, source=_PHANTOM_STUDY),
    Collimator(kind="LEGP", coefficient=0.59, source=_PHANTOM_STUDY),
    Collimator(kind="LEAP", coefficient=0.59, source=f"{_PHANTOM_STUDY}; another name of LEGP"),
    Collimator(kind="ELEGP", coefficient=0.79, source=_PHANTOM_STUDY),
    Collimator(kind="MEGP", coefficient=STANDARD_COEFFICIENT, source="10.1007/s12350-014-9916-2"),
    Collimator(kind="MEAP", coefficient=STANDARD_COEFFICIENT, source="10.1007/s12350-014-9916-2; another name of MEGP"),
    Collimator(kind="MELP", coefficient=0.99, source=_PHANTOM_STUDY),
)
"""Averages of many cameras: one camera's own, of a phantom, is better (standard deviations 0.03 to 0.05).

Sources differ on medium energy: MEGP was 0.96 in Taiwan, and European averages of that group were 0.824 to 0.895
(PMC6133137). Ours is the standard itself, to which the published normal values refer (PMC5852176).
"""

IODINE_123 = CodedConcept(value="21572004", scheme="SCT", meaning="^123^Iodine")

MIBG_COUNTS = CountRules(
    radionuclide=IODINE_123,
    half_life_s=13.2 * 3600,
    dose_mbq=Range(lowest=20.0, highest=600.0),
    weight_kg=Range(lowest=20.0, highest=300.0),
    longest_uptake_s=8 * 3600.0,
    early_s=Range(lowest=300.0, highest=5400.0),
    late_s=Range(lowest=2 * 3600.0, highest=6 * 3600.0),
    duration_tolerance=0.02,
)
"""Late is 2 to 4 hours and a little more: the ratio changes little between these (Dimitriu-Leen AC et al., Eur J Nucl
Med Mol Imaging 2016, issue 2). The half-life is that of 123I. The rest is our choice: usual doses are 111 to 370 MBq,
and a SPECT begins within the first hour or so. Radionuclide code: DICOM PS3.16 CID 18."""

MIBG_ALIGNMENT = AlignmentRules(
    smoothing_mm=16.0,
    coarsest_step_mm=12.0,
    most_steps=40,
    finished_mm=0.02,
    largest_shift_mm=60.0,
    largest_turn_degrees=15.0,
    least_overlap=0.75,
)
"""Our choice throughout: the source aligned the masks, how is not known."""

MIBG_REFERENCE = ReferenceRules(
    above_heart_mm=20.0, below_apex_mm=45.0, depth=(0.2, 0.65), half_width_mm=25.0, margin_mm=7.0, least_ml=8.0
)
"""Our choice throughout: a region of planar images has no counterpart in a volume."""

MIBG_PLANAR = PlanarRules(
    smoothing_mm=12.0,
    body_level=0.35,
    body_mm=Range(lowest=180.0, highest=520.0),
    liver_dome_mm=90.0,
    liver_level=0.5,
    liver_margin_mm=0.0,
    heart_leftward=0.13,
    heart_upward_mm=25.0,
    heart_search_mm=22.0,
    heart_diameter_mm=60.0,
    mediastinum_width=0.10,
    mediastinum_height_mm=25.0,
    mediastinum_upward_mm=(65.0, 95.0),
    fewest_counts=5.0,
)
"""Our choice throughout, after the rule of a circle on the heart and a small rectangle high in the mediastinum where
its counts are least (Okuda K et al., PubMed 21104360, where a person sets the circle)."""

MIBG_PLANAR_MATCH = PlanarMatchRules(
    step_mm=3.0,
    smoothing_mm=12.0,
    air_share=0.04,
    darkest=0.03,
    beyond_mm=75.0,
    least_correlation=0.75,
    largest_step_aside_mm=12.0,
)
"""Our choice throughout. It is no part of a recipe: it came after contracts were published, and their digests stay. On
phantoms of both sites the correlation is 0.90 to 0.98, of mirrored images less than the limit in 94 of 96."""
