"""What an outcome model says of one patient: probabilities and risk groups, from each of its classifiers."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from client.errors import OutputError
from specs.declared import Declared
from specs.outcome import Outcome, OutcomeClassifier, OutcomeProbabilities


class RiskGroup(StrEnum):
    """On which side of the published cut-off a probability is."""

    LOW = "low"
    HIGH = "high"


class OutcomeRisk(Declared):
    """Probability of one outcome; cut-off and group are None for an outcome without groups."""

    outcome: str
    title: str
    probability: float
    high_risk_above: float | None
    risk: RiskGroup | None

    def __str__(self) -> str:
        group = f" ({self.risk} risk)" if self.risk else ""
        return f"{self.title} {_shown(self.probability)}{group}"


class ClassifierRisks(Declared):
    """What one classifier says; the probabilities add up to 1."""

    classifier: str
    title: str
    outcomes: tuple[OutcomeRisk, ...]

    def __str__(self) -> str:
        return ", ".join(map(str, self.outcomes))


def classifier_risks(
    head: OutcomeProbabilities, classifier: OutcomeClassifier, probabilities: NDArray[np.float32], *, sum_error: float
) -> ClassifierRisks:
    """Check what one classifier gave and name the risk groups.

    Args:
        head: What the numbers mean.
        classifier: Which of its classifiers.
        probabilities: Finite, shape (outcomes,), unit 1.
        sum_error: How far from 1 they may be in sum.

    Raises:
        OutputError: a probability is outside 0 to 1, or they do not add up to 1.
    """
    values = [float(value) for value in probabilities]
    name = classifier.probabilities.name
    for value in values:
        if not 0.0 <= value <= 1.0:
            raise OutputError(tensor=name, what=f"{value:g}", accepted="0 to 1")
    if abs(sum(values) - 1.0) > sum_error:
        raise OutputError(tensor=name, what=f"{sum(values):g} in sum", accepted="1 in sum")
    return ClassifierRisks(
        classifier=classifier.name,
        title=classifier.title,
        outcomes=tuple(_risk(outcome, value) for outcome, value in zip(head.outcomes, values, strict=True)),
    )


def _shown(probability: float) -> str:
    """Write a probability in percent; nearer to certainty than a tenth it is shown as a bound."""
    if probability < 0.001:
        return "<0.1 %"
    return ">99.9 %" if probability > 0.999 else f"{100 * probability:.1f} %"


def _risk(outcome: Outcome, probability: float) -> OutcomeRisk:
    above, risk = outcome.high_risk_above, None
    if above is not None:
        risk = RiskGroup.HIGH if probability > above else RiskGroup.LOW
    return OutcomeRisk(
        outcome=outcome.name, title=outcome.title, probability=probability, high_risk_above=above, risk=risk
    )
