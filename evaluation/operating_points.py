"""From probabilities to calls: choosing the operating point, counting what it does."""

from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from evaluation.discrimination import Scores, Truth
from specs.head import LargestYouden, LeastSensitivity, LeastSpecificity, OperatingPointPolicy
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
        ValueError: the set has studies of one kind only, all have the same probability, or no point is as sensitive or
            specific as wanted.
    """
    match policy:
        case LargestYouden():
            candidates = _candidates(truth, probabilities)
            specificity = candidates.cleared / candidates.negatives
            sensitivity = 1.0 - candidates.missed / candidates.positives
            return float(candidates.thresholds[np.argmax(sensitivity + specificity)])
        case LeastSensitivity(sensitivity=wanted):
            return threshold_for_sensitivity(truth, probabilities, wanted=wanted)
        case LeastSpecificity(specificity=wanted):
            return threshold_for_specificity(truth, probabilities, wanted=wanted)
        case _:
            assert_never(policy)


def threshold_for_sensitivity(truth: Truth, probabilities: Scores, *, wanted: float) -> float:
    """Choose the highest threshold that is sensitive enough: of all such, the most specific.

    The sensitivity is that of this very set; another set's lies about it as its interval says.

    Args:
        truth: Shape (studies,), with studies of both kinds.
        probabilities: Shape (studies,), unit 1, in [0, 1].
        wanted: Least sensitivity, unit 1, above 0 and at most 1.

    Raises:
        ValueError: no threshold between two probabilities of the set is that sensitive, or the set has none.
    """
    candidates = _candidates(truth, probabilities)
    sensitivity = (candidates.positives - candidates.missed) / candidates.positives
    enough = candidates.thresholds[sensitivity >= wanted]
    if enough.size == 0:
        raise ValueError(f"no threshold has a sensitivity of {wanted}; the most sensitive one has {sensitivity[0]:.3f}")
    return float(enough[-1])


def threshold_for_specificity(truth: Truth, probabilities: Scores, *, wanted: float) -> float:
    """Choose the lowest threshold that is specific enough: of all such, the most sensitive.

    Args:
        truth: Shape (studies,), with studies of both kinds.
        probabilities: Shape (studies,), unit 1, in [0, 1].
        wanted: Least specificity, unit 1, above 0 and at most 1.

    Raises:
        ValueError: no threshold between two probabilities of the set is that specific, or the set has none.
    """
    candidates = _candidates(truth, probabilities)
    specificity = candidates.cleared / candidates.negatives
    enough = candidates.thresholds[specificity >= wanted]
    if enough.size == 0:
        raise ValueError(f"no threshold has a specificity of {wanted}; the most specific one has {specificity[-1]:.3f}")
    return float(enough[0])


@dataclass(frozen=True, kw_only=True)
class _Candidates:
    """The thresholds halfway between neighboring probabilities, ascending, and what each does; shape (thresholds,).

    `missed` counts studies with the finding that are called negative, of `positives`; `cleared` those without, of
    `negatives`.
    """

    thresholds: Scores
    missed: NDArray[np.intp]
    cleared: NDArray[np.intp]
    positives: int
    negatives: int


def _candidates(truth: Truth, probabilities: Scores) -> _Candidates:
    levels = np.unique(probabilities)
    if truth.all() or not truth.any() or levels.size < 2:
        raise ValueError("an operating point needs studies of both kinds with different probabilities")
    thresholds = (levels[1:] + levels[:-1]) / 2
    negatives, positives = np.sort(probabilities[~truth]), np.sort(probabilities[truth])
    return _Candidates(
        thresholds=thresholds,
        missed=np.searchsorted(positives, thresholds),
        cleared=np.searchsorted(negatives, thresholds),
        positives=positives.size,
        negatives=negatives.size,
    )


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
