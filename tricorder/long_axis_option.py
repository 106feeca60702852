"""The option that says where the left ventricle of a perfusion series points."""

import math
import re
from collections.abc import Iterable
from typing import Any, Final

import click

from specs.told import Direction, LongAxes

_UID = re.compile(r"[0-9.]{1,64}")  # PS3.5 9.1
_LEAST_LEVEL_SHARE: Final = 0.17
"""Of the direction across the body, some 10 degrees: what points to head or feet has no anterior side (our choice)."""


class LongAxisType(click.ParamType[tuple[str, Direction]]):
    """Reads a Series Instance UID and the direction from base to apex, of any length."""

    name = "long axis"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Direction]:
        """Read it; what was given is not repeated, for it may be of a patient."""
        uid, _, direction = str(value).partition("=")
        axis = _unit_vector(direction)
        if not _UID.fullmatch(uid) or axis is None:
            self.fail(
                "it is no Series Instance UID with the direction from base to apex, such as 1.2.840.1=0.6,-0.65,-0.45: "
                "how far to the patient's left, back and head.",
                param,
                ctx,
            )
        if math.hypot(*axis[:2]) < _LEAST_LEVEL_SHARE:
            self.fail("its direction is straight to head or feet, where no left ventricle points.", param, ctx)
        return uid, axis


def _unit_vector(text: str) -> Direction | None:
    """Read three numbers with commas between them; None where they are no direction."""
    try:
        left, back, head = (float(part) for part in text.split(","))
    except ValueError:
        return None
    length = math.hypot(left, back, head)
    if not math.isfinite(length) or length == 0:
        return None
    return left / length, back / length, head / length


def told_long_axes(given: Iterable[tuple[str, Direction]]) -> LongAxes:
    """Collect what was given.

    Raises:
        click.UsageError: one series has two directions.
    """
    axes: dict[str, Direction] = {}
    for uid, axis in given:
        if axes.setdefault(uid, axis) != axis:
            raise click.UsageError("--long-axis gives one series two directions.")
    return axes
