"""Which series of tomographic slices may become a volume, declared as data: a recipe of nuclear medicine embeds it."""

from typing import Final

from pydantic import Field

from specs.declared import Declared
from specs.policy import Policy


class SeriesRules(Declared):
    """What is accepted of a series, and how exact its geometry must be.

    Slices that are missing at either end of a series can be noticed by Number of Slices alone, which Enhanced PET does
    not have; and nothing says where the patient ends. A recipe that needs a certain part of the body must ask for it.
    """

    modality: str = Field(description="Accepted value of Modality (0008,0060).")
    sop_classes: tuple[str, ...] = Field(
        description="Accepted SOP Class UIDs (0008,0016): those that `preprocessing/series_eligibility.py` reads."
    )
    reconstructions: tuple[str, ...] = Field(
        description="Accepted third values of Image Type (0008,0008) of an NM image, PS3.3 C.8.4.9.1.1; the others are "
        "raw projections, planar or gated."
    )
    series_types: tuple[str, ...] = Field(
        description="Accepted first values of Series Type (0054,1000) of a PET image, PS3.3 C.8.9.1.1.4."
    )
    unstated_series_type: Policy = Field(
        description="When a PET image has no Series Type; several time points are then still seen by their positions."
    )
    refused_image_types: tuple[str, ...] = Field(
        description="Words of Image Type (0008,0008), Frame Type (0008,9007) or Volume Based Calculation Technique "
        "(0008,9207), any of which refuses: images computed to be looked at, which some systems put in the same series."
    )
    derived: Policy = Field(description="When Image Type starts with DERIVED: pixels computed from other images.")
    units: tuple[str, ...] = Field(
        description="Accepted units in the words of Units (0054,1001); an NM image without a rescale has counts, CNTS."
    )
    preferred_corrections: tuple[str, ...] = Field(
        description="Of several eligible series of a study those whose Corrected Image (0028,0051) names all of these "
        "are preferred; several that are left are refused, for nobody knows which one is meant."
    )
    fewest_slices: int = Field(ge=2, description="Fewest slices that are a volume.")
    fewer_slices_than_stated: Policy = Field(
        description="When there are fewer slices than Number of Slices (0054,0081), the most that may be in the series "
        "(PS3.3 C.8.9.1): some may be lost, maybe from an end, where no gap shows it."
    )
    largest_voxels: int = Field(gt=0, description="Most voxels that are decoded.")
    slice_position_tolerance: float = Field(
        gt=0,
        lt=0.5,
        description="How far a slice may lie from its place in an even stack, along the normal or aside, as a share of "
        "the spacing between slices: covers positions written with few digits, not a missing slice.",
    )
    direction_tolerance: float = Field(
        gt=0, description="How far direction cosines may differ between slices, or be from unit length and orthogonal."
    )
    pixel_spacing_tolerance_mm: float = Field(gt=0, description="How far Pixel Spacing may differ between slices, mm.")
    largest_tilt_degrees: float = Field(
        ge=0,
        lt=45,
        description="How far an axis may be from the patient's, in degrees, and still be taken for it, without "
        "resampling; a series that is more oblique has no patient axes.",
    )
    oblique: Policy = Field(description="A series without patient axes: a recipe of such slices takes the bare grid.")


_NUCLEAR_MEDICINE = "1.2.840.10008.5.1.4.1.1.20"
_PET = "1.2.840.10008.5.1.4.1.1.128"
_ENHANCED_PET = "1.2.840.10008.5.1.4.1.1.130"

_COMPUTED_TO_BE_LOOKED_AT = (
    "SECONDARY", "LOCALIZER", "MIP", "MAX_IP", "MIN_IP", "CURVED_MPR", "VOLUME_RENDER", "SURFACE_RENDER",
    "MAXIMUM", "MINIMUM", "MEAN", "STD_DEVIATION", "SUBTRACTION", "MASKED", "PROJECTION IMAGE", "SCREEN SAVE"
)  # fmt: skip
"""PS3.3 C.7.6.1.1.2, C.8.9.4.1.1 (value 2 of a PET image is PRIMARY), C.8.16.1.4, C.8.16.2.1.3, and what scanners write
beside it. A plain MPR is a volume (C.8.16.2.1.2)."""

PET_SERIES = SeriesRules(
    modality="PT",
    sop_classes=(_PET, _ENHANCED_PET),
    reconstructions=(),
    series_types=("STATIC", "WHOLE BODY"),
    unstated_series_type=Policy.ACCEPT,
    refused_image_types=_COMPUTED_TO_BE_LOOKED_AT,
    derived=Policy.ACCEPT,
    units=("BQML", "CNTS", "GML"),
    preferred_corrections=("ATTN",),
    fewest_slices=16,
    fewer_slices_than_stated=Policy.REFUSE,
    largest_voxels=128_000_000,
    slice_position_tolerance=0.05,
    direction_tolerance=1e-3,
    pixel_spacing_tolerance_mm=1e-3,
    largest_tilt_degrees=3.0,
    oblique=Policy.REFUSE,
)
"""Static and whole-body PET. Our choice throughout, on the standard's terms.

Legacy Converted Enhanced PET is refused: its units and doses lie in attributes that the conversion did not assign, and
the original images still exist. A whole body of 700 slices of 400 x 400 is 112 million voxels. At 3 degrees a voxel
at the end of a 1 m scan is 26 mm off its true height, and nothing on a projection is seen otherwise. The spacing
tolerance is 0.1 mm of 2 mm slices.
"""

SPECT_SERIES = SeriesRules(
    modality="NM",
    sop_classes=(_NUCLEAR_MEDICINE,),
    reconstructions=("RECON TOMO",),
    series_types=(),
    unstated_series_type=Policy.ACCEPT,
    refused_image_types=_COMPUTED_TO_BE_LOOKED_AT,
    derived=Policy.ACCEPT,
    units=("CNTS", "BQML"),
    preferred_corrections=("ATTN",),
    fewest_slices=8,
    fewer_slices_than_stated=Policy.REFUSE,
    largest_voxels=64_000_000,
    slice_position_tolerance=0.05,
    direction_tolerance=1e-3,
    pixel_spacing_tolerance_mm=1e-3,
    largest_tilt_degrees=3.0,
    oblique=Policy.ACCEPT,
)
"""Reconstructed SPECT, any orientation: our choice on the terms of PS3.3 C.8.4.

A short axis of the heart is oblique: its recipe takes the slices as they are stacked and asks for no patient axes.
"""

SYNTHETIC_IMAGE: Final = "SYNTHETIC"
"""What Image Type (0008,0008) of an image says that a network computed, as `client/derived_nm.py` writes it."""

CARDIAC_SPECT_SERIES = SPECT_SERIES.model_copy(
    update={"refused_image_types": (*_COMPUTED_TO_BE_LOOKED_AT, SYNTHETIC_IMAGE), "preferred_corrections": ()}
)
"""The same of the heart; no network measures what a network made. Whether attenuation may be corrected is for the
recipe to say.
"""
