"""From the paths of the command line to the inputs, in an order that does not depend on the file system."""

import os
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
        arguments: Files and folders; one that is not there, or cannot be looked at, is listed too, so that its row
            can say so.
    """
    for argument in arguments:
        if not _is_folder(argument):
            yield _source(argument, argument.parent)
            continue
        for path in _files_below(argument):
            yield _source(path, argument if path != argument else argument.parent)


def _source(path: Path, folder: Path) -> Source:
    """Name an input by its path below the argument; bytes that are no UTF-8 are shown as escapes."""
    name = path.relative_to(folder).as_posix()
    return Source(path=path, name=os.fsencode(name).decode("utf-8", "backslashreplace"))


def _files_below(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder  # reading it fails again, with a row that says why
        return
    for entry in entries:
        if not _is_folder(entry):
            yield entry
        elif not entry.is_symlink():
            yield from _files_below(entry)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, or a folder that may not be searched
        return False
