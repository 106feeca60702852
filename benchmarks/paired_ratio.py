"""One way over another, by the ratios of passes that lie beside each other in time."""

from collections.abc import Sequence

import numpy as np

from specs.declared import Declared


class PairedRatio(Declared):
    """Ratios of the passes of the same repetition, unit 1.

    Where the quartiles lie on both sides of 1, nothing is shown.
    """

    median: float
    first_quartile: float
    third_quartile: float

    @classmethod
    def of(cls, ratios: Sequence[float]) -> "PairedRatio":
        """Summarize.

        Args:
            ratios: Of each repetition, at least one.
        """
        first, median, third = (float(bound) for bound in np.quantile(ratios, (0.25, 0.5, 0.75)))
        return cls(median=median, first_quartile=first, third_quartile=third)

    @classmethod
    def between(cls, numerators: Sequence[float], denominators: Sequence[float]) -> "PairedRatio":
        """Summarize the ratios of figures in the order of the repetitions; of each, at least one."""
        return cls.of([one / other for one, other in zip(numerators, denominators, strict=True)])
