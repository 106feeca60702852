"""What every DICOM object that Tricorder writes says of where it comes from, and how it is named."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from importlib.metadata import version as package_version
from typing import Final, Self

from pydicom.dataset import Dataset
from pydicom.uid import UID, generate_uid

from client.engine import ServedModel
from specs.notices import NOT_A_DEVICE

ALGORITHM: Final = "Tricorder"
ALGORITHM_NAME: Final = f"{ALGORITHM}: research, not for clinical use"
"""Fits Long String, 64 characters (PS3.5 6.2)."""


class SeriesNumber(IntEnum):
    """Series Number (0020,0011) of each object, above those of usual examinations: our choice.

    Viewers list series by it, so no two objects of a study share one.
    """

    EARLY_ORGANS = 9001
    LATE_ORGANS = 9002
    STRESS_PERFUSION = 9003
    REST_PERFUSION = 9004


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Which model made an object, and when.

    Attributes:
        model: Name of the repository entry.
        version: Version of the model.
        contract_sha256: Digest of the contract that it was served with.
        software_version: Of this client.
        made_at: When, in local time.
    """

    model: str
    version: int
    contract_sha256: str
    software_version: str
    made_at: datetime

    @classmethod
    def of(cls, model: ServedModel, *, made_at: datetime) -> Self:
        """Name a model that answered, by this client."""
        return cls(
            model=model.name,
            version=model.version,
            contract_sha256=model.contract_sha256,
            software_version=package_version("tricorder"),
            made_at=made_at,
        )

    @property
    def statement(self) -> str:
        """All of it but the time in a sentence, with the notice."""
        return (
            f"Made by {ALGORITHM} {self.software_version}, model {self.model} version {self.version}, contract SHA-256 "
            f"{self.contract_sha256}. {NOT_A_DEVICE}, not for clinical use."
        )

    def uid(self, level: str, *content: str) -> UID:
        """Return the UID of a new series, instance or other thing.

        It follows from what is made, by what and when, so that the same object always has the same UID and no other one
        has it.

        Args:
            level: What it names.
            content: What the object was made from and a digest of what it holds.
        """
        entropy = ["tricorder", self.model, str(self.version), self.contract_sha256, self.software_version]
        return generate_uid(entropy_srcs=[*entropy, self.made_at.isoformat(), *content, level])

    def date_series(self, ds: Dataset) -> None:
        """Set the dates and times of series, content and instance (PS3.3 C.7.3.1, C.12.1) to when it was made."""
        date, time = self.made_at.strftime("%Y%m%d"), self.made_at.strftime("%H%M%S.%f")
        ds.SeriesDate = ds.ContentDate = ds.InstanceCreationDate = date
        ds.SeriesTime = ds.ContentTime = ds.InstanceCreationTime = time
