"""Area under the ROC curve with DeLong's interval.

Own code: SciPy and scikit-learn give the area without a variance, and no kept library has DeLong's.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from evaluation.interval import CONFIDENCE, Interval
from specs.weights import Discrimination

Truth = NDArray[np.bool_]
"""One flag a study, True where the finding is present."""

Scores = NDArray[np.float64]
"""One number a study, larger where the finding is likelier."""

FEWEST_OF_EITHER = 2
"""Studies with the finding, and without, that a variance needs."""


def area_under_roc(truth: Truth, scores: Scores) -> Interval:
    """Estimate the AUC and its 95 % interval.

    Args:
        truth: Shape (studies,), with at least two studies of either kind.
        scores: Shape (studies,), any unit; ties count one half.

    Returns:
        The AUC, unit 1, with the normal interval on DeLong's variance, cut to [0, 1].

    Raises:
        ValueError: fewer than two studies of one kind, or a score that is not a number.

    Source:
        DeLong ER, DeLong DM, Clarke-Pearson DL, Biometrics 1988;44:837-845, by the midranks of Sun X, Xu W,
        IEEE Signal Process Lett 2014;21:1389-1393.
    """
    placed = placements(truth, scores)
    auc = float(placed.positive.mean())
    reach = float(special.ndtri(0.5 + CONFIDENCE / 2)) * math.sqrt(placed.variance)
    return Interval(estimate=auc, lower=max(0.0, auc - reach), upper=min(1.0, auc + reach))


def recorded_area(found: Discrimination) -> Interval:
    """Return the AUC of a record with its interval."""
    return Interval(estimate=found.auc, lower=found.auc_lower, upper=found.auc_upper)


@dataclass(frozen=True, kw_only=True)
class Placements:
    """DeLong's structural components of one AUC, or the differences of those of two.

    Attributes:
        positive: Of each study with the finding, the share of the others that it exceeds, shape (positives,), unit 1.
        negative: Of each study without, the share of those with the finding that exceed it, shape (negatives,), unit 1.
    """

    positive: Scores
    negative: Scores

    @property
    def variance(self) -> float:
        """Variance of the mean of either component, which is the AUC (or the difference of two), unit 1."""
        of_positive = self.positive.var(ddof=1) / self.positive.size
        of_negative = self.negative.var(ddof=1) / self.negative.size
        return float(of_positive + of_negative)


def placements(truth: Truth, scores: Scores) -> Placements:
    """Place every study among those of the other kind; ties count one half.

    Args:
        truth: Shape (studies,), with at least two studies of either kind.
        scores: Shape (studies,), any unit.

    Raises:
        ValueError: fewer than two studies of one kind, or a score that is not a number.

    Source:
        As for `area_under_roc`.
    """
    if np.isnan(scores).any():
        raise ValueError("a score is not a number")
    positive, negative = scores[truth], scores[~truth]
    if min(positive.size, negative.size) < FEWEST_OF_EITHER:
        raise ValueError("an AUC needs at least two studies with the finding and two without")
    from scipy import stats  # slow to import, and wanted only where something is measured

    ranks = stats.rankdata(np.concatenate([positive, negative]))
    return Placements(
        positive=(ranks[: positive.size] - stats.rankdata(positive)) / negative.size,
        negative=1.0 - (ranks[positive.size :] - stats.rankdata(negative)) / positive.size,
    )
