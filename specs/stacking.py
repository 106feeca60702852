"""A model of two stages, declared as data: classifiers, and a regression of what they say."""

from typing import Literal, Self

from pydantic import Field, model_validator

from specs.classifier import ClassifierTrainingDefaults, LogisticRegressor
from specs.ensemble import CombiningGraph, CompoundSpec, Step
from specs.head import FindingProbability
from specs.striatal_recipes import StriatalFeature, StriatalFeatures
from specs.tensors import Tensor


class StackedSpec(CompoundSpec):
    """A logistic regression of the log-odds of what members say, and of features of the study.

    It is fitted on what members say of studies that they were not fitted on: each fold of the training part is answered
    by members fitted on the others.

    Source:
        Wolpert DH, Neural Networks 1992;5:241-259 (stacked generalization).
    """

    kind: Literal["stacked"] = "stacked"
    recipe: StriatalFeatures
    head: FindingProbability
    stage: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name of the second stage's entry.")
    features: tuple[StriatalFeature, ...] = Field(description="Those that the second stage takes beside the members.")
    regression: LogisticRegressor
    folds: int = Field(ge=2)
    compared_with: tuple[str, ...] = Field(
        default=(), description="Models of the same finding that an evaluation compares it with, where they are served."
    )
    training: ClassifierTrainingDefaults

    @model_validator(mode="after")
    def _recipe_has_its_features(self) -> Self:
        if not set(self.features) <= set(self.recipe.names):
            raise ValueError("the second stage takes a feature that the recipe does not give")
        if len(self.member_log_odds) != len(self.members):
            raise ValueError("a member does not give its log-odds")
        return self

    @property
    def member_log_odds(self) -> tuple[Tensor, ...]:
        """The log-odds of each member under the name that they have in the ensemble."""
        return tuple(member.named_log_odds for member in self.members if member.named_log_odds is not None)

    @property
    def stage_graph(self) -> CombiningGraph:
        """The entry of the second stage."""
        return CombiningGraph(
            name=self.stage,
            inputs=(self.recipe.input, *(member.vote for member in self.members), *self.member_log_odds),
            outputs=(self.head.answer, self.member_probabilities),
        )

    @property
    def combining_graphs(self) -> tuple[CombiningGraph, ...]:
        """The entries that have no contract of their own."""
        return (self.stage_graph,)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is run: every member on the features, then the second stage."""
        features = {tensor.name: tensor.name for tensor in self.inputs}
        members = (
            Step(
                model=member.model,
                inputs=features,
                outputs={member.probability.name: member.vote.name, member.log_odds.name: member.named_log_odds.name},
            )
            for member in self.members
            if member.log_odds is not None and member.named_log_odds is not None
        )
        return (*members, self.stage_graph.step)
