"""Patients whose outcome is known, with what a model said of each: what the pictures of its report are drawn from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.outcome_figures import Outcomes, Probabilities
from evaluation.outcome_report import OutcomeReport
from specs.outcome import OutcomeProbabilities


@dataclass(frozen=True, kw_only=True)
class CurveVariable:
    """The variable over which the head's curve is drawn.

    Attributes:
        title: Its name for people.
        unit: Its unit; "1" without one.
        values: Of each patient, shape (patients,).
    """

    title: str
    unit: str
    values: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class MeasuredOutcomes:
    """A report with the answers behind it.

    Attributes:
        report: The figures.
        head: What the probabilities mean.
        truth: Of each patient the place of what happened, shape (patients,).
        probabilities: For each classifier, shape (patients, outcomes), unit 1.
        curve: The variable of the curve, of the same patients.
    """

    report: OutcomeReport
    head: OutcomeProbabilities
    truth: Outcomes
    probabilities: Probabilities
    curve: CurveVariable
