"""Which tracer a PET series must be of, declared as data: a recipe of PET embeds it."""

from pydantic import Field

from specs.coding import CodedConcept
from specs.declared import Declared
from specs.policy import Policy


class TracerRules(Declared):
    """What is accepted of a radiopharmaceutical. Where its code is stated, it decides; its text is free."""

    code: CodedConcept = Field(description="Accepted item of Radiopharmaceutical Code Sequence (0054,0304).")
    names: tuple[str, ...] = Field(
        description="Parts of Radiopharmaceutical (0018,0031), in upper case, letters and digits alone, any of which "
        "names the accepted one."
    )
    names_of_none: tuple[str, ...] = Field(
        description="Whole values of it, written so, that name no radiopharmaceutical; what is left names another one."
    )
    unstated: Policy = Field(description="When neither code nor text names a radiopharmaceutical.")


FDG_TRACER = TracerRules(
    code=CodedConcept(value="35321007", scheme="SCT", meaning="Fluorodeoxyglucose F^18^"),
    names=("FDG", "DEOXYGLUCOSE", "DESOXYGLUCOSE", "DEOXYGLUKOSE", "DESOXYGLUKOSE"),
    names_of_none=("F18", "18F", "FLUORINE18", "OTHER", "SOLUTION", "UNKNOWN", "NONE"),
    unstated=Policy.REFUSE,
)
"""18F-FDG. Code: DICOM PS3.16 CID 4021, whose older form SRT C-B1031 is the same. The rest is our choice.

Both attributes are optional (type 3, PS3.3 C.8.9.2), but the basic confidentiality profile keeps them (PS3.15 E.1-1),
and what another tracer shows is not what the network has seen: a series that does not say what it shows is refused, as
a radiograph is that does not say its view. Texts that name the nuclide alone, or nothing, are seen in files of several
makers.
"""
