"""Attributes as recipes ask for them: code strings, numbers, spacings, coded concepts, items."""

import math

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code

from preprocessing.errors import MissingAttribute

_OLDER_SNOMED = ("SNM3", "99SDM")
"""To be read as SRT: PS3.16-2011 8.1."""


def word(ds: Dataset, keyword: str) -> str:
    """Return a code string in upper case without outer spaces; empty where absent; several values in one string."""
    return "\\".join(text.strip().upper() for text in texts(ds, keyword))


def texts(ds: Dataset, keyword: str) -> list[str]:
    """Return the values of an attribute as texts; none where it is absent."""
    value = ds.get(keyword)
    if value is None:
        return []
    values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    return [str(item) for item in values]


def whole_number(ds: Dataset, keyword: str) -> int | None:
    """Return an attribute as a whole number; None where it is absent or is not one."""
    value = ds.get(keyword)
    return int(value) if isinstance(value, int) else None


def is_spacing(ds: Dataset, keyword: str) -> bool:
    """Tell whether an attribute is two finite numbers above zero; some writers put 0 for unknown."""
    value = ds.get(keyword)
    try:
        numbers = [float(number) for number in value]  # of text, one letter or digit a number
    except (TypeError, ValueError):
        return False
    return not isinstance(value, (str, bytes)) and len(numbers) == 2 and all(map(_is_length, numbers))


def _is_length(number: float) -> bool:
    return math.isfinite(number) and number > 0


def coded_item(ds: Dataset, keyword: str) -> Code | None:
    """Return the one concept of a code sequence; None where it is absent, empty, of several items, or incomplete.

    Source:
        DICOM PS3.3 Table 8.8-1. Codes of the older designators SNM3 and 99SDM are those of SRT, and these equal their
        SCT successors (pydicom's mapping).
    """
    items = ds.get(keyword)
    if not isinstance(items, Sequence) or len(items) != 1:
        return None
    value, scheme = items[0].get("CodeValue"), items[0].get("CodingSchemeDesignator")
    if not value or not scheme:
        return None
    return Code(str(value), "SRT" if scheme in _OLDER_SNOMED else str(scheme), str(items[0].get("CodeMeaning", "")))


def number(ds: Dataset, keyword: str) -> float | None:
    """Return an attribute as a finite number; None where it is absent, of several values, or not one."""
    found = numbers(ds, keyword, count=1)
    return None if found is None else found[0]


def numbers(ds: Dataset, keyword: str, *, count: int) -> tuple[float, ...] | None:
    """Return an attribute of so many finite numbers; None where it is absent, of another count, or of other values."""
    try:
        found = tuple(float(text) for text in texts(ds, keyword))
    except ValueError:
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None


def items(ds: Dataset, keyword: str) -> tuple[Dataset, ...]:
    """Return the items of a sequence; none where it is absent."""
    value = ds.get(keyword)
    return tuple(value) if isinstance(value, Sequence) else ()


def required_numbers(ds: Dataset, keyword: str, *, count: int) -> tuple[float, ...]:
    """Return an attribute of so many finite numbers that every image of its kind has.

    Raises:
        MissingAttribute: it is absent, of another count, or of other values.
    """
    found = numbers(ds, keyword, count=count)
    if found is None:
        raise MissingAttribute(keyword=keyword)
    return found
