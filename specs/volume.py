"""A model whose answer is a volume, declared as data."""

from typing import Literal, Self

from pydantic import Field, model_validator

from specs.deployment import Deployment
from specs.model import ModelSpec
from specs.recipe import VolumeRecipe
from specs.volume_head import VirtualPerfusion, VolumeHead
from specs.volume_network import UNet, VolumeTraining


class VolumeSpec(ModelSpec):
    """A model that answers with a volume: one U-Net, trained and exported by this project."""

    kind: Literal["volume"] = "volume"
    recipe: VolumeRecipe = Field(discriminator="kind")
    head: VolumeHead = Field(discriminator="kind")
    network: UNet
    training: VolumeTraining
    deployment: Deployment

    @model_validator(mode="after")
    def _losses_and_patches_go_with_perfusion(self) -> Self:
        named = {
            "an adversarial loss": self.training.adversarial_weight > 0,
            "a loss of polar maps": self.training.polar_map_weight > 0,
            "a patch": self.network.patch > 1,
            "a joint answer": self.network.joint,
        }
        wanted = [name for name, is_wanted in named.items() if is_wanted]
        if wanted and not isinstance(self.head, VirtualPerfusion):
            raise ValueError(f"{wanted[0]} goes with perfusion only")
        if self.training.polar_map_weight and not self.network.joint:
            raise ValueError("a loss of polar maps goes with a joint answer only")
        if any(side % self.network.patch for side in self.recipe.input.shape[1:]):
            raise ValueError("the tensor is not of whole patches")
        return self
