"""What a data set must say of an image so that a model can learn it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something present or absent: 1 or 0 in the column of a manifest."""

    column: str


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number in a unit, with the bounds beyond which it is a typing error."""

    column: str
    unit: str
    lowest: float
    highest: float


Target = Finding | Quantity
"""The closed union of targets; a consumer matches on it and ends in `assert_never`."""

AGE = Quantity(column="age", unit="years", lowest=0.0, highest=120.0)
"""Nobody is known to have been older than 122; NIH ChestX-ray14 as first published has ages up to 414."""

TARGETS: dict[str, Target] = {
    "mitral_regurgitation": Finding(column="mitral_regurgitation"),
    "aortic_stenosis": Finding(column="aortic_stenosis"),
    "ejection_fraction": Quantity(column="ejection_fraction", unit="%", lowest=0.0, highest=100.0),
    "xray_age": AGE,
}
"""What each chest model learns, by the name of its spec."""
