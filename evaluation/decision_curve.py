"""Whether acting on a model's probabilities does more good than acting on everybody or on nobody.

Own code: the net benefit is one line, for which dcurves brings five libraries.
"""

from collections.abc import Sequence

import numpy as np

from evaluation.discrimination import Scores, Truth
from evaluation.operating_points import count_calls
from specs.declared import Declared


class NetBenefit(Declared):
    """Net benefit where action follows from a probability of `threshold` up; unit 1, true positives a study.

    `of_model` acts on the calls, `of_all` on every study; acting on none has a net benefit of zero.
    """

    threshold: float
    of_model: float
    of_all: float

    @property
    def avoided(self) -> float:
        """Actions that the model spares a study, against acting on all, without missing more; unit 1."""
        return (self.of_model - self.of_all) * (1 - self.threshold) / self.threshold


class DecisionCurve(Declared):
    """Net benefit at each threshold, in the order asked for, where `prevalence` (unit 1) have the finding."""

    prevalence: float
    points: tuple[NetBenefit, ...]


def decision_curve(
    truth: Truth, probabilities: Scores, *, thresholds: Sequence[float], prevalence: float | None = None
) -> DecisionCurve:
    """Compute the net benefit.

    Args:
        truth: Shape (studies,), with studies of both kinds.
        probabilities: Shape (studies,), unit 1, in [0, 1]; calibrated, for the threshold is the risk at which a
            person would rather be acted on.
        thresholds: Unit 1, between 0 and 1 without either.
        prevalence: Share of the people acted on that have the finding, unit 1, where another than in the set, as in a
            case-control study. Their probabilities must be calibrated to it.

    Raises:
        ValueError: all studies are of one kind, or a threshold or the prevalence is outside.

    Source:
        Vickers AJ, Elkin EB, Med Decis Making 2006;26:565-574; interventions avoided and another prevalence: Vickers
        AJ et al., BMC Med Inform Decis Mak 2008;8:53.
    """
    if truth.all() or not truth.any():
        raise ValueError("a decision curve needs studies with the finding and studies without")
    share = float(np.mean(truth)) if prevalence is None else prevalence
    if not all(0 < value < 1 for value in (share, *thresholds)):
        raise ValueError("thresholds and the prevalence lie between 0 and 1, without either")
    return DecisionCurve(
        prevalence=share, points=tuple(_net_benefit(truth, probabilities, at, prevalence=share) for at in thresholds)
    )


def _net_benefit(truth: Truth, probabilities: Scores, threshold: float, *, prevalence: float) -> NetBenefit:
    counts = count_calls(truth, probabilities, threshold)
    with_finding = counts.true_positive + counts.false_negative
    harm = threshold / (1 - threshold)
    true_positive = counts.true_positive / with_finding * prevalence
    false_positive = counts.false_positive / (counts.total - with_finding) * (1 - prevalence)
    return NetBenefit(
        threshold=threshold,
        of_model=true_positive - false_positive * harm,
        of_all=prevalence - (1 - prevalence) * harm,
    )
