"""Which radiopharmaceutical a series is of."""

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final

from pydicom.dataset import Dataset, FileDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from preprocessing.attributes import coded_item, items, texts, word
from preprocessing.eligibility import NotEligible, shown_code
from preprocessing.identity import Identity
from preprocessing.series import Series, grouped_by_series
from preprocessing.series_choice import chosen_series
from specs.policy import Policy
from specs.series import SeriesRules
from specs.tracer import TracerRules

_KNOWN_SCHEMES: Final = frozenset({"SCT", "SRT", "DCM", "UMLS"})
"""Whose codes mean one thing wherever they stand (PS3.16 section 8); what a private one means, its maker knows."""

_RADIOPHARMACEUTICALS: Final = tuple(
    code for group in (codes.cid25, codes.cid3111, codes.cid4021) for code in group.concepts.values()
)
"""Of NM, of NM of the heart and of PET (PS3.16). Codes of SRT equal their SCT successors, by pydicom's mapping."""


class _Tracer(Enum):
    ACCEPTED = auto()
    ANOTHER = auto()
    UNSTATED = auto()


def chosen_series_of_tracer(
    study: Sequence[FileDataset], rules: SeriesRules, tracer: TracerRules
) -> Series | NotEligible:
    """Choose among the series of the accepted tracer; where there is none, say what is wrong with the others."""
    found = [Series.of(group) for group in grouped_by_series(study)]
    of_tracer = [series for series in found if not tracer_reasons(series, tracer)]
    chosen = chosen_series(of_tracer or found, rules)
    if isinstance(chosen, NotEligible) or of_tracer:
        return chosen
    return NotEligible(identity=Identity.of_all(chosen.datasets), reasons=tracer_reasons(chosen, tracer))


def is_of_tracer(study: Sequence[FileDataset], rules: TracerRules) -> bool:
    """Tell whether an image of a study says that the accepted radiopharmaceutical was given, and no other one."""
    return any({_tracer(agent, rules) for agent in _agents(ds)} == {_Tracer.ACCEPTED} for ds in study)


def tracer_reasons(series: Series, rules: TracerRules) -> tuple[str, ...]:
    """Say from the headers why the rules refuse the radiopharmaceutical of a series; empty where they do not.

    A code is repeated, with the meaning that the standard gives it; what is free text is not. Of several
    radiopharmaceuticals each must be accepted.

    Source:
        DICOM PS3.3 C.8.4.10 (NM Isotope), C.8.9.2 (PET Isotope).
    """
    agents = [agent for ds in series.datasets for agent in _agents(ds)]
    found = [_tracer(agent, rules) for agent in agents]
    others = {_quoted(agent) for agent, tracer in zip(agents, found, strict=True) if tracer is _Tracer.ANOTHER}
    if others:
        quoted = " and ".join(sorted(others - {""}))
        return (f"its radiopharmaceutical is {f'{quoted}, ' if quoted else ''}not {rules.shown_name}",)
    if _Tracer.UNSTATED in found and rules.unknown_tracer is Policy.REFUSE:
        return ("its radiopharmaceutical is not stated",)
    return ()


def _agents(ds: Dataset) -> tuple[Dataset, ...]:
    return items(ds, "RadiopharmaceuticalInformationSequence") or (Dataset(),)


def _tracer(agent: Dataset, rules: TracerRules) -> _Tracer:
    accepted = [Code(each.value, each.scheme, each.meaning) for each in rules.codes]
    code = _code(agent)
    if code is not None:
        return _Tracer.ACCEPTED if code in accepted else _Tracer.ANOTHER
    name = _plain(" ".join(texts(agent, "Radiopharmaceutical")))
    if any(re.search(_spelled(word), name) for word in rules.words):
        return _Tracer.ACCEPTED
    return _Tracer.UNSTATED if re.sub("[^A-Z0-9]", "", name) in ("", *rules.words_of_none) else _Tracer.ANOTHER


def _code(agent: Dataset) -> Code | None:
    """Return the code of a known scheme: of its sequence or, as some writers put it, of SRT in the free text."""
    code = coded_item(agent, "RadiopharmaceuticalCodeSequence")
    if code is not None and code.scheme_designator in _KNOWN_SCHEMES:
        return code
    written = Code(word(agent, "Radiopharmaceutical"), "SRT", "")
    return written if written in _RADIOPHARMACEUTICALS else None


def _quoted(agent: Dataset) -> str:
    """Write the code of an agent and what it means by the standard; empty where none stands there."""
    code = _code(agent)
    if code is None:
        return ""
    meanings = [known.meaning for known in _RADIOPHARMACEUTICALS if known == code]
    written = shown_code(code)
    return f"{meanings[0]} ({written})" if meanings else f"the code {written}"


def _plain(text: str) -> str:
    """Return a text in upper case without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)).upper()


def _spelled(word: str) -> str:
    """Return the pattern of a word whose letters may be parted by signs, and that is not the beginning of another."""
    return "[^A-Z0-9]*".join(word) + "(?![A-Z])"
