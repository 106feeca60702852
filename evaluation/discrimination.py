"""Area under the ROC curve with DeLong's interval.

Own code: SciPy and scikit-learn give the area without a variance, and no kept library has DeLong's.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evaluation.interval import CONFIDENCE, Interval

Truth = NDArray[np.bool_]
"""One flag a study, True where the finding is present."""

Scores = NDArray[np.float64]
"""One number a study, larger where the finding is likelier."""


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
    if np.isnan(scores).any():
        raise ValueError("a score is not a number")
    positive, negative = scores[truth], scores[~truth]
    if min(positive.size, negative.size) < 2:
        raise ValueError("an AUC needs at least two studies with the finding and two without")
    ranks = stats.rankdata(np.concatenate([positive, negative]))
    placement_positive = (ranks[: positive.size] - stats.rankdata(positive)) / negative.size
    placement_negative = 1.0 - (ranks[positive.size :] - stats.rankdata(negative)) / positive.size
    auc = float(placement_positive.mean())
    variance = placement_positive.var(ddof=1) / positive.size + placement_negative.var(ddof=1) / negative.size
    reach = float(stats.norm.ppf(0.5 + CONFIDENCE / 2)) * math.sqrt(float(variance))
    return Interval(estimate=auc, lower=max(0.0, auc - reach), upper=min(1.0, auc + reach))
