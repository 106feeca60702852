"""Perfusion scores of segments, 0 to 4, and their sums over the left ventricle."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from specs.declared import Declared
from specs.perfusion_scores import WORST_SCORE, NormalLimits, ScoreRules

SUMS: Final = ("SSS", "SRS", "SDS")
"""What the sums of scores at stress and rest and their difference are called, in the order of `SummedScores`."""

Values = NDArray[np.float64]
"""Uptake of the 17 segments in the order of their numbers, shape (..., 17)."""
Scores = NDArray[np.int64]
"""Of the 17 segments in the order of their numbers, shape (17,), 0 to 4."""


class SummedScores(Declared):
    """Sums over the 17 segments: SSS, SRS, and their difference SDS; at most 68."""

    stress: int
    rest: int
    difference: int

    @property
    def by_name(self) -> dict[str, int]:
        """The sums by their names in `SUMS`."""
        return dict(zip(SUMS, (self.stress, self.rest, self.difference), strict=True))


def percent_of_highest(values: Values) -> Values:
    """Return uptake in % of each patient's highest segment.

    Raises:
        ValueError: a value is below 0 or no number, or all of a patient's are 0.
    """
    highest = values.max(axis=-1, keepdims=True)
    if not (np.isfinite(values).all() and values.min() >= 0 and highest.min() > 0):
        raise ValueError("Uptake must be finite and at least 0, and above 0 in one segment")
    return np.asarray(100 * values / highest)


def normal_limits(values: Values) -> NormalLimits:
    """Learn what is normal from people without disease.

    Args:
        values: Uptake, shape (patients, 17), any unit; at least two patients.

    Raises:
        ValueError: as `percent_of_highest`, or there are fewer than two patients.
    """
    if len(values) < 2:
        raise ValueError("At least two patients are needed")
    percents = percent_of_highest(values)
    return NormalLimits(
        mean_percent=tuple(percents.mean(axis=0).tolist()),
        deviation_percent=tuple(percents.std(axis=0, ddof=1).tolist()),
        patients=len(percents),
    )


def segment_scores(values: Values, limits: NormalLimits, rules: ScoreRules) -> Scores:
    """Score each segment.

    Args:
        values: Uptake of one patient, shape (17,), any unit.
        limits: What is normal at the same state, stress or rest.
        rules: Cut-offs.

    Raises:
        ValueError: as `percent_of_highest`.
    """
    percents = percent_of_highest(values)
    mean, deviation = np.array(limits.mean_percent), np.array(limits.deviation_percent)
    remaining = 100 * percents / mean
    reduced = 1 + (remaining[:, None] < np.array(rules.remaining_percent)).sum(axis=1)
    return np.where(percents >= mean - rules.limit_deviations * deviation, 0, np.minimum(reduced, WORST_SCORE))


def summed_scores(stress: Scores, rest: Scores) -> SummedScores:
    """Sum the scores of both states; the difference is that of the segments, below 0 counted too.

    Source:
        Berman DS et al.: SDS is SSS less SRS.
    """
    return SummedScores(stress=int(stress.sum()), rest=int(rest.sum()), difference=int(stress.sum() - rest.sum()))
