"""Files that a command leaves in a folder."""

from collections.abc import Mapping
from pathlib import Path

from client.errors import DeliveryError


def write_files(folder: Path, files: Mapping[str, bytes], *, what: str) -> None:
    """Write files, in place of those of the same names.

    Args:
        folder: Made where it is absent.
        files: Content by name.
        what: Whose files they are, to begin a sentence.

    Raises:
        DeliveryError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise DeliveryError(what=what, cause=error.strerror or type(error).__name__) from None
