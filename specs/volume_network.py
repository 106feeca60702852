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
    """A U-Net of MONAI (`BasicUNet`), over slices one by one or over whole volumes."""

    dimensions: Literal[2, 3] = Field(description="2: each slice by itself; 3: each volume by itself.")
    features: tuple[int, int, int, int, int, int] = Field(
        description="Channels of the five levels from the finest, then of the last layer before the output."
    )
    presets: dict[Preset, VolumeSizing]

    @model_validator(mode="after")
    def _has_every_preset(self) -> "UNet":
        if set(self.presets) != set(Preset):
            raise ValueError("a network declares every preset")
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
    seed: int = 0
