"""How raw projections of a rotating gamma camera become slices, declared as data: a recipe of SPECT embeds it."""

from typing import Annotated, Literal

from pydantic import Field

from specs.declared import Declared
from specs.policy import Policy


class ProjectionRules(Declared):
    """Which raw projections are accepted, and how exactly they must say from where they were taken."""

    modality: str = Field(description="Accepted value of Modality (0008,0060).")
    sop_classes: tuple[str, ...] = Field(description="Accepted SOP Class UIDs (0008,0016).")
    image_types: tuple[str, ...] = Field(
        description="Accepted third values of Image Type (0008,0008), PS3.3 C.8.4.9.1.1: raw projections."
    )
    gates: Policy = Field(description="Several gates of each view: accepted, they are summed to the ungated view.")
    photopeak_kev: float = Field(
        gt=0, description="Of several energy windows the one that holds this energy is reconstructed, the others left."
    )
    collimators: tuple[str, ...] = Field(
        description="Accepted values of Collimator Type (0018,1181), of type 2: an empty one says nothing against it."
    )
    fewest_views: int = Field(ge=2, description="Fewest views that are reconstructed.")
    largest_step_degrees: float = Field(gt=0, description="Most that two neighboring views may be apart.")
    angle_tolerance_degrees: float = Field(
        gt=0, description="How far a view may be from its place, or the stated orientation from the stated angle."
    )
    largest_center_offset_mm: float = Field(
        ge=0, description="Most that Center of Rotation Offset (0018,1145) may be: a shift still to be corrected."
    )
    largest_projections: int = Field(gt=0, description="Most pixels of all views together.")


class Butterworth(Declared):
    """Low-pass filter of magnitude 1 / sqrt(1 + (frequency / cutoff)^(2 order)); the same in all directions."""

    cutoff_per_cm: float = Field(gt=0, description="Frequency of magnitude 1 / sqrt(2), cycles per cm.")
    order: float = Field(gt=0)


class FilteredBackProjection(Declared):
    """Ramp filter times a Butterworth, linear interpolation between bins."""

    kind: Literal["filtered_back_projection"] = "filtered_back_projection"
    smoothing: Butterworth = Field(description="Of the projections, along rows and columns, before the ramp.")


class OrderedSubsets(Declared):
    """OSEM: maximum likelihood of Poisson counts, a subset of the views at a time.

    Attenuation, scatter and the blur of the collimator are not modeled.
    """

    kind: Literal["ordered_subsets"] = "ordered_subsets"
    subsets: int = Field(ge=1, description="Each of every so many-th view; 1 is MLEM.")
    iterations: int = Field(ge=1, description="Passes over all views.")
    smoothing: Butterworth | None = Field(description="Of the volume, after the last iteration.")


Method = Annotated[FilteredBackProjection | OrderedSubsets, Field(discriminator="kind")]


class ReconstructionRules(Declared):
    """Raw projections that are accepted, and the method that makes slices of them."""

    projections: ProjectionRules
    method: Method


_NUCLEAR_MEDICINE = "1.2.840.10008.5.1.4.1.1.20"
_TECHNETIUM_KEV = 140.5

CARDIAC_PROJECTIONS = ProjectionRules(
    modality="NM",
    sop_classes=(_NUCLEAR_MEDICINE,),
    image_types=("TOMO", "GATED TOMO"),
    gates=Policy.ACCEPT,
    photopeak_kev=_TECHNETIUM_KEV,
    collimators=("PARA", ""),
    fewest_views=24,
    largest_step_degrees=7.5,
    angle_tolerance_degrees=1.0,
    largest_center_offset_mm=0.1,
    largest_projections=64_000_000,
)
"""Parallel projections of a 99mTc perfusion agent over 180 or 360 degrees: our choice, on the terms of PS3.3 C.8.4.

Myocardial perfusion SPECT takes 60 to 64 views over 180 degrees, older systems 30 or 32.
"""

_SMOOTHING = Butterworth(cutoff_per_cm=0.45, order=5.0)
"""Within the range that is usual for 99mTc perfusion SPECT, 0.3 to 0.6 cycles per cm: our choice."""

CARDIAC_FILTERED_BACK_PROJECTION = ReconstructionRules(
    projections=CARDIAC_PROJECTIONS, method=FilteredBackProjection(smoothing=_SMOOTHING)
)
CARDIAC_ORDERED_SUBSETS = ReconstructionRules(
    projections=CARDIAC_PROJECTIONS, method=OrderedSubsets(subsets=6, iterations=4, smoothing=_SMOOTHING)
)
"""Subsets of at least four views, and as many passes as 24 iterations of MLEM are worth: our choice."""
