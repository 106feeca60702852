"""A concept with its code, as DICOM writes it."""

from pydantic import Field

from specs.declared import Declared


class CodedConcept(Declared):
    """A coded concept: code value, coding scheme designator, code meaning.

    Source:
        DICOM PS3.3 Table 8.8-1; designators in PS3.16 Table 8-1.
    """

    value: str = Field(min_length=1, max_length=16)
    scheme: str = Field(min_length=1, max_length=16)
    meaning: str = Field(min_length=1, max_length=64)
