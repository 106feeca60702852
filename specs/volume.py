"""A model whose answer is a volume, declared as data."""

from typing import Literal

from pydantic import Field

from specs.deployment import Deployment
from specs.model import ModelSpec
from specs.recipe import VolumeRecipe
from specs.volume_head import VolumeHead
from specs.volume_network import UNet, VolumeTraining


class VolumeSpec(ModelSpec):
    """A model that answers with a volume: one U-Net, trained and exported by this project."""

    kind: Literal["volume"] = "volume"
    recipe: VolumeRecipe = Field(discriminator="kind")
    head: VolumeHead = Field(discriminator="kind")
    network: UNet
    training: VolumeTraining
    deployment: Deployment
