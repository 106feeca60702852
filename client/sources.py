"""From the paths of the command line to the inputs, in an order that does not depend on the file system."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Source:
    """One input: where it is, and the name that stands in results and messages for the user."""

    path: Path
    name: str


def find_sources(arguments: Iterable[Path]) -> Iterator[Source]:
    """List a file as itself, and a folder as every file below it, by name; links to folders are not followed.

    Args:
        arguments: Files and folders; one that is not there is listed too, so that its row can say so.
    """
    for argument in arguments:
        if not argument.is_dir():
            yield Source(path=argument, name=argument.name)
            continue
        for path in _files_below(argument):
            yield Source(path=path, name=path.relative_to(argument).as_posix())


def _files_below(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder  # reading it fails again, with a row that says why
        return
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            yield from _files_below(entry)
        elif not entry.is_dir():
            yield entry
