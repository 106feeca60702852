"""Which radiopharmaceutical a nuclear-medicine series must be of, declared as data: a recipe embeds it."""

from pydantic import Field

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.policy import Policy


class TracerRules(Declared):
    """What Radiopharmaceutical Information Sequence (0054,0016) must say; the code is asked before the words."""

    codes: tuple[CodedConcept, ...] = Field(
        min_length=1, description="Accepted items of Radiopharmaceutical Code Sequence (0054,0304)."
    )
    words: tuple[str, ...] = Field(
        description="Any of these in Radiopharmaceutical (0018,0031) is accepted where there is no code; letters and "
        "digits alone, upper case."
    )
    words_of_none: tuple[str, ...] = Field(
        default=(),
        exclude_if=lambda words: not words,
        description="Whole values of it, written so, that name no radiopharmaceutical; what is left names another one.",
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

FDG = TracerRules(
    codes=(CodedConcept(value="35321007", scheme="SCT", meaning="Fluorodeoxyglucose F^18^"),),
    words=("FDG", "DEOXYGLUCOSE", "DESOXYGLUCOSE", "DEOXYGLUKOSE", "DESOXYGLUKOSE"),
    words_of_none=("F18", "18F", "FLUORINE18", "OTHER", "SOLUTION", "UNKNOWN", "NONE"),
    unknown_tracer=Policy.REFUSE,
)
"""18F-FDG. Code: DICOM PS3.16 CID 4021, whose older form SRT C-B1031 is the same. The rest is our choice.

Both attributes are optional (type 3, PS3.3 C.8.9.2), but the basic confidentiality profile keeps them (PS3.15 E.1-1),
and what another tracer shows is not what the network has seen: a series that does not say what it shows is refused, as
a radiograph is that does not say its view. Texts that name the nuclide alone, or nothing, are seen in files of several
makers.
"""
