"""A model of a table's rows, declared as data: classifiers that are fitted in seconds and exported as one graph."""

from typing import Literal, Self

from pydantic import Field, model_validator

from specs.clinical_variables import ClinicalVariables
from specs.declared import Declared
from specs.deployment import Deployment
from specs.model import ModelSpec
from specs.outcome import OutcomeProbabilities


class ForestDefaults(Declared):
    """A random forest. No published values are known: our choice."""

    trees: int = Field(gt=0, le=300, description="More were seen to lose accuracy when exported to float32.")
    deepest: int = Field(gt=0, description="Most splits from root to leaf.")
    fewest_in_leaf: int = Field(gt=0, description="Fewest patients in a leaf.")


class RegressionDefaults(Declared):
    """A multinomial logistic regression on standardized variables. No published values are known: our choice."""

    inverse_penalty: float = Field(gt=0, description="scikit-learn's C of the squared penalty on the coefficients.")


class TabularTrainingDefaults(Declared):
    """Fitting, where the command line says nothing else."""

    forest: ForestDefaults
    regression: RegressionDefaults
    phantoms: int = Field(gt=0, description="Synthetic patients in the training part; the validation part has as many.")
    seed: int = 0


class TabularSpec(ModelSpec):
    """A model of clinical variables: a forest and a regression in one graph, each an output of its own."""

    kind: Literal["tabular"] = "tabular"
    recipe: ClinicalVariables
    head: OutcomeProbabilities
    training: TabularTrainingDefaults
    deployment: Deployment
    background: tuple[tuple[float, ...], ...] = Field(
        min_length=1,
        description="Synthetic patients, never those of the training data, against whom a variable's contribution is "
        "measured: a contract travels.",
    )

    @model_validator(mode="after")
    def _background_is_of_its_variables(self) -> Self:
        if any(len(row) != len(self.recipe.variables) for row in self.background):
            raise ValueError("a patient of the background lacks a variable")
        if self.head.curve_variable not in self.recipe.names:
            raise ValueError("the curve is over a variable that the model does not take")
        return self
