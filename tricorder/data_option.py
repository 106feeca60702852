"""`--data`: phantoms by their number, or a data set on disk."""

from dataclasses import dataclass
from pathlib import Path

import click

DATA_SETS = ("nih", "jsrt", "manifest")
"""Layouts of data sets on disk, as `training.datasets.DataSetKind` names them."""

FEWEST_TRAINING_PHANTOMS = 64
"""Enough that whatever is fitted on them, or measured, sees some with a finding and some without."""


@dataclass(frozen=True, kw_only=True)
class Phantoms:
    """The first `count` phantoms of a part."""

    count: int


@dataclass(frozen=True, kw_only=True)
class DataOnDisk:
    """A data set in a known layout; `path` is its folder, of a manifest the CSV file."""

    kind: str
    path: Path


class DataType(click.ParamType[Phantoms | DataOnDisk]):
    """`phantoms:COUNT`, `nih:FOLDER`, `jsrt:FOLDER` or `manifest:FILE`."""

    name = "KIND:WHAT"

    def __init__(self, *, fewest_phantoms: int) -> None:
        self._fewest = fewest_phantoms

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Phantoms | DataOnDisk:
        """Read the text of an option."""
        if isinstance(value, Phantoms | DataOnDisk):
            return value
        kind, _, what = str(value).partition(":")
        if kind == "phantoms" and what.isdecimal() and int(what) >= self._fewest:
            return Phantoms(count=int(what))
        if kind in DATA_SETS and what:
            if not Path(what).exists():
                raise click.BadParameter(f"there is no such file or folder for {kind}", ctx=ctx, param=param)
            return DataOnDisk(kind=kind, path=Path(what))
        kinds = ", ".join(DATA_SETS)
        accepted = f"phantoms:COUNT, COUNT at least {self._fewest}, or {kinds} with a colon and what is on disk"
        raise click.BadParameter(f"data are written {accepted}", ctx=ctx, param=param)
