"""The option that says how many of the people have a finding."""

from typing import Any

import click


class PrevalenceType(click.ParamType[float]):
    """Reads a share between 0 and 1, without either."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the share; what is none, not a number among them, is a wrong command line."""
        try:
            share = float(value)
        except ValueError:
            share = float("nan")
        if not 0 < share < 1:
            self.fail(f"{value!r} is no share between 0 and 1, without either, such as 0.02 for 2 %.", param, ctx)
        return share
