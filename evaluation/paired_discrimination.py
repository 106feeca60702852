"""Whether one score separates the same studies better than another: two correlated areas under the ROC curve.

Own code, as is DeLong's variance that it uses: no kept library has the test.
"""

import math

import numpy as np
from scipy import stats

from evaluation.discrimination import Placements, Scores, Truth, area_under_roc, placements
from evaluation.interval import CONFIDENCE, Interval, shown_p_value
from specs.declared import Declared


class AreaComparison(Declared):
    """The AUCs of two scores on the same studies, and the first minus the second; all of unit 1.

    `p_value` is two-sided, and None where the variance of the difference is zero: both scores order the studies alike.
    """

    first: Interval
    second: Interval
    difference: Interval
    p_value: float | None

    def __str__(self) -> str:
        difference = self.difference
        bounds = f"(95 % CI {difference.lower:+.3f} to {difference.upper:+.3f})"
        return (
            f"AUC {self.first}, {self.second}; difference {difference.estimate:+.3f} {bounds}, p {self.shown_p_value}"
        )

    @property
    def shown_p_value(self) -> str:
        """The p value as people read it, with the sign before it."""
        return shown_p_value(self.p_value)


def compare_areas(truth: Truth, first: Scores, second: Scores) -> AreaComparison:
    """Compare the AUCs of two scores of the same studies.

    The interval and p value hold for two scores named beforehand. Where the second is the best of several on these
    very studies, its AUC is flattered and the difference errs against the first.

    Args:
        truth: Shape (studies,), with at least two studies of either kind.
        first: Shape (studies,), any unit; ties count one half.
        second: The same shape, any unit.

    Raises:
        ValueError: fewer than two studies of one kind, or a score that is not a number.

    Source:
        DeLong ER, DeLong DM, Clarke-Pearson DL, Biometrics 1988;44:837-845: the variance of the difference is that of
        the differences of the structural components.
    """
    of_first, of_second = placements(truth, first), placements(truth, second)
    apart = Placements(positive=of_first.positive - of_second.positive, negative=of_first.negative - of_second.negative)
    difference, deviation = float(apart.positive.mean()), math.sqrt(apart.variance)
    reach = float(stats.norm.ppf(0.5 + CONFIDENCE / 2)) * deviation
    # Ranks divided by the number of studies leave rounding where the components are equal.
    determined = deviation > float(np.finfo(np.float64).eps)
    return AreaComparison(
        first=area_under_roc(truth, first),
        second=area_under_roc(truth, second),
        difference=Interval(
            estimate=difference, lower=max(-1.0, difference - reach), upper=min(1.0, difference + reach)
        ),
        p_value=2 * float(stats.norm.sf(abs(difference) / deviation)) if determined else None,
    )
