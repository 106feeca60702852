"""A table of how often each of several signs is present in two groups, with Fisher's exact test."""

import numpy as np
from scipy import stats

from evaluation.interval import Interval, shown_p_value
from evaluation.proportions import proportion
from specs.declared import Declared


class SignCounts(Declared):
    """In how many people of two groups a sign is present."""

    sign: str
    in_first: int
    in_second: int


class SignComparison(Declared):
    """A sign's share of either group with its exact 95 % interval, unit 1, and the two-sided p value."""

    sign: str
    first: Interval
    second: Interval
    p_value: float

    def __str__(self) -> str:
        return f"{self.first}  {self.second}  p {shown_p_value(self.p_value)}"


class FisherTable(Declared):
    """One row a sign; each p value stands alone, without correction for the number of signs."""

    first_group: str
    second_group: str
    first_people: int
    second_people: int
    rows: tuple[SignComparison, ...]

    def __str__(self) -> str:
        width = max(len(row.sign) for row in self.rows)
        groups = f"{self.first_group} (n = {self.first_people}), {self.second_group} (n = {self.second_people})"
        return "\n".join([f"{groups}; Fisher's exact test:", *(f"  {row.sign:<{width}}  {row}" for row in self.rows)])


def fisher_table(signs: tuple[SignCounts, ...], *, groups: tuple[str, str], people: tuple[int, int]) -> FisherTable:
    """Compare two groups sign by sign.

    Args:
        signs: At least one.
        groups: Names of the first and second group.
        people: How many either group has, at least one.

    Raises:
        ValueError: there is no sign, a group is empty, or a sign is in fewer than none or more than all of a group.

    Source:
        Fisher RA, J R Stat Soc 1922;85:87-94; two-sided as SciPy and R have it: the sum of the probabilities of all
        tables that are no likelier than the one seen. Shares: Clopper-Pearson.
    """
    if not signs or min(people) < 1:
        raise ValueError("a table needs a sign at least and two groups that are not empty")
    return FisherTable(
        first_group=groups[0],
        second_group=groups[1],
        first_people=people[0],
        second_people=people[1],
        rows=tuple(_comparison(sign, people) for sign in signs),
    )


def _comparison(sign: SignCounts, people: tuple[int, int]) -> SignComparison:
    counts = sign.in_first, sign.in_second
    if not all(0 <= count <= number for count, number in zip(counts, people, strict=True)):
        raise ValueError(f"{sign.sign} is in {counts} of {people} people")
    first, second = (proportion(count, number) for count, number in zip(counts, people, strict=True))
    assert first is not None  # neither group is empty
    assert second is not None
    table = np.array([[count, number - count] for count, number in zip(counts, people, strict=True)])
    return SignComparison(sign=sign.sign, first=first, second=second, p_value=float(stats.fisher_exact(table).pvalue))
