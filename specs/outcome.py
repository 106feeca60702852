"""The head of a model that says which of several outcomes a patient will have, declared as data."""

from typing import Literal, Self

from pydantic import Field, model_validator

from specs.declared import Declared
from specs.tensors import Tensor


class Outcome(Declared):
    """One of the outcomes, of which every patient has exactly one."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Also the word in a table of one's own patients.")
    title: str
    high_risk_above: float | None = Field(
        gt=0, lt=1, description="A patient whose probability is larger is of the high-risk group; None without groups."
    )


class OutcomeClassifier(Declared):
    """One of several classifiers, each of which answers by itself."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    probabilities: Tensor = Field(description="One for each outcome, in their order; unit 1.")


class OutcomeProbabilities(Declared):
    """Probability of each outcome within a time; each classifier's add up to 1.

    The first classifier gives the answer, for the risk groups of one patient must come from probabilities that belong
    together; the others stand beside it.
    """

    kind: Literal["outcome_probabilities"] = "outcome_probabilities"
    horizon_years: float = Field(gt=0)
    outcomes: tuple[Outcome, ...] = Field(min_length=2)
    classifiers: tuple[OutcomeClassifier, ...] = Field(min_length=1)
    risk_source: str = Field(description="Where the cut-offs are from.")
    curve_variable: str = Field(description="Variable over which the probabilities of one patient are drawn.")
    curve_range: tuple[float, float] = Field(description="Least and largest value of that variable in the drawing.")
    unit: Literal["1"] = "1"

    @model_validator(mode="after")
    def _classifiers_answer_for_every_outcome(self) -> Self:
        for classifier in self.classifiers:
            if classifier.probabilities.shape != (len(self.outcomes),):
                raise ValueError(f"{classifier.name} does not give a probability for each outcome")
        return self

    @property
    def answer(self) -> Tensor:
        """The tensor of the answer itself."""
        return self.classifiers[0].probabilities

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """Every output tensor of the model, the answer first."""
        return tuple(classifier.probabilities for classifier in self.classifiers)

    @property
    def activation_map(self) -> None:
        """None: there is no image."""
        return None


class OutcomeTolerances(Declared):
    """How far the served graph may be from the fitted classifiers on the parity set, at their split points too."""

    kind: Literal["outcome"] = "outcome"
    probability_shift: float = Field(gt=0, lt=1, description="Largest absolute shift of a probability.")
    sum_error: float = Field(gt=0, lt=1, description="Largest distance of a patient's probabilities from 1 in sum.")
