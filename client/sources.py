"""From the paths of the command line to the inputs, in an order that does not depend on the file system."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from client.errors import InputError
from preprocessing.clinical_table import Record, is_table, read_table
from preprocessing.directory import referenced_files


@dataclass(frozen=True, kw_only=True)
class Source:
    """One input: an image file, the files of a study that make volumes, or a patient of a table.

    Attributes:
        path: The file, or the first one.
        name: What stands in results and messages for the user.
        others: The other files of a study, by name; none of an input of one file.
        record: What a table says of a patient, or why that cannot be read; None for an image.
    """

    path: Path
    name: str
    others: tuple[Path, ...] = ()
    record: Record | InputError | None = field(default=None, repr=False)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of the input."""
        return (self.path, *self.others)


def find_sources(arguments: Iterable[Path]) -> Iterator[Source]:
    """List a file as itself, and a folder as every file below it, by name; links are followed, but not in a circle.

    A file named DICOMDIR (PS3.10 8.6) that is an argument of its own is listed as the images that it refers to, also
    those that are not there; one that is found in a folder, or cannot be read, as itself. A table of patients (CSV,
    JSON lines, FHIR Bundle) that is an argument of its own is listed as its patients; one that is found in a folder, as
    the lists of many data sets are, as itself.

    Args:
        arguments: Files and folders; one that is not there, or cannot be looked at, is listed too, so that its row
            can say so.
    """
    for argument in arguments:
        indexed = _indexed_files(argument)
        if indexed is not None:
            yield from (_source(path, argument.parent) for path in indexed)
            continue
        if is_table(argument) and not argument.is_dir():
            yield from _patients(argument)
            continue
        for path in _files_at(argument, frozenset()):
            yield _source(path, argument if path != argument else argument.parent)


def _patients(table: Path) -> Iterator[Source]:
    """Name each patient by the file and the place in it."""
    name = _source(table, table.parent).name
    for row in read_table(table):
        yield Source(path=table, name=f"{name} {row.place}" if row.place else name, record=row.record)


def _indexed_files(argument: Path) -> tuple[Path, ...] | None:
    """Return the images of a DICOMDIR; None for any other argument, and for one that cannot be read."""
    if argument.name.upper() != "DICOMDIR":
        return None
    try:
        return referenced_files(argument)
    except InputError:
        return None


def _source(path: Path, folder: Path) -> Source:
    """Name an input by its path below the argument; what is no printable UTF-8 is shown as escapes."""
    name = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")
    shown = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in name)
    return Source(path=path, name=shown)


def _files_at(path: Path, above: frozenset[tuple[int, int]]) -> Iterator[Path]:
    """Yield a file, or the files below a folder that is not among those above it."""
    try:
        status = path.stat()
        if not stat.S_ISDIR(status.st_mode):
            yield path
            return
        entries = sorted(path.iterdir())
    except OSError:  # gone, a name too long, a folder that may not be listed: reading it fails with a row that says so
        yield path
        return
    folder = (status.st_dev, status.st_ino)
    if folder not in above:
        for entry in entries:
            yield from _files_at(entry, above | {folder})
