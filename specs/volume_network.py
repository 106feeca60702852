"""Networks that answer with a volume and how they are trained, declared as data."""

from typing import Literal

from pydantic import Field, model_validator

from specs.declared import Declared
from specs.network import Preset


class VolumeSizing(Declared):
    """What a preset changes of a U-Net."""

    width_divisor: int = Field(ge=1, description="Every channel count is divided by this.")
    reduction: int = Field(
        ge=1,
        description="Whole number by which the network's own input has fewer voxels along each axis than the wire.",
    )


class UNet(Declared):
    """A U-Net of MONAI (`BasicUNet`), over slices one by one, over volumes one by one, or over both of a study at once.

    What attenuation takes from perfusion is alike at stress and rest and goes on from slice to slice; a defect need
    not. So a network that is to tell them apart sees whole volumes, and both.
    """

    dimensions: Literal[2, 3] = Field(description="2: each slice by itself; 3: whole volumes.")
    joint: bool = Field(
        default=False,
        exclude_if=lambda joint: not joint,  # so that the digests of contracts without it stay as they are
        description="Whether the two volumes of a study are seen at once, as channels, and answered at once.",
    )
    patch: int = Field(
        default=1,
        ge=1,
        exclude_if=lambda patch: patch == 1,
        description="Voxels along each axis that are one place of the network, with a channel for each of them.",
    )
    features: tuple[int, int, int, int, int, int] = Field(
        description="Channels of the five levels from the finest, then of the last layer before the output."
    )
    presets: dict[Preset, VolumeSizing]

    @model_validator(mode="after")
    def _has_every_preset(self) -> "UNet":
        if set(self.presets) != set(Preset):
            raise ValueError("a network declares every preset")
        return self

    @model_validator(mode="after")
    def _sees_both_volumes_whole(self) -> "UNet":
        if self.dimensions == 2 and (self.joint or self.patch > 1):
            raise ValueError("a network of slices sees one slice at a time, voxel by voxel")
        return self

    def narrowed(self, preset: Preset) -> tuple[int, int, int, int, int, int]:
        """Return the channels of a preset, as `features` has them."""
        divisor = self.presets[preset].width_divisor
        first, second, third, fourth, fifth, last = (max(1, each // divisor) for each in self.features)
        return first, second, third, fourth, fifth, last


class VolumeTraining(Declared):
    """Fitting, where the command line says nothing else. No published values are known: our choice."""

    epochs: int = Field(gt=0)
    batch_size: int = Field(gt=0, description="Volumes at a time, or slices of a network of slices.")
    learning_rate: float = Field(gt=0, description="Peak of the one-cycle schedule (AdamW).")
    weight_decay: float = Field(ge=0)
    phantoms: int = Field(gt=0, description="Phantom patients in the training part when the data are phantoms.")
    slices_per_volume: int | None = Field(
        default=None, description="Of a network of slices: how many of a volume are drawn in an epoch; None for all."
    )
    adversarial_weight: float = Field(
        default=0.0, ge=0, description="Weight of the adversarial loss beside the mean absolute error; 0 for none."
    )
    polar_map_weight: float = Field(
        default=0.0,
        ge=0,
        exclude_if=lambda weight: not weight,
        description="Weight of the mean squared error of polar maps and segments beside the mean absolute error of "
        "voxels; 0 for none.",
    )
    seed: int = 0
