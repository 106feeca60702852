"""Errors of training data: one branch of the family that `client/errors.py` draws."""

from specs.errors import TricorderError
from specs.faults import FaultsFound


class DataSetError(TricorderError):
    """There is nothing sound to train or to measure on."""

    exit_code = 8


class DataSetNotFound(DataSetError):
    """The folder does not hold the published files."""

    def __init__(self, *, data_set: str, missing: str, layout: str) -> None:
        super().__init__(
            f"{data_set}: the folder holds no {missing}. The files are read as published: {layout}. "
            "Name the folder that holds them."
        )


class DataSetDamaged(DataSetError):
    """A published table is not as published."""

    def __init__(self, *, data_set: str, what: str) -> None:
        super().__init__(
            f"{data_set}: {what}. Files are read as published, unedited. Fetch them again from their source."
        )


class NotLabeled(DataSetError):
    """The data set says nothing of what the model learns."""

    def __init__(self, *, data_set: str, column: str, labeled: tuple[str, ...]) -> None:
        super().__init__(
            f"{data_set} does not say {column}; it says {', '.join(labeled)}. "
            "For this model, name a manifest of your own, or phantoms."
        )


class OfRadiographsOnly(DataSetError):
    """Data sets on disk are read as radiographs, and the model takes other studies."""

    def __init__(self, *, model: str) -> None:
        super().__init__(
            f"Data sets on disk are read as radiographs here; {model} takes other studies. Name phantoms:COUNT, or for "
            "`tricorder evaluate` a manifest of such studies."
        )


class TooFewPatients(DataSetError):
    """No patient can be in two parts, so each part needs its own."""

    def __init__(self, *, patients: int, needed: int) -> None:
        super().__init__(
            f"The images are of {patients} patients; a split by patient needs {needed} or more. Add patients."
        )


class NoRoomForPixels(DataSetError):
    """The prepared images do not fit on the disk."""

    def __init__(self, *, needed_bytes: int, free_bytes: int) -> None:
        super().__init__(
            f"The prepared images need {needed_bytes / 1e9:.1f} GB in the cache folder, and its disk has "
            f"{free_bytes / 1e9:.1f} GB free. Free some, or name a cache folder on another disk."
        )


class ManifestFaults(FaultsFound, DataSetError):
    """All that is wrong with a manifest and its files."""

    subject = "The manifest has"
    form = (
        "A manifest is a CSV file in UTF-8 with the columns path and patient and one for each label; paths are "
        "relative to it."
    )
