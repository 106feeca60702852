"""Contribution of each variable to an answer: Shapley values against a background of other patients, exactly.

Own code: shap's explainers need the fitted model in this process, or sample orders of the variables; what is served is
asked through its engine, and 13 variables have few enough combinations for all of them to be asked for.
"""

from collections.abc import Callable
from math import factorial

import numpy as np
from numpy.typing import NDArray

MOST_VARIABLES = 16
"""Beyond, 2^n combinations are too many to ask for."""

Rows = NDArray[np.float32]
"""Shape (rows, variables)."""

Answer = Callable[[Rows], NDArray[np.float64]]
"""Answers for rows, shape (rows, outputs)."""


def shapley_values(answer: Answer, row: NDArray[np.float32], background: Rows) -> NDArray[np.float64]:
    """Share out the difference between the answer for a row and the mean answer for the background.

    A combination's value is the mean answer for the background in which the variables of the combination are those of
    the row (interventional). A variable's contribution is the mean, over all orders in which the variables could be
    put in, of what putting it in changes; the contributions add up to the difference exactly.

    Args:
        answer: What is explained.
        row: Shape (variables,), at most `MOST_VARIABLES`.
        background: Shape (patients, variables).

    Returns:
        Shape (variables, outputs), in the unit of the answer.

    Raises:
        ValueError: too many variables.

    Source:
        Shapley LS, Contributions to the Theory of Games II, 1953; Lundberg SM, Lee SI, NeurIPS 2017.
    """
    count = row.size
    if count > MOST_VARIABLES:
        raise ValueError(f"{count} variables have too many combinations")
    members = combinations(count)
    values = np.mean([answer(np.where(members, row, patient)) for patient in background], axis=0)
    sizes = members.sum(axis=1)
    weights = np.array([factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)])
    found = []
    for variable in range(count):
        without = np.flatnonzero(~members[:, variable])
        gained = values[without + (1 << variable)] - values[without]
        found.append(weights[sizes[without]] @ gained)
    return np.array(found)


def combinations(count: int) -> NDArray[np.bool_]:
    """Return every combination of variables, shape (2^count, count); row k has the variables of the bits of k."""
    return (np.arange(1 << count)[:, np.newaxis] >> np.arange(count) & 1).astype(bool)
