"""Recipes: how a study becomes the input of a model, declared as data.

A recipe names every choice that changes a pixel or a number, or refuses a study. `preprocessing/` carries it out.
The client takes it from the server, so it must know the recipe's `kind` or refuse the model.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from specs.clinical_variables import ClinicalVariables
from specs.coding import CodedConcept
from specs.declared import Declared
from specs.fdg_projections import FdgProjections
from specs.mibg_volumes import MibgVolumes
from specs.perfusion_slices import PerfusionSlices
from specs.policy import Policy
from specs.striatal_recipes import StriatalFeatures, StriatalImage
from specs.tensors import ElementType, Tensor


class NoWindow(StrEnum):
    """What stands in for a missing VOI window."""

    FULL_RANGE = "full_range"  # smallest to largest rescaled value of the image itself


class FrontalChestRadiograph(Declared):
    """A PA or AP chest radiograph as one gray channel, bright where X-rays were absorbed most.

    The grayscale chain of PS3.3 C.11 is carried out whole (modality, VOI, presentation), then the image is
    reduced by area average to fit `pixels`, centered, with the aspect ratio kept and the rest black: our choice, for no
    source says what the authors did to images that are not square.
    """

    kind: Literal["frontal_chest_radiograph"] = "frontal_chest_radiograph"
    pixels: Tensor = Field(description="Input tensor, axes (channel, row, column), one channel.")
    modalities: tuple[str, ...] = Field(description="Accepted values of Modality (0008,0060).")
    body_parts: tuple[str, ...] = Field(
        description="Accepted values of Body Part Examined (0018,0015), the standard's own word first, then what "
        "really occurs; without spaces, '_' and '-', upper case."
    )
    anatomic_regions: tuple[CodedConcept, ...] = Field(
        description="Accepted items of Anatomic Region Sequence (0008,2218), read where Body Part Examined is empty."
    )
    unknown_body_part: Policy = Field(description="When neither says which part of the body it is.")
    view_positions: tuple[str, ...] = Field(description="Accepted values of View Position (0018,5101).")
    view_codes: tuple[CodedConcept, ...] = Field(
        description="Accepted items of View Code Sequence (0054,0220), read where View Position is empty."
    )
    unknown_view_position: Policy = Field(description="When neither says which view it is.")
    for_processing: Policy = Field(
        description="When Presentation Intent Type (0008,0068) is FOR PROCESSING: raw detector values."
    )
    burned_in_annotation: Policy = Field(description="When Burned In Annotation (0028,0301) is YES.")
    derived: Policy = Field(
        description="When Image Type (0008,0008) starts with DERIVED: pixels computed from those of other images."
    )
    secondary_capture: Policy = Field(
        description="When the SOP Class is Secondary Capture; Modality and the rest are then asked for all the same."
    )
    missing_pixel_spacing: Policy = Field(
        description="When neither Pixel Spacing (0028,0030) nor Imager Pixel Spacing (0018,1164) is above zero."
    )
    pictures: Policy = Field(
        description="PNG and JPEG files, as research sets are published: they say nothing of modality, part or view."
    )
    no_window: NoWindow = Field(description="What stands in for a missing VOI window.")
    smallest_matrix: tuple[int, int] = Field(description="Least (Rows, Columns) that is still a radiograph.")
    largest_matrix_pixels: int = Field(gt=0, description="Most Rows x Columns that is decoded.")
    jpeg2000_oversampling: int | None = Field(
        ge=2,
        description="JPEG 2000 is decoded at the least resolution that leaves each side of the image at least this "
        "many times as long as it will have in `pixels`, where its packets and the image's window allow; at 1 the "
        "result would drift beyond `REDUCED_RESOLUTION_TOLERANCES`. None decodes it whole.",
    )
    smallest_gray_spread: float = Field(
        ge=0,
        le=1,
        description="Least difference between the 5th and 95th percentile of the displayed image, of full scale.",
    )
    fewest_gray_values: int = Field(
        ge=2,
        description="Fewest different gray values of the displayed image: without a window its own range is stretched, "
        "and the noise of an empty one would look like contrast.",
    )

    @property
    def input(self) -> Tensor:
        """The input tensor."""
        return self.pixels


class ReducedResolutionTolerances(Declared):
    """How far a radiograph read at a reduced resolution may be from the same one read whole, at any oversampling."""

    largest_pixel_difference: int = Field(
        gt=0, description="Of any pixel, gray levels of 255: hard borders, as of a shutter or a lead letter, ring."
    )
    common_pixel_difference: float = Field(
        gt=0, description="What 99.9 % of the pixels do not exceed, gray levels of 255: displaced borders exceed it."
    )
    mean_pixel_difference: float = Field(
        gt=0, description="Of all pixels, gray levels of 255: less than rounding to whole levels may do to one."
    )
    probability_shift: float = Field(
        gt=0, lt=1, description="Absolute, of a finding: no more than the last digit of a percentage."
    )


REDUCED_RESOLUTION_TOLERANCES = ReducedResolutionTolerances(
    largest_pixel_difference=60,
    common_pixel_difference=24.0,
    mean_pixel_difference=0.45,
    probability_shift=0.01,
)
"""Our choice, near what is measured with an oversampling of 2: 37, 16, 0.28 and 0.008 at most, of 40 phantoms at the
matrix of a detector, lossless and lossy, and a real radiograph (`benchmarks/records/reduced_resolution.json`)."""

VolumeRecipe = PerfusionSlices | MibgVolumes
"""The recipes whose tensor is of two volumes of one study."""

AnswerStudyRecipe = FdgProjections | StriatalFeatures | StriatalImage
"""The recipes that make one tensor of a number's model of all files of a study."""

StudyRecipe = AnswerStudyRecipe | VolumeRecipe
"""The recipes that take all files of a study, for these are slices of volumes."""

PixelRecipe = FrontalChestRadiograph | FdgProjections | StriatalImage
"""The recipes whose tensor is of pixels."""

AnswerRecipe = PixelRecipe | StriatalFeatures
"""The recipes of models that answer a study with one number."""

ImageRecipe = AnswerRecipe | VolumeRecipe
"""The recipes of DICOM images and studies."""

Recipe = Annotated[ImageRecipe | ClinicalVariables, Field(discriminator="kind")]
"""The closed union of recipes; a consumer matches on it and ends in `assert_never`."""

CHEST_RADIOGRAPH_320 = FrontalChestRadiograph(
    pixels=Tensor(name="pixels", element_type=ElementType.UINT8, shape=(1, 320, 320)),
    modalities=("CR", "DX"),
    body_parts=("CHEST", "THORAX", "LUNG", "LUNGS", "CHESTPA", "CHESTAP", "PORTCHEST", "TORAX"),
    anatomic_regions=(
        CodedConcept(value="816094009", scheme="SCT", meaning="Chest"),
        CodedConcept(value="51185008", scheme="SCT", meaning="Thoracic structure"),
        CodedConcept(value="39607008", scheme="SCT", meaning="Lung"),
    ),
    unknown_body_part=Policy.REFUSE,
    view_positions=("PA", "AP"),
    view_codes=(
        CodedConcept(value="272479007", scheme="SCT", meaning="postero-anterior"),
        CodedConcept(value="R-10214", scheme="SRT", meaning="postero-anterior"),
        CodedConcept(value="399348003", scheme="SCT", meaning="antero-posterior"),
    ),
    unknown_view_position=Policy.REFUSE,
    for_processing=Policy.REFUSE,
    burned_in_annotation=Policy.REFUSE,
    derived=Policy.ACCEPT,
    secondary_capture=Policy.ACCEPT,
    missing_pixel_spacing=Policy.ACCEPT,
    pictures=Policy.ACCEPT,
    no_window=NoWindow.FULL_RANGE,
    smallest_matrix=(256, 256),
    largest_matrix_pixels=64_000_000,
    jpeg2000_oversampling=None,
    smallest_gray_spread=0.05,
    fewest_gray_values=32,
)
"""The one recipe of the four chest models, so that a radiograph is prepared once for all of them.

320 x 320 is the input size of X-ray age (Ieki 2022, through torchxrayvision's code); the sizes of the other
three are not published. Modality, body part and view: our choice; a finding model trained on frontal views
must not score another. Codes: DICOM PS3.16 CID 4009 and CID 4010, the older code of the thorax, and R-10214, which
was postero-anterior in the CID 4010 of 2010 (dcm4che 2, DXView) and which pydicom does not map to SCT as it does its
successor R-40888. Burned-in annotation is refused because text may name the patient, raw detector values because the
grayscale chain of the header does not display them. Derived images are accepted because a radiograph that was
processed for presentation is one (PS3.3 C.8.11.3). Pixel spacing is not needed because the image is fitted into the
tensor whatever its scale. JPEG 2000 is decoded whole, so that every lossless syntax gives the same probability. PNG and
JPEG files are accepted for research sets (NIH ChestX-ray14, CheXpert), whose own lists say what they show: who names
such a folder vouches for it.
"""
