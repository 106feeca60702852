"""The option that says how many phantoms the thumbnail regression is fitted on."""

from typing import Any, Final, Literal

import click

from client.engine import ServedModel

Same = Literal["same"]

SAME: Final[Same] = "same"
"""As many as the weights."""


class BaselineType(click.ParamType[int | Same]):
    """Reads a number of phantoms, or that it is that of the weights."""

    name = "count"

    def __init__(self, *, fewest: int) -> None:
        self._fewest = fewest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | Same:
        """Read the number; what is none, or too small, is a wrong command line."""
        if value == SAME:
            return SAME
        if not str(value).isdecimal() or int(value) < self._fewest:
            self.fail(f"{value!r} is neither a number of at least {self._fewest} nor the word {SAME}.", param, ctx)
        return int(value)


def baseline_studies(wanted: int | Same | None, model: ServedModel) -> int | None:
    """Return how many phantoms are wanted; None where no regression is.

    Raises:
        click.UsageError: as many as the weights were fitted on are wanted, which their record does not say.
    """
    if wanted != SAME:
        return wanted
    fitted_on = model.contract.weights.data_set.training_studies
    if fitted_on is None:
        raise click.UsageError(
            f"--baseline {SAME} goes with weights whose record says how many studies they have seen."
        )
    return fitted_on
