"""Which radiopharmaceutical a series is of."""

from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from preprocessing.attributes import coded_item, items, texts
from specs.policy import Policy
from specs.tracer import TracerRules


def tracer_reasons(ds: Dataset, rules: TracerRules) -> Iterator[str]:
    """Say why the rules refuse the radiopharmaceutical of an image; of several, each must be accepted.

    Source:
        DICOM PS3.3 C.8.4.10 (NM Isotope), C.8.9.2 (PET Isotope).
    """
    stated = [found for item in items(ds, "RadiopharmaceuticalInformationSequence") if (found := _stated(item))]
    if not stated and rules.unknown_tracer is Policy.REFUSE:
        yield "the radiopharmaceutical is not stated"
    accepted = [code.meaning for code in rules.codes]
    for code, text in stated:
        if not _is_accepted(code, text, rules):  # its text is not repeated, for it may name a patient
            yield f"the radiopharmaceutical is not {' or '.join(accepted)}"


def _stated(item: Dataset) -> tuple[Code | None, str] | None:
    """Return code and text of an item; None where it states neither."""
    code = coded_item(item, "RadiopharmaceuticalCodeSequence")
    text = " ".join(texts(item, "Radiopharmaceutical")).strip()
    return None if code is None and not text else (code, text)


def _is_accepted(code: Code | None, text: str, rules: TracerRules) -> bool:
    if code is not None:
        return any(code == Code(each.value, each.scheme, each.meaning) for each in rules.codes)
    return any(word in _letters(text) for word in rules.words)


def _letters(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())
