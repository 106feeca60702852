"""How the series of a perfusion study are told to be of stress or of rest, declared as data."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pydantic import Field

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.uptake import Range


class Role(StrEnum):
    """What a series shows: the heart at stress, or at rest."""

    STRESS = "stress"
    REST = "rest"

    @property
    def other(self) -> "Role":
        """The other one of the two."""
        return Role.REST if self is Role.STRESS else Role.STRESS


Roles = Mapping[str, Role]
"""What a person says of series, by their Series Instance UIDs (0020,000E)."""

NO_ROLES: Final[Roles] = MappingProxyType({})
"""The headers tell."""


class PairingRules(Declared):
    """What tells stress from rest, in this order; what contradicts itself, or is left open, is refused.

    1. A person says so.
    2. Series of one injection are of one state: injections are told apart by their moments or, where one is not
       stated, acquisitions by theirs.
    3. A stressor that was given about the injection makes it the one of stress.
    4. Patient State in Acquisition Context Sequence (0040,0555), and words of Series Description (0008,103E).
    5. Where the state of one of two injections is known, the other injection is of the other state.

    Doses and the order of times alone tell nothing: either state may be first. A second dose on one day that is hardly
    larger than the first contradicts every protocol.
    """

    stressors: tuple[CodedConcept, ...] = Field(
        min_length=1, description="Items of Intervention Drug Code Sequence (0018,0029) that bring about stress."
    )
    stressor_words: tuple[str, ...] = Field(
        description="Any of these in Intervention Drug Name (0018,0034), upper case, names a stressor."
    )
    drug_to_injection_s: Range = Field(
        description="How long after the start of a stressor the tracer is injected; else it was given for the other "
        "state. A start that is not stated tells nothing against it."
    )
    stress_words: tuple[str, ...] = Field(
        description="Any of these in Series Description, upper case, with no Latin letter beside it, says stress."
    )
    rest_words: tuple[str, ...] = Field(description="The same of rest.")
    least_between_s: float = Field(gt=0, description="Moments that are nearer to each other are of one injection.")
    longest_uptake_s: float = Field(gt=0, description="Longest time from an injection to its acquisition.")
    one_day_s: float = Field(gt=0, description="Injections that are nearer to each other are of one day.")
    least_second_dose: float = Field(
        ge=1, description="Least that the second dose on one day is, over the first one; where both are stated."
    )


PERFUSION_PAIRING = PairingRules(
    stressors=(
        CodedConcept(value="108502004", scheme="SCT", meaning="Adenosine"),
        CodedConcept(value="432062000", scheme="SCT", meaning="Adenosine A2 receptor agonist"),
        CodedConcept(value="66859009", scheme="SCT", meaning="Dipyridamole"),
        CodedConcept(value="26523005", scheme="SCT", meaning="Dobutamine"),
    ),
    stressor_words=("ADENOSIN", "REGADENOSON", "DIPYRIDAMOL", "DOBUTAMIN"),
    drug_to_injection_s=Range(lowest=-60.0, highest=1800.0),
    stress_words=("STRESS", "STR", "EXERCISE", "EFFORT", "BELASTUNG", "負荷"),
    rest_words=("REST", "RST", "RESTING", "REPOS", "RUHE", "安静"),
    least_between_s=1800.0,
    longest_uptake_s=6 * 3600.0,
    one_day_s=18 * 3600.0,
    least_second_dose=1.5,
)
"""99mTc agents. Drugs: DICOM PS3.16 CID 3204 without atropine, which is added to dobutamine; all else is our choice.

Adenosine runs 3 minutes before the injection, dipyridamole up to 9, dobutamine up to 15; images follow 15 to 120
minutes after the injection; on one day the second dose is to be three times the first (guideline of ASNC, Henzlova MJ
et al., J Nucl Cardiol 2016;23:606-639).
"""
