"""Attributes as recipes ask for them: code strings, whole numbers, coded concepts."""

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code


def word(ds: Dataset, keyword: str) -> str:
    """Return a code string in upper case without outer spaces; empty where absent; several values in one string."""
    value = ds.get(keyword)
    if value is None:
        return ""
    values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    return "\\".join(str(item).strip().upper() for item in values)


def whole_number(ds: Dataset, keyword: str) -> int | None:
    """Return an attribute as a whole number; None where it is absent or is not one."""
    value = ds.get(keyword)
    return int(value) if isinstance(value, int) else None


def coded_item(ds: Dataset, keyword: str) -> Code | None:
    """Return the one concept of a code sequence; None where it is absent, empty, of several items, or incomplete.

    Source:
        DICOM PS3.3 Table 8.8-1. Codes of the older designator SRT equal their SCT successors (pydicom's mapping).
    """
    items = ds.get(keyword)
    if not isinstance(items, Sequence) or len(items) != 1:
        return None
    value, scheme = items[0].get("CodeValue"), items[0].get("CodingSchemeDesignator")
    if not value or not scheme:
        return None
    return Code(str(value), str(scheme), str(items[0].get("CodeMeaning", "")))
