"""What the values of an image were corrected for, in the words of Corrected Image (0028,0051)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydicom.dataset import Dataset

from preprocessing.attributes import texts, word

_ENHANCED: Mapping[str, str] = MappingProxyType({"AttenuationCorrected": "ATTN", "DecayCorrected": "DECY"})
"""Those of the Enhanced PET Corrections module (PS3.3 C.8.22.6) that anything here asks for."""

CHANGE_SHARES: Final = frozenset({"ATTN", "SCAT"})
"""Those that change what share of its brightest part a place of an image has: of two images that are compared both are
to have them, or neither. The others of PS3.3 C.8.4.9 scale an image as a whole or mend its acquisition: our choice."""


def corrections(ds: Dataset) -> frozenset[str]:
    """Return what an image says it was corrected for; empty where it does not say.

    Source:
        PS3.3 C.8.9.1 (PET), C.8.4.9 (NM), C.8.22.6 (Enhanced PET).
    """
    named = {text.strip().upper() for text in texts(ds, "CorrectedImage")}
    return frozenset(named | {term for keyword, term in _ENHANCED.items() if word(ds, keyword) == "YES"})
