"""The options that name the version of an entry that another version is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from specs.contract import ImageSpec
from tricorder.places import COMMITTED_REPOSITORY

if TYPE_CHECKING:
    from export.source_version import SourceVersion

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class SourceChoice:
    """Which version another one is made of; None for what a repository has."""

    from_repository: Path | None
    from_version: int | None

    def read(self, target: Path, spec: ImageSpec, *, recalibrated: bool) -> "SourceVersion":
        """Read it.

        Args:
            target: The repository that the new version goes to.
            spec: The model.
            recalibrated: Whether a recalibrated version will do.

        Raises:
            SourceUnusable: there is none, or it will not do.
        """
        from export.source_version import read_source_version

        own = target if (target / spec.name).is_dir() else COMMITTED_REPOSITORY
        return read_source_version(self.from_repository or own, spec, self.from_version, recalibrated=recalibrated)


def source_options(purpose: str, *, default: str) -> Callable[[_Function], _Function]:
    """Make the options.

    Args:
        purpose: What the version is for, as in "The version to tune".
        default: Which version is taken where none is named.
    """
    of_repository = click.option(
        "--from-repository",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help=f"Repository that holds the version {purpose}.  [default: --repository where that has MODEL, else the "
        "committed model_repository]",
    )
    of_version = click.option(
        "--from-version", type=click.IntRange(min=1), help=f"The version {purpose}.  [default: {default}]"
    )
    return lambda function: of_repository(of_version(function))
