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
    name: str = Field(
        default="",
        exclude_if=lambda name: not name,
        description="What reasons call all that is accepted; where it is empty, the meaning of the first code.",
    )
    words: tuple[str, ...] = Field(
        description="Any of these in Radiopharmaceutical (0018,0031), with no letter behind it, is accepted where no "
        "code of a known scheme stands; letters and digits alone, upper case."
    )
    words_of_none: tuple[str, ...] = Field(
        default=(),
        exclude_if=lambda words: not words,
        description="Whole values of it, written so, that name no radiopharmaceutical; what is left names another one.",
    )
    unknown_tracer: Policy = Field(description="When neither says which radiopharmaceutical was given.")

    @property
    def shown_name(self) -> str:
        """What reasons call all that is accepted."""
        return self.name or self.codes[0].meaning


_NAMING_NONE = ("OTHER", "SOLUTION", "UNKNOWN", "NONE")
"""Texts that name no radiopharmaceutical: our choice, with those of each that name its nuclide alone."""

_NAMING_IODINE_123 = ("I123", "123I", "IODINE123", "123IODINE")

IOFLUPANE = TracerRules(
    codes=(CodedConcept(value="429296007", scheme="SCT", meaning="Ioflupane I^123^"),),
    words=("IOFLUPANE", "DATSCAN", "FPCIT"),
    words_of_none=(*_NAMING_IODINE_123, *_NAMING_NONE),
    unknown_tracer=Policy.REFUSE,
)
"""123I-ioflupane. The code is that of DICOM PS3.16 CID 25; words and policy are our choice.

A brain scanned for its perfusion has the same shape, and with another tracer every ratio would mean another thing.
"""

MIBG = TracerRules(
    codes=(CodedConcept(value="395787009", scheme="SCT", meaning="Metaiodobenzylguanidine I^123^"),),
    words=(
        "MIBG",
        "BENZYLGUANIDINE",
        "BENZYLGUANIDIN",
        "BENCILGUANIDINA",
        "IOBENGUANE",
        "IOBENGUAN",
        "ADREVIEW",
    ),
    words_of_none=(*_NAMING_IODINE_123, *_NAMING_NONE),
    unknown_tracer=Policy.REFUSE,
)
"""123I-MIBG. The code is that of DICOM PS3.16 CID 25, whose older form SRT C-B110E is the same; CID 4021, of PET, has
none. Words and policy are our choice: iobenguane is the international nonproprietary name, AdreView the brand.

131I-MIBG has a code of its own and is refused by it; by name alone it is the same, and its radionuclide must tell.
"""

FDG = TracerRules(
    codes=(
        CodedConcept(value="35321007", scheme="SCT", meaning="Fluorodeoxyglucose F^18^"),
        CodedConcept(value="Y-X1743", scheme="SRT", meaning="FDG -- fluorodeoxyglucose"),
        CodedConcept(value="C0046056", scheme="UMLS", meaning="Fluorodeoxyglucose F18"),
    ),
    words=("FDG", "DEOXYGLUCOSE", "DESOXYGLUCOSE", "DEOXYGLUKOSE", "DESOXYGLUKOSE", "FLUORODGLUCOSE"),
    words_of_none=("F18", "18F", "FLUORINE18", "18FLUORINE", "FLUOR18", *_NAMING_NONE),
    unknown_tracer=Policy.REFUSE,
)
"""18F-FDG. First code: DICOM PS3.16 CID 4021, whose older form SRT C-B1031 is the same; the second is what scanners of
GE write, the third that of CID 4021 in UMLS. The rest is our choice.

Both attributes are optional (type 3, PS3.3 C.8.9.2), but the basic confidentiality profile keeps them (PS3.15 E.1-1),
and what another tracer shows is not what the network has seen: a series that does not say what it shows is refused, as
a radiograph is that does not say its view.
"""
