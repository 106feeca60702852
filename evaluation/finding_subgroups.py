"""Discrimination and calls of a finding model among the patients of one sex, age, view or site."""

from collections.abc import Sequence

import numpy as np

from evaluation.characteristics import Grouping
from evaluation.discrimination import FEWEST_OF_EITHER, Scores, Truth, area_under_roc
from evaluation.interval import Interval
from evaluation.operating_points import count_calls
from evaluation.proportions import call_figures
from specs.declared import Declared


class FindingSubgroup(Declared):
    """The figures of one group, unit 1; None where it has too few studies for one."""

    characteristic: str
    group: str
    studies: int
    positives: int
    auc: Interval | None
    sensitivity: Interval | None
    specificity: Interval | None

    def __str__(self) -> str:
        return (
            f"  {self.characteristic} {self.group}: {self.studies} studies, {self.positives} with the finding; "
            f"AUC {self.auc or '–'}, sensitivity {self.sensitivity or '–'}, specificity {self.specificity or '–'}"
        )


def finding_subgroups(
    truth: Truth, probabilities: Scores, groupings: Sequence[Grouping], *, threshold: float
) -> tuple[FindingSubgroup, ...]:
    """Measure every group on its own; of several groups, one or another looks different by chance.

    Args:
        truth: Shape (studies,).
        probabilities: Shape (studies,), unit 1, in [0, 1].
        groupings: Of the same studies.
        threshold: Operating point, unit 1.
    """
    return tuple(
        _subgroup(grouping.characteristic, group, truth[members], probabilities[members], threshold=threshold)
        for grouping in groupings
        for group, members in grouping
    )


def _subgroup(
    characteristic: str, group: str, truth: Truth, probabilities: Scores, *, threshold: float
) -> FindingSubgroup:
    positives = int(np.sum(truth))
    fewest = min(positives, truth.size - positives)
    figures = call_figures(count_calls(truth, probabilities, threshold))
    return FindingSubgroup(
        characteristic=characteristic,
        group=group,
        studies=truth.size,
        positives=positives,
        auc=area_under_roc(truth, probabilities) if fewest >= FEWEST_OF_EITHER else None,
        sensitivity=figures.sensitivity,
        specificity=figures.specificity,
    )
