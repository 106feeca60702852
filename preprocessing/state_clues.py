"""What the headers of a perfusion series say of its injection, and of stress or rest."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from preprocessing.attributes import coded_item, items, number, texts
from preprocessing.moments import last_at, moment_in, moment_of, time_of, zone_of
from specs.perfusion_pairing import PairingRules, Role

_DAY_S = 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class StateClues:
    """What is said of a series; None or empty where it is not said.

    Attributes:
        given: Its state as a person says.
        injection: When its tracer was injected.
        acquisition: When its acquisition started.
        dose_mbq: Injected activity.
        stressor: Whether a drug that brings about stress was given about its injection.
        named: The one state that its description names; None where it names both, too.
    """

    given: Role | None = None
    injection: datetime | None = None
    acquisition: datetime | None = None
    dose_mbq: float | None = None
    stressor: bool = False
    named: Role | None = None

    @classmethod
    def of(cls, ds: Dataset, rules: PairingRules, *, given: Role | None = None) -> Self:
        """Read the header of an image.

        Source:
            PS3.3 C.8.4.10 (tracer, dose in MBq, drugs), C.8.4.9 (acquisition).
        """
        agents = items(ds, "RadiopharmaceuticalInformationSequence")
        agent = agents[0] if len(agents) == 1 else Dataset()
        acquisition = moment_of(ds, "AcquisitionDate", "AcquisitionTime")
        injection = _injection(ds, agent, acquisition)
        dose_mbq = number(agent, "RadionuclideTotalDose")
        drugs = items(ds, "InterventionDrugInformationSequence")
        return cls(
            given=given,
            injection=injection,
            acquisition=acquisition,
            dose_mbq=dose_mbq if dose_mbq is not None and dose_mbq > 0 else None,  # some writers put 0 for unknown
            stressor=any(_is_stressor(drug, rules) and _is_about(drug, injection, rules) for drug in drugs),
            named=_named_role(ds, rules),
        )


def _injection(ds: Dataset, agent: Dataset, acquisition: datetime | None) -> datetime | None:
    """Return the moment of an injection, which need not have a date."""
    stated = moment_in("".join(texts(agent, "RadiopharmaceuticalStartDateTime")), zone=zone_of(ds))
    clock = time_of(agent, "RadiopharmaceuticalStartTime")
    if stated is not None or clock is None or acquisition is None:
        return stated
    return last_at(clock, until=acquisition)


def _is_stressor(drug: Dataset, rules: PairingRules) -> bool:
    code = coded_item(drug, "InterventionDrugCodeSequence")
    if code is not None and any(code == Code(each.value, each.scheme, each.meaning) for each in rules.stressors):
        return True
    name = " ".join(texts(drug, "InterventionDrugName")).upper()
    return any(word in name for word in rules.stressor_words)


def _is_about(drug: Dataset, injection: datetime | None, rules: PairingRules) -> bool:
    """Tell whether a drug, whose start has no date, may have been given for an injection."""
    start = time_of(drug, "InterventionDrugStartTime")
    if start is None or injection is None:
        return True
    since_s = (injection - datetime.combine(injection.date(), start)).total_seconds()
    return any(since_s + day_s in rules.drug_to_injection_s for day_s in (-_DAY_S, 0.0, _DAY_S))


def _named_role(ds: Dataset, rules: PairingRules) -> Role | None:
    text = unicodedata.normalize("NFKC", " ".join(texts(ds, "SeriesDescription"))).upper()
    words = {Role.STRESS: rules.stress_words, Role.REST: rules.rest_words}
    found = [role for role, of_role in words.items() if any(_is_in(word, text) for word in of_role)]
    return found[0] if len(found) == 1 else None


def _is_in(word: str, text: str) -> bool:
    return re.search(f"(?<![A-Z]){re.escape(word)}(?![A-Z])", text) is not None
