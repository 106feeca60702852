"""Which DICOM object a prepared tensor came from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

from pydicom.dataset import Dataset
from pydicom.uid import UID

_UID = re.compile(r"[0-9.]{1,64}")  # PS3.5 9.1


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

    @classmethod
    def of_all(cls, study: Sequence[Dataset]) -> Self:
        """Keep of the UIDs of several data sets those that are the same in all."""
        found = [cls.of(ds) for ds in study]
        shared = {}
        for each in fields(cls):
            values = {getattr(identity, each.name) for identity in found}
            shared[each.name] = values.pop() if len(values) == 1 else None
        return cls(**shared)


def _uid(ds: Dataset, keyword: str) -> str | None:
    value = ds.get(keyword)
    # several values identify nothing, and other characters may spell a name
    return str(value) if isinstance(value, UID) and _UID.fullmatch(value) else None
