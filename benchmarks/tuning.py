"""Which way of serving a model this machine does best: candidates, and a search that is bounded in time.

Successive halving: all candidates are measured briefly, the better third of them for longer, and so on. What a
candidate is worth is its largest rate with a number of clients at which 95 % of the answers come within the bound.
"""

import math
from collections.abc import Iterator, Sequence

from pydantic import Field

from benchmarks.load import ClosedTrial
from benchmarks.machine import Machine
from specs.declared import Declared
from specs.deployment import Engine, Precision, ServingChoice

CLIENTS = (1, 4, 16)
"""Numbers of clients that each candidate is measured with."""

BOUNDED_PERCENT = 95.0
"""The percentile that the bound holds for: of the short trials here higher ones would be single requests."""

START_S = 5.0
"""What starting a server for one candidate takes, about."""

_KEPT_SHARE = 1 / 3
_FEWEST_IN_THE_END = 3
_SHORTEST_TRIAL_S = 1.0
_DELAYS_US = (0, 2000)


class Candidate(Declared):
    """One way of serving a model."""

    engine: Engine
    precision: Precision
    serving: ServingChoice


class Measurement(Declared):
    """One candidate under load."""

    candidate: Candidate
    duration_s: float = Field(description="Of each trial.")
    spent_s: float = Field(description="With the start of its server.")
    closed: tuple[ClosedTrial, ...]

    def rate_within(self, bound_ms: float) -> float:
        """Return the largest rate at which the bound is kept, studies a second; 0 where it never is."""
        kept = [each.trial for each in self.closed if each.trial.latency.at(BOUNDED_PERCENT).ms <= bound_ms]
        return max((trial.answered_per_s for trial in kept), default=0.0)

    @property
    def least_ms(self) -> float:
        """The smallest latency that the bound could be set to."""
        return min(each.trial.latency.at(BOUNDED_PERCENT).ms for each in self.closed)


class LeftOut(Declared):
    """An engine and precision that could not be measured."""

    engine: Engine
    precision: Precision
    reason: str


class TuningRecord(Declared):
    """What was measured for one model on one machine, and what was chosen."""

    scenario: str = "tuning"
    machine: Machine
    server_packages: dict[str, str]
    load: float = Field(description="Mean number of processes that wanted to run over the last minute before it.")
    model: str
    of_version: int
    of_model_sha256: str
    latency_bound_ms: float
    minutes: float
    left_out: tuple[LeftOut, ...]
    measured: tuple[Measurement, ...]
    winner: Candidate


class Round(Declared):
    """One round of the search."""

    candidates: int
    duration_s: float = Field(description="Of each trial.")


def serving_choices(cores: int) -> Iterator[ServingChoice]:
    """Yield how instances may share the cores; a single one without and with a short wait for a fuller batch.

    Several never wait: where Triton joins batches that have waited, it loses count of its free instances (issue 8870 of
    triton-inference-server/server).
    """
    shared = [(1, cores), (cores, 1), (2, cores // 2)]
    for instances, threads in dict.fromkeys(shared):
        for delay_us in _DELAYS_US if instances == 1 else _DELAYS_US[:1]:
            if threads:
                yield ServingChoice(instances=instances, threads=threads, queue_delay_us=delay_us)


def planned_rounds(candidates: int, *, minutes: float) -> tuple[Round, ...]:
    """Divide the time equally among rounds, and of each among its candidates.

    Args:
        candidates: How many there are at first, at least one.
        minutes: For all measurements.

    Returns:
        Rounds with fewer and fewer candidates; the same for the same arguments, so that a search can be resumed.
    """
    counts = [candidates]
    while counts[-1] > _FEWEST_IN_THE_END:
        counts.append(max(_FEWEST_IN_THE_END, math.ceil(counts[-1] * _KEPT_SHARE)))
    each_s = [60 * minutes / len(counts) / count - START_S for count in counts]
    share = 1.2 * len(CLIENTS)  # a fifth of a trial is sent before it
    return tuple(
        Round(candidates=count, duration_s=max(_SHORTEST_TRIAL_S, round(own_s / share, 1)))
        for count, own_s in zip(counts, each_s, strict=True)
    )


def best_first(measured: Sequence[Measurement], *, bound_ms: float) -> list[Measurement]:
    """Order by the rate within the bound; those that never keep it last, the nearest to it first."""
    return sorted(measured, key=lambda each: (-each.rate_within(bound_ms), each.least_ms))
