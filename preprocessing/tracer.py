"""Whether a PET series is of the tracer that a recipe is for."""

from enum import Enum, auto

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from preprocessing.attributes import coded_item, items, texts
from preprocessing.series import Series
from specs.policy import Policy
from specs.tracer import TracerRules


class _Tracer(Enum):
    ACCEPTED = auto()
    ANOTHER = auto()
    UNSTATED = auto()


def tracer_reasons(series: Series, rules: TracerRules) -> tuple[str, ...]:
    """Say from the headers why the rules refuse the radiopharmaceutical of a series; empty where they do not.

    What is stated is not repeated: it is free text.

    Source:
        PS3.3 C.8.9.2 (PET Isotope).
    """
    agents = [agent for ds in series.datasets for agent in _agents(ds)]
    found = {_tracer(agent, rules) for agent in agents}
    if _Tracer.ANOTHER in found:
        return (f"its radiopharmaceutical is not {rules.code.meaning}",)
    if _Tracer.UNSTATED in found and rules.unstated is Policy.REFUSE:
        return ("its radiopharmaceutical is not stated",)
    return ()


def _agents(ds: Dataset) -> tuple[Dataset, ...]:
    return items(ds, "RadiopharmaceuticalInformationSequence") or (Dataset(),)


def _tracer(agent: Dataset, rules: TracerRules) -> _Tracer:
    code = coded_item(agent, "RadiopharmaceuticalCodeSequence")
    if code is not None:
        accepted = Code(rules.code.value, rules.code.scheme, rules.code.meaning)
        return _Tracer.ACCEPTED if code == accepted else _Tracer.ANOTHER
    name = "".join(sign for text in texts(agent, "Radiopharmaceutical") for sign in text.upper() if sign.isalnum())
    if any(part in name for part in rules.names):
        return _Tracer.ACCEPTED
    return _Tracer.UNSTATED if name in ("", *rules.names_of_none) else _Tracer.ANOTHER
