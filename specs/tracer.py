"""Which radiopharmaceutical a nuclear-medicine series must be of, declared as data: a recipe embeds it."""

from pydantic import Field

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.policy import Policy


class TracerRules(Declared):
    """What Radiopharmaceutical Information Sequence (0054,0016) must say; the code is asked before the words."""

    codes: tuple[CodedConcept, ...] = Field(
        description="Accepted items of Radiopharmaceutical Code Sequence (0054,0304)."
    )
    words: tuple[str, ...] = Field(
        description="Any of these in Radiopharmaceutical (0018,0031) is accepted where there is no code; letters and "
        "digits alone, upper case."
    )
    unknown_tracer: Policy = Field(description="When neither says which radiopharmaceutical was given.")


IOFLUPANE = TracerRules(
    codes=(CodedConcept(value="429296007", scheme="SCT", meaning="Ioflupane I^123^"),),
    words=("IOFLUPANE", "DATSCAN", "FPCIT"),
    unknown_tracer=Policy.REFUSE,
)
"""123I-ioflupane. The code is that of DICOM PS3.16 CID 25; words and policy are our choice.

A brain scanned for its perfusion has the same shape, and with another tracer every ratio would mean another thing.
"""
