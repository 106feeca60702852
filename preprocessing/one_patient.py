"""Whether images of one study are of one patient: a Study Instance UID that two patients share tells nothing else."""

from collections.abc import Callable, Iterable
from typing import Final

from pydicom.dataset import Dataset

from preprocessing.attributes import texts


def patient_reasons(images: Iterable[Dataset]) -> tuple[str, ...]:
    """Say by which attributes images are of different patients; empty where none differs.

    What an image does not state differs from nothing, for de-identification need not have emptied all of them alike.
    Values are not repeated. Names are not compared: one person's is written in many ways.

    Source:
        PS3.3 C.7.1.1 (Patient Module): ID (0010,0020), birth date (0010,0030), sex (0010,0040). Which ones: our choice.
    """
    found = list(images)
    differing = [name for name, stated in _STATED.items() if len({stated(ds) for ds in found} - {""}) > 1]
    return (f"its images are of different patients: their {' and '.join(differing)} differ",) if differing else ()


def _text(keyword: str) -> Callable[[Dataset], str]:
    return lambda ds: "\\".join(texts(ds, keyword)).strip()


def _sex(ds: Dataset) -> str:
    sex = _text("PatientSex")(ds).upper()
    return sex if sex in ("M", "F") else ""  # O is written for unknown too


_STATED: Final[dict[str, Callable[[Dataset], str]]] = {
    "patient IDs": _text("PatientID"),
    "dates of birth": _text("PatientBirthDate"),
    "sexes": _sex,
}
