"""A model that classifies the features of a study, declared as data: fitted in seconds, exported as one graph."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from specs.declared import Declared
from specs.deployment import Deployment
from specs.head import FindingProbability
from specs.model import ModelSpec
from specs.striatal_recipes import StriatalFeature, StriatalFeatures
from specs.tensors import Tensor


class GradientBoosting(Declared):
    """Gradient-boosted trees (scikit-learn's `GradientBoostingClassifier`)."""

    kind: Literal["gradient_boosting"] = "gradient_boosting"
    trees: int = Field(gt=0)
    deepest: int = Field(gt=0, description="Most splits from root to leaf.")
    learning_rate: float = Field(gt=0, le=1)
    row_share: float = Field(gt=0, le=1, description="Share of the studies that each tree is fitted on.")


class NearestNeighbors(Declared):
    """The share of the nearest studies that have the finding, each with one vote, on standardized features."""

    kind: Literal["nearest_neighbors"] = "nearest_neighbors"
    neighbors: int = Field(gt=0)
    extra_votes: float = Field(
        gt=0, description="Added to either side before log-odds are taken, for those of 0 or of all have no end."
    )


class LogisticRegressor(Declared):
    """A logistic regression on standardized features."""

    kind: Literal["logistic_regression"] = "logistic_regression"
    inverse_penalty: float = Field(gt=0, description="scikit-learn's C of the squared penalty on the coefficients.")
    degree: Literal[1, 2] = Field(
        default=1,
        exclude_if=lambda degree: degree == 1,
        description="2 where squares and products of standardized features have coefficients too.",
    )


FeatureClassifier = Annotated[GradientBoosting | NearestNeighbors | LogisticRegressor, Field(discriminator="kind")]
"""The closed union of classifiers; a consumer matches on it and ends in `assert_never`."""


class ClassifierTrainingDefaults(Declared):
    """Fitting, where the command line says nothing else."""

    phantoms: int = Field(gt=0, description="Phantoms in the training part; the validation part has a quarter as many.")
    seed: int = 0


class ClassifierSpec(ModelSpec):
    """A model of features of a study: one classifier, which takes some of them inside its graph."""

    kind: Literal["classifier"] = "classifier"
    recipe: StriatalFeatures
    head: FindingProbability
    features: tuple[StriatalFeature, ...] = Field(min_length=1, description="Those that the classifier takes.")
    classifier: FeatureClassifier
    log_odds: Tensor = Field(
        description="The log-odds of the answer, unbounded: what a second stage takes, for a probability near 0 or 1 "
        "loses them in float32."
    )
    training: ClassifierTrainingDefaults
    deployment: Deployment

    @model_validator(mode="after")
    def _recipe_has_its_features(self) -> Self:
        if not set(self.features) <= set(self.recipe.names):
            raise ValueError("the classifier takes a feature that the recipe does not give")
        if self.head.activation_map is not None:
            raise ValueError("a classifier of features has no map")
        return self

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Output tensors of the entry, the answer first."""
        return (*self.head.outputs, self.log_odds)
