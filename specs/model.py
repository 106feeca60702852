"""The spec of a model: what a person declares about it, once."""

from typing import Literal, Self, assert_never

from pydantic import Field, model_validator

from specs.declared import Declared
from specs.deployment import Deployment
from specs.head import FindingProbability, Head, ImageHead, MeasuredQuantity, Tolerances
from specs.network import Network, TrainingDefaults
from specs.outcome import OutcomeProbabilities
from specs.recipe import PixelRecipe, Recipe
from specs.tensors import Tensor
from specs.volume_head import OrganLabels, VirtualPerfusion


class Truth(Declared):
    """Where the right answer to a study stands."""

    phantom: str = Field(
        description="Name in the truth of a phantom: a grade or a quantity of ChestTruth, the outcome of a patient."
    )
    phantom_regions: tuple[str, ...] = Field(
        default=(), description="Names in ChestTruth, for phantoms: the regions in which a map's evidence should lie."
    )
    column: str = Field(
        description="Column of a manifest of one's own: 0 or 1, the quantity in its unit, the name of an outcome."
    )


class ModelSpec(Declared):
    """What whoever uses a model must know of it; one half of its contract, the other is its weights record."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name of the repository entry.")
    title: str
    recipe: Recipe
    head: Head
    truth: Truth
    tolerances: Tolerances
    source: str = Field(description="The publication, and what of it could not be found.")

    @model_validator(mode="after")
    def _tolerates_in_the_terms_of_its_head(self) -> "ModelSpec":
        if self.tolerances.kind != _tolerances_kind(self.head):
            raise ValueError(f"a {self.head.kind} does not go with {self.tolerances.kind} tolerances")
        return self

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """Input tensors of the entry."""
        return (self.recipe.input,)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Output tensors of the entry, the answer first."""
        return self.head.outputs


def _tolerances_kind(head: Head) -> str:
    match head:
        case FindingProbability():
            return "finding"
        case MeasuredQuantity():
            return "quantity"
        case OutcomeProbabilities():
            return "outcome"
        case VirtualPerfusion():
            return "perfusion"
        case OrganLabels():
            return "organs"
        case _:
            assert_never(head)


class NetworkSpec(ModelSpec):
    """A model that is one network, trained and exported by this project."""

    kind: Literal["network"] = "network"
    recipe: PixelRecipe
    head: ImageHead = Field(discriminator="kind")
    network: Network
    training: TrainingDefaults
    deployment: Deployment

    @model_validator(mode="after")
    def _is_fitted_as_its_network_is_made(self) -> Self:
        if self.training.stem_pool_share and self.network.stem_pool:
            raise ValueError("its stem already has the pool that it is to be fitted with at first")
        if (self.training.coarse_epochs_share is not None) != self.network.coarse_backbone:
            raise ValueError("a coarse backbone, and none else, is fitted for a share of the epochs")
        return self
