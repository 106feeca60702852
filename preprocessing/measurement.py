"""A quantity that preparation measures on its way, for people to read beside the answer."""

from specs.declared import Declared


class Measurement(Declared):
    """One quantity of a study.

    `name` is what a table calls it; `unit` is UCUM's, "1" for a ratio.
    """

    name: str
    title: str
    value: float
    unit: str

    def __str__(self) -> str:
        number = f"{self.value:.2f}" if self.unit == "1" else f"{self.value:.1f} {self.unit}"
        return f"{self.title} {number}"
