"""How a dopamine-transporter SPECT study becomes the input of a model, declared as data: features, or an image."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from specs.declared import Declared
from specs.series import SPECT_SERIES, SeriesRules
from specs.striatum import SLAB_IMAGE, SOUTHAMPTON, SlabImageRules, StriatumRules
from specs.tensors import ElementType, Tensor
from specs.tracer import IOFLUPANE, TracerRules
from specs.uptake import Range


class StriatalFeature(StrEnum):
    """A number of a study; none tells left from right, so that a flipped study has the same features.

    `binding` is the specific binding ratio, `caudate` and `putamen` are the uptake of a nucleus over the reference
    region, less 1. A difference in percent is 200 |right - left| / (right + left): of the binding ratio the asymmetry
    index (0 where nothing binds, 200 where one side alone does), of a nucleus with its nonspecific part, so that it
    always exists. `shape` is putamen over caudate, each with its nonspecific part; `profile` is the uptake over the
    reference region, less 1, of parts of a striatum from front (1) to back (6).
    """

    AGE_YEARS = "age_years"
    BINDING_MEAN = "binding_mean"
    BINDING_LOWER = "binding_lower"
    BINDING_ASYMMETRY_PERCENT = "binding_asymmetry_percent"
    CAUDATE_MEAN = "caudate_mean"
    CAUDATE_LOWER = "caudate_lower"
    CAUDATE_ASYMMETRY_PERCENT = "caudate_asymmetry_percent"
    PUTAMEN_MEAN = "putamen_mean"
    PUTAMEN_LOWER = "putamen_lower"
    PUTAMEN_ASYMMETRY_PERCENT = "putamen_asymmetry_percent"
    SHAPE_MEAN = "shape_mean"
    SHAPE_LOWER = "shape_lower"
    PROFILE_MEAN_1 = "profile_mean_1"
    PROFILE_MEAN_2 = "profile_mean_2"
    PROFILE_MEAN_3 = "profile_mean_3"
    PROFILE_MEAN_4 = "profile_mean_4"
    PROFILE_MEAN_5 = "profile_mean_5"
    PROFILE_MEAN_6 = "profile_mean_6"
    PROFILE_LOWER_1 = "profile_lower_1"
    PROFILE_LOWER_2 = "profile_lower_2"
    PROFILE_LOWER_3 = "profile_lower_3"
    PROFILE_LOWER_4 = "profile_lower_4"
    PROFILE_LOWER_5 = "profile_lower_5"
    PROFILE_LOWER_6 = "profile_lower_6"


PROFILE_MEANS = (
    StriatalFeature.PROFILE_MEAN_1,
    StriatalFeature.PROFILE_MEAN_2,
    StriatalFeature.PROFILE_MEAN_3,
    StriatalFeature.PROFILE_MEAN_4,
    StriatalFeature.PROFILE_MEAN_5,
    StriatalFeature.PROFILE_MEAN_6,
)
PROFILE_LOWERS = (
    StriatalFeature.PROFILE_LOWER_1,
    StriatalFeature.PROFILE_LOWER_2,
    StriatalFeature.PROFILE_LOWER_3,
    StriatalFeature.PROFILE_LOWER_4,
    StriatalFeature.PROFILE_LOWER_5,
    StriatalFeature.PROFILE_LOWER_6,
)
"""From front to back, as the means."""


class StriatalFeatures(Declared):
    """What the striata of one study take up, as a row of numbers, with the patient's age."""

    kind: Literal["striatal_features"] = "striatal_features"
    features: Tensor = Field(description="Input tensor, one axis (feature,), in the order of `names`.")
    names: tuple[StriatalFeature, ...] = Field(min_length=1, description="What stands in the tensor, in this order.")
    ages_years: Range = Field(description="Patient's ages that are accepted, years.")
    series: SeriesRules
    tracer: TracerRules
    striatum: StriatumRules
    image: SlabImageRules = Field(description="What is shown beside the answer.")

    @model_validator(mode="after")
    def _tensor_is_of_the_features(self) -> Self:
        if self.features.shape != (len(self.names),) or len(set(self.names)) != len(self.names):
            raise ValueError("the tensor has one place for each feature")
        return self

    @model_validator(mode="after")
    def _profile_has_the_named_parts(self) -> Self:
        parts = self.striatum.profile_parts
        if not set(self.names).isdisjoint((*PROFILE_MEANS[parts:], *PROFILE_LOWERS[parts:])):
            raise ValueError("the profile has fewer parts than are named")
        return self

    @property
    def input(self) -> Tensor:
        """The input tensor."""
        return self.features

    def places(self, names: tuple[StriatalFeature, ...]) -> list[int]:
        """Return where features stand in the tensor."""
        return [self.names.index(name) for name in names]


class StriatalImage(Declared):
    """The transaxial slices of highest striatal count of one study as one image."""

    kind: Literal["striatal_image"] = "striatal_image"
    pixels: Tensor = Field(description="Input tensor, axes (channel, row, column), one channel; front and right first.")
    series: SeriesRules
    tracer: TracerRules
    striatum: StriatumRules
    image: SlabImageRules

    @model_validator(mode="after")
    def _tensor_is_of_the_image(self) -> Self:
        if self.pixels.shape != (1, self.image.rows, self.image.columns):
            raise ValueError("the tensor is not of the image")
        return self

    @property
    def input(self) -> Tensor:
        """The input tensor."""
        return self.pixels


STRIATAL_FEATURES = StriatalFeatures(
    features=Tensor(name="features", element_type=ElementType.FLOAT32, shape=(len(StriatalFeature),)),
    names=tuple(StriatalFeature),
    ages_years=Range(lowest=40, highest=90),
    series=SPECT_SERIES,
    tracer=IOFLUPANE,
    striatum=SOUTHAMPTON,
    image=SLAB_IMAGE,
)
"""One row for every classifier, each of which takes what it needs of it inside its graph: our choice.

The source's classifiers saw the image; which numbers theirs were fitted on is not known. The
ages are those of the phantoms: beyond them a square of the age leads anywhere.
"""

STRIATAL_IMAGE = StriatalImage(
    pixels=Tensor(name="pixels", element_type=ElementType.UINT8, shape=(1, SLAB_IMAGE.rows, SLAB_IMAGE.columns)),
    series=SPECT_SERIES,
    tracer=IOFLUPANE,
    striatum=SOUTHAMPTON,
    image=SLAB_IMAGE,
)
"""The source selects the slices of highest striatal count and crops them; sizes and window are our choice."""
