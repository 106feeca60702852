"""A quantity that preparation measures on its way, for people to read beside the answer."""

from typing import Final

from specs.declared import Declared

_AS_READ: Final = str.maketrans({"{": None, "}": None, ".": "·"})
"""UCUM writes what is counted in braces and a product with a dot."""


class Measurement(Declared):
    """One quantity of a study.

    `name` is what a table calls it; `unit` is UCUM's, "1" for a ratio.
    """

    name: str
    title: str
    value: float
    unit: str

    def __str__(self) -> str:
        number = f"{self.value:.2f}" if self.unit == "1" else f"{self.value:.1f} {self.unit.translate(_AS_READ)}"
        return f"{self.title} {number}"
