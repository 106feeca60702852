"""Which held-out phantoms variants are compared on: the first ones, and enough of them near the operating point."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.fidelity import NEAR, ONE_NEAR_IN, HeldOut
from export.parity import Answers
from training.prepared_part import Pixels, PreparedPart

MOST_DRAWN = 8
"""Times as many phantoms as were asked for are looked at, before it is left at fewer near ones; our choice."""

_FIRST = "the first {count} phantoms of the part"
_FILLED = ", then the next ones within {near} of the operating point, until at least one in {one_in} chosen ones is"


@dataclass(frozen=True, kw_only=True)
class ChosenStudies:
    """The phantoms that are compared, what the original answers to each, shape (studies,), and how they were chosen."""

    part: PreparedPart
    original: Answers
    held_out: HeldOut


def chosen_studies(
    prepared: Callable[[int], PreparedPart],
    asking: Callable[[Pixels], Answers],
    *,
    count: int,
    threshold: float | None,
) -> ChosenStudies:
    """Draw held-out phantoms, twice as many each time until enough of them lie near the operating point.

    Args:
        prepared: Prepares so many of them, from number 0 on.
        asking: Answers them as the original does, shape (studies,).
        count: Those that are chosen in any case.
        threshold: Operating point, unit 1; None of a quantity, which needs no others.
    """
    part = prepared(count)
    answers = asking(part.pixels)
    while threshold is not None and len(answers) < MOST_DRAWN * count:
        if _missing_near(answers, count=count, threshold=threshold) == 0:
            break
        part = prepared(2 * len(answers))
        further = part.chosen(np.arange(len(answers), 2 * len(answers)), name=part.name)
        answers = np.concatenate([answers, asking(further.pixels)])
    rows = np.arange(count) if threshold is None else chosen_rows(answers, count=count, threshold=threshold)
    held_out = _held_out(part, answers[rows], count=count, threshold=threshold)
    return ChosenStudies(part=part.chosen(rows, name=held_out.data_set), original=answers[rows], held_out=held_out)


def chosen_rows(answers: Answers, *, count: int, threshold: float) -> NDArray[np.intp]:
    """Choose the first phantoms, and as many near ones after them as make one in ten near, as far as there are any.

    Args:
        answers: Probabilities of all that were drawn, shape (phantoms,), at least `count`.
        count: How many first ones.
        threshold: Operating point, unit 1.

    Returns:
        Their numbers, ascending, shape (chosen,).
    """
    near = np.flatnonzero(_is_near(answers, threshold))
    first, further = near[near < count], near[near >= count]
    return np.concatenate([np.arange(count), further[: near_needed(len(first), count=count)]])


def near_needed(near: int, *, count: int) -> int:
    """Return how many near ones must join `count` phantoms, of which so many are near, to make one in ten near."""
    return max(0, -((near * ONE_NEAR_IN - count) // (ONE_NEAR_IN - 1)))


def _missing_near(answers: Answers, *, count: int, threshold: float) -> int:
    near = _is_near(answers, threshold)
    return max(0, near_needed(int(near[:count].sum()), count=count) - int(near[count:].sum()))


def _is_near(answers: Answers, threshold: float) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(answers - threshold) <= NEAR
    return near


def _held_out(drawn: PreparedPart, chosen: Answers, *, count: int, threshold: float | None) -> HeldOut:
    """Say how they were chosen.

    Args:
        drawn: All that were looked at.
        chosen: Answers to the chosen ones, shape (chosen,).
        count: How many first ones.
        threshold: Operating point, unit 1; None of a quantity.
    """
    rule = _FIRST.format(count=count)
    near = None if threshold is None else int(_is_near(chosen, threshold).sum())
    return HeldOut(
        data_set=f"{len(chosen)} of {drawn.name}",
        seed=drawn.seed,
        drawn=len(drawn.truth),
        chosen=len(chosen),
        near=near,
        rule=rule if near is None else rule + _FILLED.format(near=NEAR, one_in=ONE_NEAR_IN),
    )
