"""Private attributes of PET scanners that an SUV may need, found by their creator and never by a fixed block."""

import math
from dataclasses import dataclass
from typing import Self

from pydicom.dataset import Dataset

_PHILIPS_GROUP, _PHILIPS_CREATOR = 0x7053, "Philips PET Private Group"
_GE_GROUP, _GE_CREATOR = 0x0009, "GEMS_PETD_01"


@dataclass(frozen=True, kw_only=True)
class PhilipsFactors:
    """What a Philips scanner says of its counts; None where it does not, or says 0.

    `suv_per_count` is (7053,xx00); `bq_per_ml_per_count` is (7053,xx09). Both are of rescaled values.
    """

    suv_per_count: float | None
    bq_per_ml_per_count: float | None

    @classmethod
    def of(cls, ds: Dataset) -> Self:
        """Read the factors.

        Source:
            QIBA's vendor-neutral steps, "CNTS".
        """
        return cls(
            suv_per_count=_positive(_private_text(ds, _PHILIPS_GROUP, _PHILIPS_CREATOR, 0x00)),
            bq_per_ml_per_count=_positive(_private_text(ds, _PHILIPS_GROUP, _PHILIPS_CREATOR, 0x09)),
        )


def ge_scan_start(ds: Dataset) -> str:
    """Return the scan date and time that GE writes in (0009,xx0D), a DT; empty where it is absent.

    Source:
        QIBA's vendor-neutral steps, "GE private scan Date and Time".
    """
    return _private_text(ds, _GE_GROUP, _GE_CREATOR, 0x0D)


def _private_text(ds: Dataset, group: int, creator: str, element: int) -> str:
    for tag in list(ds.keys()):  # to iterate over the data set itself would convert its elements
        is_creator = tag.group == group and 0x10 <= tag.element < 0x100  # PS3.5 7.8.1
        if is_creator and _text_as_read(ds, group, tag.element) == creator:
            return _text_as_read(ds, group, tag.element << 8 | element)
    return ""


def _text_as_read(ds: Dataset, group: int, element: int) -> str:
    """Return the bytes of an element as text: pydicom's conversion raises where a value is not of its type."""
    found = ds.get_item((group, element))
    value = "" if found is None or found.value is None else found.value
    text = value.decode("ascii", errors="replace") if isinstance(value, bytes) else str(value)
    return text.strip(" \0")


def _positive(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) and found > 0 else None
