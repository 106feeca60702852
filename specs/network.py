"""Networks and how they are trained, declared as data."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from specs.declared import Declared


class Preset(StrEnum):
    """`paper`: the published network. `demonstration`: the same topology, narrow, small enough to commit."""

    PAPER = "paper"
    DEMONSTRATION = "demonstration"


class Architecture(StrEnum):
    """Backbones, named as timm names them."""

    RESNET18 = "resnet18"
    RESNET50 = "resnet50"
    INCEPTION_V3 = "inception_v3"
    DENSENET121 = "densenet121"
    SENET154 = "legacy_senet154"


class LinearClassifier(Declared):
    """Average over all places, then one linear layer: what a class activation map is defined for."""

    kind: Literal["linear"] = "linear"


class ConcatPoolClassifier(Declared):
    """Largest value and average over all places, then two linear layers, each behind batch norm and dropout.

    Source:
        `create_head` of fastai 1, which the weights of X-ray age fit (reference section 2).
    """

    kind: Literal["concat_pool"] = "concat_pool"
    hidden: int = Field(
        gt=0, description="Outputs of the first linear layer, in every preset: fewer would not bear the dropout."
    )
    dropout: tuple[float, float] = Field(description="Share of inputs dropped before the first and second layer.")


Classifier = Annotated[LinearClassifier | ConcatPoolClassifier, Field(discriminator="kind")]


class Sizing(Declared):
    """What a preset changes of a network."""

    width_divisor: int = Field(ge=1, description="Every channel and group count is divided by this.")
    rows: int = Field(gt=0, description="Rows of the network's own input; the resize is inside the graph.")
    columns: int = Field(gt=0)
    half_weights: bool = Field(
        default=False,
        exclude_if=lambda half: not half,  # so that the digests of contracts without stay as they are
        description="Whether a fit ends by rounding the convolutions, batch norms folded in, to half precision: the "
        "ONNX file is half as large, and computes in fp32 all the same.",
    )


class Network(Declared):
    """A backbone with the normalization that its graph carries out.

    Pixels are divided by their full scale (255 for uint8), one gray channel is repeated to three, then
    (pixel - mean) / standard deviation per channel.
    """

    architecture: Architecture
    stem_pool: bool = Field(
        default=True,
        exclude_if=lambda kept: kept,  # so that the digests of contracts with one stay as they are
        description="Whether a ResNet keeps the max pool behind its first convolution. Without, every stage sees twice "
        "the detail along either axis, at four times the cost: for what is small in the image.",
    )
    coarse_backbone: bool = Field(
        default=False,
        exclude_if=lambda there: not there,  # as above
        description="Whether beside a backbone without that pool a second one, with it, sees the same images: the "
        "features of both stand side by side at each place. For what is small among what is not. The two are fitted "
        "apart, and the score is the mean of theirs.",
    )
    classifier: Classifier = LinearClassifier()
    mean: tuple[float, float, float]
    standard_deviation: tuple[float, float, float]
    presets: dict[Preset, Sizing]
    symmetric_views: tuple[int, ...] = Field(
        default=(),
        exclude_if=lambda views: not views,  # as above
        description="Views, counted from 0, whose left and right mean the same for the answer: the graph takes the "
        "mean of the features of each and of its mirror image.",
    )

    @model_validator(mode="after")
    def _has_every_preset(self) -> "Network":
        if set(self.presets) != set(Preset):
            raise ValueError("a network declares every preset")
        return self

    @model_validator(mode="after")
    def _leaves_out_a_pool_that_is_there(self) -> "Network":
        if not self.stem_pool and self.architecture not in (Architecture.RESNET18, Architecture.RESNET50):
            raise ValueError("only a ResNet can be without its stem's pool")
        return self

    @model_validator(mode="after")
    def _rounds_what_can_be_folded(self) -> "Network":
        half = any(sizing.half_weights for sizing in self.presets.values())
        if half and self.architecture not in (Architecture.RESNET18, Architecture.RESNET50):
            raise ValueError("only a ResNet has each batch norm behind a convolution")
        return self

    @model_validator(mode="after")
    def _has_two_scales_that_differ(self) -> "Network":
        if self.coarse_backbone and (self.stem_pool or not isinstance(self.classifier, LinearClassifier)):
            raise ValueError("a coarse backbone stands beside one without its stem's pool, before a linear classifier")
        return self


class TrainingDefaults(Declared):
    """Fitting, where the command line says nothing else. No published values are known: our choice."""

    epochs: int = Field(gt=0)
    batch_size: int = Field(gt=0)
    learning_rate: float = Field(gt=0, description="Peak of the one-cycle schedule (AdamW).")
    weight_decay: float = Field(ge=0)
    rotation_degrees: float = Field(ge=0, description="Augmentation: largest rotation either way.")
    shift_share: float = Field(ge=0, lt=1, description="Augmentation: largest shift, share of the image side.")
    scale_share: float = Field(ge=0, lt=1, description="Augmentation: largest change of size.")
    gain_share: float = Field(ge=0, lt=1, description="Augmentation: largest change of contrast and brightness.")
    mirrored_views: tuple[int, ...] = Field(
        default=(),
        exclude_if=lambda views: not views,
        description="Augmentation: views, counted from 0, of which half are mirrored left to right: those whose sides "
        "mean the same for the answer.",
    )
    phantoms: int = Field(gt=0, description="Phantoms in the training part when the data are phantoms.")
    phantom_measurements: tuple[str, ...] = Field(
        description="Measurements of a phantom, by their names in ChestTruth, that are fitted beside the truth: they "
        "are not exported, but a network that starts from random weights finds the anatomy sooner."
    )
    balanced: bool = Field(
        default=False, description="Whether studies with the finding weigh as much together as those without."
    )
    patience_epochs: int = Field(
        default=10, gt=0, description="Epochs without a better validation figure after which fitting ends early."
    )
    measurement_weight: float = Field(ge=0, description="Weight of their mean squared error, in standard deviations.")
    averaging_decay: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        exclude_if=lambda decay: decay is None,  # so that the digests of contracts without one stay as they are
        description="What a step of fitting leaves of the moving average of all weights, which is measured after every "
        "epoch and kept in their place.",
    )
    stem_pool_share: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        exclude_if=lambda share: not share,  # as above
        description="Share of the epochs, from the first, in which a network without its stem's pool is fitted with "
        "it: what is coarse is learnt at a quarter of the cost, then the detail. Measured after every epoch is the "
        "network without.",
    )
    coarse_epochs_share: float | None = Field(
        default=None,
        gt=0,
        le=1,
        exclude_if=lambda share: share is None,  # as above
        description="Share of the epochs that a coarse backbone is fitted for, its weights not averaged; None where "
        "there is none.",
    )
    seed: int = 0


IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STANDARD_DEVIATION = (0.229, 0.224, 0.225)
"""Channel statistics of ImageNet on [0, 1] RGB, as timm and torchvision publish them."""
