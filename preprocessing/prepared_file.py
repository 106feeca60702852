"""A file as every recipe wants it, and what went wrong with it: values that travel between processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from preprocessing import NotEligible, Picture, Prepared, prepare
from preprocessing.identity import Identity
from preprocessing.reading import read_file
from specs.errors import TricorderError, UnexpectedFailure
from specs.recipe import ImageRecipe


@dataclass(frozen=True, kw_only=True)
class PreparedFile:
    """What became of one file.

    Attributes:
        identity: What is known of its UIDs, also where it failed.
        prepared: For each recipe its tensor or why there is none, in the order asked for; empty where it failed.
        error: Why it failed.
    """

    identity: Identity
    prepared: tuple[Prepared | NotEligible, ...] = ()
    error: TricorderError | None = None


def prepare_file(path: Path, recipes: Sequence[ImageRecipe]) -> PreparedFile:
    """Read a file once and carry out every recipe on it. Whatever happens, there is an outcome: it costs only itself.

    Args:
        path: DICOM Part 10, PNG or JPEG file.
        recipes: Each of them once.
    """
    identity = Identity()
    try:
        study = read_file(path)
        if not isinstance(study, Picture):
            identity = Identity.of(study)
        return PreparedFile(identity=identity, prepared=tuple(prepare(study, recipe) for recipe in recipes))
    except TricorderError as error:
        return PreparedFile(identity=identity, error=error)
    except Exception as error:  # noqa: BLE001  # the cohort loop: even a bug costs its own input only
        return PreparedFile(identity=identity, error=UnexpectedFailure.of(error))
