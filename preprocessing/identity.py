"""Which DICOM object a prepared tensor came from."""

from dataclasses import dataclass
from typing import Self

from pydicom.dataset import Dataset
from pydicom.uid import UID


@dataclass(frozen=True, kw_only=True)
class Identity:
    """UIDs of an input; None where the input has none. They go into every result of it."""

    study_instance_uid: str | None = None
    series_instance_uid: str | None = None
    sop_instance_uid: str | None = None

    @classmethod
    def of(cls, ds: Dataset) -> Self:
        """Read the three UIDs of a data set."""
        return cls(
            study_instance_uid=_uid(ds, "StudyInstanceUID"),
            series_instance_uid=_uid(ds, "SeriesInstanceUID"),
            sop_instance_uid=_uid(ds, "SOPInstanceUID"),
        )


def _uid(ds: Dataset, keyword: str) -> str | None:
    value = ds.get(keyword)
    return str(value) if value and isinstance(value, UID) else None  # several values identify nothing
