"""Cells and words of the tables of speed: how a figure, its interval and what it was measured on are written."""

from collections.abc import Sequence

from benchmarks.latency import Latency
from benchmarks.machine import Machine
from benchmarks.paired_ratio import PairedRatio
from benchmarks.served import Conditions

NOT_KNOWN = "–"


def machine_words(machine: Machine) -> str:
    """Write what a run was made on."""
    return f"On {machine.processor}, {machine.cores} processors."


def conditions_words(conditions: Conditions) -> str:
    """Write what a run was made on, and how quiet it was."""
    machine = machine_words(conditions.machine)[:-1]
    return f"{machine}, load {conditions.load:.1f} before the run; Triton {conditions.triton}."


def times_cell(ratio: float | None) -> str:
    """Write how many times something is."""
    return NOT_KNOWN if ratio is None else f"{ratio:.1f}"


def rate_cell(per_s: float | None) -> str:
    """Write a rate a second, or any figure of three digits."""
    return NOT_KNOWN if per_s is None else f"{per_s:.3g}"


def percentile_cell(latency: Latency, percent: float) -> str:
    """Write a percentile in milliseconds with its interval, as far as it is bounded."""
    found = latency.at(percent)
    bounds = [NOT_KNOWN if bound is None else f"{bound:.3g}" for bound in (found.lower_ms, found.upper_ms)]
    return f"{found.ms:.3g} ({bounds[0]} to {bounds[1]})"


def ratio_cell(ratio: PairedRatio) -> str:
    """Write a ratio with its quartiles."""
    return f"{ratio.median:.2f} ({ratio.first_quartile:.2f} to {ratio.third_quartile:.2f})"


def range_cell(values: Sequence[float]) -> str:
    """Write the least and the largest of some ratios."""
    return f"{min(values):.2f} to {max(values):.2f}"
