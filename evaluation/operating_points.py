"""From probabilities to calls: choosing the operating point, counting what it does."""

from typing import assert_never

import numpy as np

from evaluation.discrimination import Scores, Truth
from specs.head import LargestYouden, OperatingPointPolicy
from specs.weights import ConfusionCounts


def choose_threshold(truth: Truth, probabilities: Scores, policy: OperatingPointPolicy) -> float:
    """Choose the probability from which a call is positive.

    The threshold lies halfway between two neighboring probabilities of the set, so that rounding in another
    engine cannot flip a call of the set itself.

    Args:
        truth: Shape (studies,), with studies of both kinds.
        probabilities: Shape (studies,), unit 1, in [0, 1].
        policy: Which point is the best one.

    Raises:
        ValueError: the set has studies of one kind only, or all have the same probability.
    """
    levels = np.unique(probabilities)
    if truth.all() or not truth.any() or levels.size < 2:
        raise ValueError("an operating point needs studies of both kinds with different probabilities")
    thresholds = (levels[1:] + levels[:-1]) / 2
    negatives, positives = np.sort(probabilities[~truth]), np.sort(probabilities[truth])
    specificity = np.searchsorted(negatives, thresholds) / negatives.size
    sensitivity = 1.0 - np.searchsorted(positives, thresholds) / positives.size
    match policy:
        case LargestYouden():
            return float(thresholds[np.argmax(sensitivity + specificity)])
        case _:
            assert_never(policy)


def is_positive(probability: float, threshold: float) -> bool:
    """Call a study: positive exactly from the threshold up."""
    return probability >= threshold


def count_calls(truth: Truth, probabilities: Scores, threshold: float) -> ConfusionCounts:
    """Count calls against truth.

    Args:
        truth: Shape (studies,).
        probabilities: The same shape, unit 1, in [0, 1].
        threshold: Operating point, unit 1.
    """
    called = np.fromiter((is_positive(float(p), threshold) for p in probabilities), dtype=np.bool_, count=truth.size)
    return ConfusionCounts(
        true_positive=int(np.sum(called & truth)),
        false_positive=int(np.sum(called & ~truth)),
        true_negative=int(np.sum(~called & ~truth)),
        false_negative=int(np.sum(~called & truth)),
    )
