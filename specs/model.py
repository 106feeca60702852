"""The spec of a model: what a person declares about it, once."""

from typing import Literal

from pydantic import Field, model_validator

from specs.declared import Declared
from specs.deployment import Deployment
from specs.head import FindingProbability, FindingTolerances, Head, QuantityTolerances, Tolerances
from specs.network import Network, TrainingDefaults
from specs.recipe import Recipe
from specs.tensors import Tensor


class Truth(Declared):
    """Where the right answer to a study stands."""

    phantom: str = Field(description="Name in ChestTruth, for phantoms: a grade or a quantity.")
    phantom_regions: tuple[str, ...] = Field(
        default=(), description="Names in ChestTruth, for phantoms: the regions in which a map's evidence should lie."
    )
    column: str = Field(description="Column of a manifest of one's own images: 0 or 1, or the quantity in its unit.")


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
        wanted = FindingTolerances if isinstance(self.head, FindingProbability) else QuantityTolerances
        if not isinstance(self.tolerances, wanted):
            raise ValueError(f"a {self.head.kind} does not go with {self.tolerances.kind} tolerances")
        return self

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """Input tensors of the entry."""
        return (self.recipe.pixels,)

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Output tensors of the entry, the answer first."""
        return self.head.outputs


class NetworkSpec(ModelSpec):
    """A model that is one network, trained and exported by this project."""

    kind: Literal["network"] = "network"
    network: Network
    training: TrainingDefaults
    deployment: Deployment
