"""An estimate with its confidence interval, and a p value as people read it."""

from specs.declared import Declared

CONFIDENCE = 0.95
"""Confidence level of every interval that this project prints."""


class Interval(Declared):
    """A point estimate with the bounds of its 95 % confidence interval, all in the unit of the estimate."""

    estimate: float
    lower: float
    upper: float

    def __str__(self) -> str:
        return f"{self.estimate:.3f} (95 % CI {self.lower:.3f}–{self.upper:.3f})"

    def cell(self, digits: int = 3, *, signed: bool = False) -> str:
        """Return it for a table whose heading says which interval it is: 0.939 (0.924 to 0.955)."""
        form = f"{'+' if signed else ''}.{digits}f"
        return f"{self.estimate:{form}} ({self.lower:{form}} to {self.upper:{form}})"


def shown_p_value(p_value: float | None) -> str:
    """Write a p value with the sign before it, to stand after a p: `= 0.034`, `< 0.001`; `= –` where there is none."""
    if p_value is None:
        return "= –"
    return "< 0.001" if p_value < 0.001 else f"= {p_value:.3f}"
