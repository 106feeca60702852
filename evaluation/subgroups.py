"""Calls at the operating point by group: sensitivity by grade of a disease, specificity where there is none."""

from collections.abc import Sequence

from evaluation.characteristics import GroupNames
from evaluation.discrimination import Scores
from evaluation.interval import Interval
from evaluation.operating_points import is_positive
from evaluation.proportions import proportion
from specs.declared import Declared


class GroupCalls(Declared):
    """Calls within one group.

    `called_positive` is the share of the group, unit 1: its sensitivity where the group has the finding, and
    1 - specificity where it has not. It is None without studies.
    """

    group: str
    studies: int
    positive_calls: int
    called_positive: Interval | None


class CallsByGroup(Declared):
    """A table of groups in the order that was asked for, with exact (Clopper-Pearson) 95 % intervals."""

    threshold: float
    groups: tuple[GroupCalls, ...]

    def __str__(self) -> str:
        width = max(len(row.group) for row in self.groups)
        title = f"Called positive at the operating point {self.threshold:.3f} (Clopper-Pearson):"
        return "\n".join(
            [
                title,
                *(
                    f"  {row.group:<{width}}  {row.positive_calls} of {row.studies}  {row.called_positive or '–'}"
                    for row in self.groups
                ),
            ]
        )


def calls_by_group(
    groups: GroupNames, probabilities: Scores, *, threshold: float, order: Sequence[str]
) -> CallsByGroup:
    """Count positive calls in every group.

    Args:
        groups: Shape (studies,), each one of `order`.
        probabilities: Shape (studies,), unit 1, in [0, 1].
        threshold: Operating point, unit 1.
        order: Every group once, as the table lists them: none, mild, moderate, severe.

    Raises:
        ValueError: `order` is empty or repeats a group, or a study's group is not in it.
    """
    if not order or len(set(order)) < len(order):
        raise ValueError("a table by group needs every group once")
    unknown = sorted(set(groups.tolist()) - set(order))
    if unknown:
        raise ValueError(f"a study is of the group {unknown[0]!r}, which the table does not list")
    rows = []
    for group in order:
        members = probabilities[groups == group]
        called = sum(is_positive(float(probability), threshold) for probability in members)
        rows.append(
            GroupCalls(
                group=group,
                studies=members.size,
                positive_calls=called,
                called_positive=proportion(called, members.size),
            )
        )
    return CallsByGroup(threshold=threshold, groups=tuple(rows))
