"""Who is scanned: age, sex, height, weight, and the outline of the body that follows from them."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from phantoms.pet_shapes import Blob, Shape, Triple, Tube
from phantoms.truth import Sex

YOUNGEST_YEARS, OLDEST_YEARS = 20, 85
_AVERAGE_HEIGHT_M: Final = 1.66
_AVERAGE_WEIGHT_KG: Final = 62.0
"""The person whose measures the positions of organs and nodes are given for. Our choice."""

_TRUNK: Final = (
    (-535.0, 8.0, 0.0, 98.0, 172.0),
    (-480.0, 8.0, 0.0, 104.0, 174.0),
    (-400.0, 4.0, 0.0, 102.0, 160.0),
    (-300.0, 0.0, 0.0, 98.0, 140.0),
    (-200.0, 0.0, 0.0, 103.0, 145.0),
    (-100.0, 0.0, 0.0, 108.0, 157.0),
    (0.0, 2.0, 0.0, 106.0, 172.0),
    (50.0, 4.0, 0.0, 96.0, 186.0),
    (85.0, 6.0, 0.0, 84.0, 170.0),
    (105.0, 6.0, 0.0, 66.0, 100.0),
    (130.0, 4.0, 0.0, 58.0, 60.0),
    (225.0, -2.0, 0.0, 58.0, 56.0),
)
_THIGH: Final = (
    (-760.0, 0.0, 84.0, 66.0, 68.0),
    (-535.0, 4.0, 90.0, 86.0, 84.0),
    (-480.0, 6.0, 88.0, 90.0, 82.0),
)
_ARM_UP: Final = ((60.0, 10.0, 182.0, 46.0, 44.0), (250.0, 0.0, 172.0, 38.0, 38.0), (480.0, -30.0, 140.0, 34.0, 34.0))
_ARM_DOWN: Final = (
    (-520.0, 0.0, 222.0, 20.0, 34.0),
    (-430.0, 0.0, 222.0, 26.0, 28.0),
    (-200.0, 10.0, 216.0, 36.0, 34.0),
    (60.0, 12.0, 198.0, 48.0, 42.0),
)
_HEAD: Final = Blob(center_mm=(290, -12, 0), semi_mm=(118, 96, 76), suv=0.8)


@dataclass(frozen=True, kw_only=True)
class ScannedPerson:
    """One person on the table.

    Attributes:
        age_years: 20 to 85.
        sex: Patient's sex.
        height_m: Body height.
        weight_kg: Body weight.
        arms_up: Whether the arms lie beside the head, not beside the trunk.
    """

    age_years: int
    sex: Sex
    height_m: float
    weight_kg: float
    arms_up: bool

    @property
    def length_scale(self) -> float:
        """Length against the average person's."""
        return self.height_m / _AVERAGE_HEIGHT_M

    @property
    def girth_scale(self) -> float:
        """Width and depth of trunk and limbs against the average person's."""
        return float(np.sqrt(self.weight_kg / _AVERAGE_WEIGHT_KG / self.length_scale))

    @property
    def outline_scale(self) -> Triple:
        """Scale (head, back, left) of what lies at the surface."""
        return self.length_scale, self.girth_scale, self.girth_scale

    @property
    def organ_scale(self) -> Triple:
        """Scale (head, back, left) of what lies inside: half of what weight does to the girth. Our choice."""
        inner = float(np.sqrt(self.girth_scale))
        return self.length_scale, inner, inner

    @property
    def head_scale(self) -> Triple:
        """Scale (head, back, left) of head and neck, whose girth follows weight little. Our choice."""
        inner = self.girth_scale**0.25
        return self.length_scale, inner, inner


def draw_person(rng: np.random.Generator, *, arms_up: float) -> ScannedPerson:
    """Draw who is scanned; nothing of it depends on the disease.

    Args:
        rng: Source of chance.
        arms_up: How often the arms lie beside the head.

    Source:
        Our choice throughout.
    """
    male = rng.random() < 0.5
    height_m = float(np.clip(rng.normal(1.70 if male else 1.58, 0.065), 1.40, 1.92))
    body_mass_index = float(np.clip(22.5 * np.exp(rng.normal(0, 0.16)), 16, 36))
    return ScannedPerson(
        age_years=int(rng.integers(YOUNGEST_YEARS, OLDEST_YEARS + 1)),
        sex=Sex.MALE if male else Sex.FEMALE,
        height_m=round(height_m, 2),
        weight_kg=round(body_mass_index * height_m**2, 1),
        arms_up=bool(rng.random() < arms_up),
    )


def trunk(person: ScannedPerson, *, suv: float, inset_mm: float = 0.0) -> Tube:
    """Return trunk and neck, or what lies `inset_mm` under their skin."""
    neck_mm = 120.0
    length, girth, _ = person.outline_scale
    neck_girth = person.head_scale[1]
    knots = []
    for head, back, left, depth, width in _TRUNK:
        scale = neck_girth if head > neck_mm else girth
        knots.append(
            (head * length, back, left, max(depth * scale - inset_mm, 20.0), max(width * scale - inset_mm, 20.0))
        )
    return Tube(knots=tuple(knots), suv=suv)


def body_shapes(person: ScannedPerson, *, fat_suv: float, muscle_suv: float) -> list[Shape]:
    """Return the outline of the body filled with fat and, under it, muscle, in the order to paint them."""
    fat_mm = max(6.0, 14.0 * person.girth_scale**3)
    arm = _ARM_UP if person.arms_up else _ARM_DOWN
    limbs = [limb for knots in (_THIGH, arm) for limb in _both(person, knots)]
    head = place(_HEAD, person.head_scale)
    return [
        *(replace(limb, suv=fat_suv) for limb in limbs),
        trunk(person, suv=fat_suv),
        replace(head, suv=muscle_suv, semi_mm=scaled(head.semi_mm, person.head_scale)),
        *(_shrunk(limb, muscle_suv) for limb in limbs),
        trunk(person, suv=muscle_suv, inset_mm=fat_mm),
    ]


def scaled(lengths_mm: Triple, scale: Triple) -> Triple:
    """Multiply three lengths by their scales."""
    return lengths_mm[0] * scale[0], lengths_mm[1] * scale[1], lengths_mm[2] * scale[2]


def place(blob: Blob, scale: Triple) -> Blob:
    """Move a shape of the average body to where it lies in a scaled one; its size stays."""
    return replace(blob, center_mm=scaled(blob.center_mm, scale))


def _both(person: ScannedPerson, knots: tuple[tuple[float, float, float, float, float], ...]) -> list[Tube]:
    length, girth, _ = person.outline_scale
    return [
        Tube(
            knots=tuple(
                (head * length, back, sign * left * girth, depth * girth, width * girth)
                for head, back, left, depth, width in knots
            ),
            suv=0.0,
        )
        for sign in (-1, 1)
    ]


def _shrunk(limb: Tube, suv: float) -> Tube:
    return Tube(
        knots=tuple((head, back, left, 0.8 * depth, 0.8 * width) for head, back, left, depth, width in limb.knots),
        suv=suv,
    )
