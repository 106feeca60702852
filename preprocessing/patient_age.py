"""The patient's age at the study, as the header states it."""

import re
from typing import Final

from pydicom.dataset import Dataset
from pydicom.valuerep import DA

from preprocessing.attributes import texts

_AGE = re.compile(r"(\d{3})([DWMY])")  # PS3.5 6.2, AS
_DAYS_PER_YEAR: Final = 365.25
PER_YEAR: Final = {"D": _DAYS_PER_YEAR, "W": _DAYS_PER_YEAR / 7, "M": 12.0, "Y": 1.0}
"""Days, weeks, months and years in a year, by the letter of an age string."""
_OLDEST_YEARS: Final = 120.0
"""Beyond it, an age is a placeholder, such as that from a birth date of 1900: our choice."""


def patient_age_years(ds: Dataset) -> float | None:
    """Return Patient's Age (0010,1010), or Study Date less Patient's Birth Date; None where neither is there.

    Returns:
        Years, 0 to 120; an age that is stated in years is whole, so that it is half a year too low on average.

    Source:
        DICOM PS3.3 C.7.2.2; the fallback to the dates is our choice.
    """
    age = _stated(ds)
    if age is None:
        age = _between_dates(ds)
    return age if age is not None and 0 <= age <= _OLDEST_YEARS else None


def _stated(ds: Dataset) -> float | None:
    match = _AGE.fullmatch("\\".join(texts(ds, "PatientAge")).strip())
    return None if match is None else int(match[1]) / PER_YEAR[match[2]]


def _between_dates(ds: Dataset) -> float | None:
    try:
        born, examined = (DA(*texts(ds, keyword)) for keyword in ("PatientBirthDate", "StudyDate"))
    except (TypeError, ValueError):  # absent, of several values, or no date
        return None
    return None if born is None or examined is None else (examined - born).days / _DAYS_PER_YEAR
