"""Percentiles of latencies with exact intervals, from every sample of a run.

All samples are kept, three numbers a request: a million are 24 MB. A histogram such as HDR would save that, round each
latency to three digits and leave no ranks to take intervals from.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import stats

from specs.declared import Declared

PERCENTS = (50.0, 95.0, 99.0, 99.9)
CONFIDENCE = 0.95

Seconds = NDArray[np.float64]
"""One number a request, shape (requests,), in seconds."""


class Percentile(Declared):
    """Latency that a share of the requests does not exceed, with a 95 % interval."""

    percent: float
    ms: float
    lower_ms: float | None = Field(description="None where there are too few requests to bound it from below.")
    upper_ms: float | None = Field(description="None where there are too few requests to bound it from above.")


class Latency(Declared):
    """Latencies of the requests of one run."""

    requests: int
    mean_ms: float
    largest_ms: float
    percentiles: tuple[Percentile, ...]

    @classmethod
    def of(cls, latency_s: Seconds) -> "Latency":
        """Summarize.

        Args:
            latency_s: Of each request, at least one.
        """
        return cls(
            requests=latency_s.size,
            mean_ms=1e3 * float(latency_s.mean()),
            largest_ms=1e3 * float(latency_s.max()),
            percentiles=percentiles(latency_s, PERCENTS),
        )

    def at(self, percent: float) -> Percentile:
        """Return one of the percentiles.

        Raises:
            KeyError: it is none of them.
        """
        return {each.percent: each for each in self.percentiles}[percent]


def percentiles(latency_s: Seconds, percents: Sequence[float]) -> tuple[Percentile, ...]:
    """Return percentiles with their intervals.

    A percentile is the smallest sample that so large a share of them does not exceed, so that none is made up between
    two. The interval runs between two order statistics whose ranks the binomial distribution gives: it holds whatever
    the distribution of latencies is, for requests that do not depend on each other. Those that wait in one queue do,
    and then it is too narrow.

    Args:
        latency_s: Of each request, at least one.
        percents: Each above 0 and below 100.

    Source:
        H. A. David, H. N. Nagaraja, Order Statistics, 3rd edition, 7.1.
    """
    ordered = np.sort(latency_s)
    return tuple(_percentile(ordered, percent) for percent in percents)


def _percentile(ordered: Seconds, percent: float) -> Percentile:
    share, count = percent / 100, ordered.size
    tail = (1 - CONFIDENCE) / 2
    lower, upper = (int(stats.binom.ppf(each, count, share)) for each in (tail, 1 - tail))
    return Percentile(
        percent=percent,
        ms=1e3 * float(np.quantile(ordered, share, method="inverted_cdf")),
        lower_ms=1e3 * float(ordered[lower - 1]) if lower >= 1 else None,
        upper_ms=1e3 * float(ordered[upper]) if upper < count else None,  # of rank upper + 1
    )


def largest_ratio(over: Percentile, under: Percentile) -> float | None:
    """Return the ratio that two percentiles may have at most, from their intervals; None where one is not bounded."""
    if over.upper_ms is None or under.lower_ms is None:
        return None
    return over.upper_ms / under.lower_ms
