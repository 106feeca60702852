"""What a data set must say of an image so that a model can learn it."""

from dataclasses import dataclass
from typing import assert_never

from specs import SPECS
from specs.contract import ImageSpec
from specs.head import FindingProbability, MeasuredQuantity
from specs.model import ModelSpec
from specs.outcome import OutcomeProbabilities
from specs.recipe import FrontalChestRadiograph
from specs.volume_head import OrganLabels, VirtualPerfusion
from specs.xray_age import XRAY_AGE


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


def target_of(spec: ModelSpec) -> Target:
    """Return what a model learns of images, as its head and its truth declare it.

    Raises:
        ValueError: it learns no number of an image.
    """
    match spec.head:
        case FindingProbability():
            return Finding(column=spec.truth.column)
        case MeasuredQuantity():
            return _quantity(spec, spec.head)
        case OutcomeProbabilities() | VirtualPerfusion() | OrganLabels():
            raise ValueError(f"{spec.name} learns no number of an image")
        case _:
            assert_never(spec.head)


def _quantity(spec: ModelSpec, head: MeasuredQuantity) -> Quantity:
    return Quantity(column=spec.truth.column, unit=head.unit, lowest=head.lowest, highest=head.highest)


def _age(spec: ModelSpec) -> Quantity:
    if not isinstance(spec.head, MeasuredQuantity):
        raise TypeError(f"{spec.name} measures no age")
    return _quantity(spec, spec.head)


AGE = _age(XRAY_AGE)
"""Nobody is known to have been older than 122; NIH ChestX-ray14 as first published has ages up to 414."""

EVERY_TARGET: tuple[Target, ...] = tuple(
    dict.fromkeys(
        target_of(spec)
        for spec in SPECS.values()
        if isinstance(spec, ImageSpec) and isinstance(spec.recipe, FrontalChestRadiograph)
    )
)
"""What the models of this project learn of radiographs, which data sets on disk are; each once: members of an ensemble
learn the same."""
