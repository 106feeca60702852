"""What the classifiers of an outcome model are worth, outcome by outcome, on patients whose outcome is known."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from evaluation.calibration import calibration
from evaluation.discrimination import Scores, Truth, area_under_roc
from specs.outcome import Outcome, OutcomeProbabilities
from specs.weights import ClassifierFigures, Discrimination, OutcomeFigures, OutcomePerformance, RiskGroup

Outcomes = NDArray[np.int64]
"""For each patient the place of what happened among the head's outcomes, shape (patients,)."""

Probabilities = Mapping[str, NDArray[np.float64]]
"""For each classifier what it gave, shape (patients, outcomes), unit 1."""


def outcome_performance(
    head: OutcomeProbabilities, truth: Outcomes, probabilities: Probabilities, *, data_set: str
) -> OutcomePerformance:
    """Measure each outcome against all others, and count the events on both sides of its cut-off.

    Args:
        head: The outcomes and classifiers.
        truth: With at least two patients of each outcome.
        probabilities: Of the same patients.
        data_set: Name of the patients, for the record.

    Raises:
        ValueError: fewer than two patients of one outcome, or a probability that is not a number.
    """
    return OutcomePerformance(
        data_set=data_set,
        patients=int(truth.size),
        classifiers=tuple(
            ClassifierFigures(
                classifier=classifier.name,
                outcomes=tuple(
                    _figures(outcome, truth == place, probabilities[classifier.name][:, place], data_set=data_set)
                    for place, outcome in enumerate(head.outcomes)
                ),
            )
            for classifier in head.classifiers
        ),
    )


def _figures(outcome: Outcome, happened: Truth, probabilities: Scores, *, data_set: str) -> OutcomeFigures:
    auc = area_under_roc(happened, probabilities)
    low, high = None, None
    if outcome.high_risk_above is not None:
        is_high = probabilities > outcome.high_risk_above
        low, high = (
            RiskGroup(patients=int(group.sum()), events=int(happened[group].sum())) for group in (~is_high, is_high)
        )
    return OutcomeFigures(
        outcome=outcome.name,
        events=int(happened.sum()),
        discrimination=Discrimination(data_set=data_set, auc=auc.estimate, auc_lower=auc.lower, auc_upper=auc.upper),
        calibration=calibration(happened, probabilities, data_set=data_set),
        low_risk=low,
        high_risk=high,
    )
