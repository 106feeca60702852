"""Errors of a quantity's model among the patients of one sex, age, view or site."""

from collections.abc import Sequence

import numpy as np

from evaluation.agreement import Quantities, mean_interval
from evaluation.characteristics import Grouping
from evaluation.interval import Interval
from specs.declared import Declared


class QuantitySubgroup(Declared):
    """The figures of one group in the unit of the quantity; None with a single study."""

    characteristic: str
    group: str
    studies: int
    mean_absolute_error: Interval | None
    bias: Interval | None

    def __str__(self) -> str:
        name = f"  {self.characteristic} {self.group}: {self.studies} studies"
        return f"{name}; mean absolute error {_shown(self.mean_absolute_error)}, bias {_shown(self.bias)}"


def quantity_subgroups(
    truth: Quantities, values: Quantities, groupings: Sequence[Grouping]
) -> tuple[QuantitySubgroup, ...]:
    """Measure every group on its own; of several groups, one or another looks different by chance.

    Args:
        truth: Shape (studies,), any unit.
        values: What was predicted for them, the same shape and unit.
        groupings: Of the same studies.
    """
    difference = values - truth
    return tuple(
        QuantitySubgroup(
            characteristic=grouping.characteristic,
            group=group,
            studies=int(np.sum(members)),
            mean_absolute_error=_mean(np.abs(difference[members])),
            bias=_mean(difference[members]),
        )
        for grouping in groupings
        for group, members in grouping
    )


def _mean(values: Quantities) -> Interval | None:
    return mean_interval(values) if values.size >= 2 else None


def _shown(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return f"{interval.estimate:.2f} (95 % CI {interval.lower:.2f} to {interval.upper:.2f})"
