"""`--sensitivity` and `--specificity`: how an operating point is chosen, where it is not as the spec has it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import click

from specs.head import LeastSensitivity, LeastSpecificity, OperatingPointPolicy

_Function = TypeVar("_Function", bound=Callable[..., Any])

_SHARE = click.FloatRange(min=0, min_open=True, max=1)


def point_options(function: _Function) -> _Function:
    """Add both options; the function gets a `policy`, None where neither is given."""

    @wraps(function)  # with the options that it has already
    def choose(*, sensitivity: float | None, specificity: float | None, **given: Any) -> Any:
        return function(policy=_policy(sensitivity, specificity), **given)

    least = click.option(
        "--sensitivity",
        type=_SHARE,
        metavar="SHARE",
        help="Choose the most specific operating point that has this sensitivity on the studies, 0 to 1.  [default: "
        "the point that the model's spec prefers]",
    )
    other = click.option(
        "--specificity",
        type=_SHARE,
        metavar="SHARE",
        help="Choose the most sensitive operating point that has this specificity on the studies, 0 to 1.",
    )
    return cast("_Function", least(other(choose)))


def _policy(sensitivity: float | None, specificity: float | None) -> OperatingPointPolicy | None:
    """Return the policy that was asked for.

    Raises:
        click.UsageError: two were.
    """
    if sensitivity is not None and specificity is not None:
        raise click.UsageError("--sensitivity and --specificity exclude each other: name one of them.")
    if sensitivity is not None:
        return LeastSensitivity(sensitivity=sensitivity)
    return None if specificity is None else LeastSpecificity(specificity=specificity)
