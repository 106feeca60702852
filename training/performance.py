"""What trained weights are worth on a part of the data, in the terms of their head."""

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from evaluation.calibration import calibration
from evaluation.discrimination import area_under_roc
from evaluation.operating_points import choose_threshold, count_calls
from specs.head import FindingProbability, ImageHead, MeasuredQuantity
from specs.weights import Discrimination, FindingPerformance, OperatingPoint, Performance, QuantityPerformance
from training.errors import NotMeasurable, OperatingPointUnreachable


def performance(
    head: ImageHead, truth: NDArray[np.float32], answers: NDArray[np.float64], *, data_set: str
) -> Performance:
    """Measure answers against the truth, and choose the operating point of a finding.

    Args:
        head: What the answers mean.
        truth: Shape (studies,): 1 or 0 for a finding, a quantity in its unit.
        answers: Shape (studies,): probabilities, or the quantity in its unit.
        data_set: Name of the studies, for the record.

    Raises:
        NotMeasurable: truth or answers are too much alike, or an answer is no number.
        OperatingPointUnreachable: no point is as sensitive or specific as the head's policy wants.
    """
    what = _unmeasurable(head, truth, answers)
    if what is not None:
        raise NotMeasurable(data_set=data_set, what=what)
    match head:
        case FindingProbability():
            return _finding(head, truth > 0, answers, data_set=data_set)
        case MeasuredQuantity():
            error = answers - truth
            return QuantityPerformance(
                data_set=data_set,
                studies=truth.size,
                mean_absolute_error=float(np.abs(error).mean()),
                bias=float(error.mean()),
                error_deviation=float(error.std(ddof=1)),
                pearson_r=float(np.corrcoef(truth, answers)[0, 1]),
            )
        case _:
            assert_never(head)


def _unmeasurable(head: ImageHead, truth: NDArray[np.float32], answers: NDArray[np.float64]) -> str | None:
    """Say why there are no figures; None where there are."""
    positives = int((truth > 0).sum())
    if isinstance(head, FindingProbability) and not 2 <= positives <= truth.size - 2:
        return f"{positives} of {truth.size} studies have the finding"
    if np.unique(truth).size < 2:
        return "no two studies have different truth"
    if not np.isfinite(answers).all():
        return "an answer is no number"
    return "all studies get the same answer" if np.unique(answers).size < 2 else None


def _finding(
    head: FindingProbability, truth: NDArray[np.bool_], answers: NDArray[np.float64], *, data_set: str
) -> FindingPerformance:
    auc = area_under_roc(truth, answers)
    try:
        threshold = choose_threshold(truth, answers, head.operating_point_policy)
    except ValueError as problem:  # of studies that can be measured: no point is good enough for the policy
        raise OperatingPointUnreachable(data_set=data_set, what=str(problem)) from None
    return FindingPerformance(
        operating_point=OperatingPoint(
            threshold=threshold,
            policy=head.operating_point_policy,
            data_set=data_set,
            counts=count_calls(truth, answers, threshold),
        ),
        discrimination=Discrimination(data_set=data_set, auc=auc.estimate, auc_lower=auc.lower, auc_upper=auc.upper),
        calibration=calibration(truth, answers, data_set=data_set),
    )
