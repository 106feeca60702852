"""The options by which a person says what series are, which their headers or images would else tell."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar, cast

import click

from specs.told import Told
from tricorder.long_axis_option import LongAxisType, told_long_axes
from tricorder.role_option import RoleType, told_roles

ROLE_OPTION: Final = "--role"
LONG_AXIS_OPTION: Final = "--long-axis"

_Function = TypeVar("_Function", bound=Callable[..., Any])


def told_options(function: _Function) -> _Function:
    """Add the options; the function gets a `Told`."""

    @wraps(function)  # with the options that it has already
    def tell(**given: Any) -> Any:
        told = Told(roles=told_roles(given.pop("roles")), long_axes=told_long_axes(given.pop("long_axes")))
        return function(told=told, **given)

    return cast("_Function", _role(_long_axis(tell)))


_role = click.option(
    ROLE_OPTION,
    "roles",
    multiple=True,
    metavar="SERIES_UID=STATE",
    type=RoleType(),
    help="That a series of cardiac perfusion is at stress or rest, whatever its header says; "
    "repeatable. One that is in none of the inputs is an error, and nothing is scored.",
)
_long_axis = click.option(
    LONG_AXIS_OPTION,
    "long_axes",
    multiple=True,
    metavar="SERIES_UID=LEFT,BACK,HEAD",
    type=LongAxisType(),
    help="Direction from base to apex of the left ventricle of a series of cardiac perfusion, in the axes of the "
    "patient: how far to the left, the back and the head, in any unit, as 0.6,-0.65,-0.45; of two points, apex less "
    "base. It is not looked for then. Repeatable; one that is in none of the inputs is an error.",
)
