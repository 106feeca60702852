"""What is given of one patient, as text with units, before any recipe has looked at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ABSENT_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", "unknown", "-"})
"""What tables write, in lower case, where nothing is known."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """One value as it stands in the input: patient data, never shown.

    Attributes:
        text: The value.
        unit: Its unit; None where the input leaves that to the recipe.
    """

    text: str = field(repr=False)
    unit: str | None = None

    @property
    def word(self) -> str:
        """The value as words are compared."""
        return self.text.strip().lower()


@dataclass(frozen=True, kw_only=True)
class ClinicalRecord:
    """One patient.

    Attributes:
        values: What is given, by the names of the recipe's columns; other names are left alone.
        contradictory: Names of which the input says different things at once.
    """

    values: Mapping[str, Given] = field(repr=False)
    contradictory: frozenset[str] = frozenset()

    def given(self, name: str) -> Given | None:
        """Return a value; None where it is not known."""
        value = self.values.get(name)
        return None if value is None or value.word in ABSENT_WORDS else value
