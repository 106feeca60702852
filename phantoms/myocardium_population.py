"""Who is examined for myocardial perfusion, what is wrong, and how large the heart is.

All of these parameters were set before any network was trained.

Source:
    Places of defects after the territories of the coronary arteries of Cerqueira MD et al., Circulation
    2002;105:539-542 (figure 5). Walls of 8 to 12 mm are those of adults, and most of those who are examined are men:
    general knowledge. All shares, spreads, sizes and depths are our choice.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from phantoms.myocardium_perfusion import Perfusion, located
from phantoms.myocardium_truth import CoronaryArtery, PerfusionDefect
from phantoms.myocardium_ventricle import PerfusedVentricle, wall_places
from phantoms.pet_body import ScannedPerson
from phantoms.sites import Range
from phantoms.truth import Sex

YOUNGEST_YEARS, OLDEST_YEARS = 40, 90
MALE_SHARE: Final = 0.6
DEFECT_COUNTS: Final = (0.35, 0.45, 0.20)
"""How often there are none, one and two; two are in territories of different arteries."""
KIND_SHARES: Final = (0.45, 0.25, 0.30)
"""How often a defect is there at stress only, at stress and rest alike, and at rest in part."""
_DEPTH: Final[Range] = (0.25, 0.85)
_RADIUS: Final[Range] = (0.22, 0.48)
_FIXED_PART: Final[Range] = (0.3, 0.7)
_SLOPES: Final = (0.025, 0.025, 0.020, 0.020)
_REST_SLOPE: Final = 0.012
"""Standard deviations of the natural variation, and of its difference between stress and rest."""


@dataclass(frozen=True, kw_only=True)
class _Territory:
    """Where on the polar map an artery's defects have their middle, and how often it is this artery.

    Attributes:
        share: How often.
        ring: Least and greatest distance from the apex.
        angle_degrees: Mean and standard deviation.
    """

    share: float
    ring: Range
    angle_degrees: tuple[float, float]


TERRITORIES: Final[Mapping[CoronaryArtery, _Territory]] = MappingProxyType(
    {
        CoronaryArtery.LEFT_ANTERIOR_DESCENDING: _Territory(share=0.45, ring=(0.1, 0.7), angle_degrees=(110, 22)),
        CoronaryArtery.LEFT_CIRCUMFLEX: _Territory(share=0.22, ring=(0.4, 0.8), angle_degrees=(-5, 18)),
        CoronaryArtery.RIGHT_CORONARY: _Territory(share=0.33, ring=(0.4, 0.85), angle_degrees=(258, 18)),
    }
)


@dataclass(frozen=True, kw_only=True)
class Habitus:
    """What lies about the heart and differs between people.

    Attributes:
        breast_mm: Thickness of the breast, 2 to 48.
        dome_mm: How far the left dome of the diaphragm is above the lowest place of the heart.
        lung_size: Of the lungs against the average.
    """

    breast_mm: float
    dome_mm: float
    lung_size: float


def draw_patient(rng: np.random.Generator) -> ScannedPerson:
    """Draw who is examined; nothing of it depends on the disease."""
    male = rng.random() < MALE_SHARE
    height_m = float(np.clip(rng.normal(1.69 if male else 1.56, 0.065), 1.40, 1.90))
    body_mass_index = float(np.clip(24.5 * np.exp(rng.normal(0, 0.15)), 17, 36))
    return ScannedPerson(
        age_years=round(float(np.clip(rng.normal(67, 10), YOUNGEST_YEARS, OLDEST_YEARS))),
        sex=Sex.MALE if male else Sex.FEMALE,
        height_m=round(height_m, 2),
        weight_kg=round(body_mass_index * height_m**2, 1),
        arms_up=True,
    )


def draw_habitus(rng: np.random.Generator, person: ScannedPerson) -> Habitus:
    """Draw what attenuates: breasts grow with weight, in women, and the diaphragm is higher in men and with weight."""
    male = person.sex is Sex.MALE
    overweight = person.weight_kg / person.height_m**2 / 24.5 - 1
    jitter = rng.normal(0, 1, 3).clip(-2.2, 2.2)
    breast_mm = 4 + jitter[0] if male else 23 + 28 * overweight + 7 * jitter[0]
    dome_mm = (16 if male else 7) + 20 * overweight + 5 * jitter[1]
    return Habitus(
        breast_mm=round(float(np.clip(breast_mm, 2, 48)), 1),
        dome_mm=float(np.clip(dome_mm, -6, 34)),
        lung_size=float(np.exp(0.05 * jitter[2])),
    )


def draw_ventricle(rng: np.random.Generator, person: ScannedPerson) -> PerfusedVentricle:
    """Draw the left ventricle: that of women is smaller, its axis 35 to 65 degrees to the left and 8 to 40 down."""
    jitter = rng.normal(0, 1, 10).clip(-2.2, 2.2).tolist()
    size = (1.0 if person.sex is Sex.MALE else 0.9) * float(np.mean(person.organ_scale)) * (1 + 0.07 * jitter[0])
    azimuth, descent = math.radians(50 + 7 * jitter[1]), math.radians(24 + 7 * jitter[2])
    head, back, left = person.organ_scale
    return PerfusedVentricle(
        center_mm=(-76 * head + 5 * jitter[3], -30 * back + 4 * jitter[4], 44 * left + 4 * jitter[5]),
        axis=(-math.sin(descent), -math.cos(descent) * math.cos(azimuth), math.cos(descent) * math.sin(azimuth)),
        apex_mm=44 * size * (1 + 0.04 * jitter[6]),
        radius_mm=27.5 * size,
        base_mm=26 * size * (1 + 0.08 * jitter[7]),
        wall_mm=float(np.clip(10 + 0.9 * jitter[8], 8, 12)),
        thinning=float(np.clip(0.10 + 0.05 * jitter[9], 0, 0.2)),
        membrane_mm=float(rng.uniform(4, 11)),
    )


def draw_perfusion(rng: np.random.Generator, ventricle: PerfusedVentricle) -> Perfusion:
    """Draw how uneven the uptake is; the natural variation does not depend on the defects."""
    variation, arteries, patches = rng.spawn(3)
    slopes = variation.normal(0, _SLOPES).clip(-0.06, 0.06)
    rest_slopes = slopes + variation.normal(0, _REST_SLOPE, 4).clip(-0.03, 0.03)
    count = int(arteries.choice(3, p=DEFECT_COUNTS))
    shares = [territory.share for territory in TERRITORIES.values()]
    chosen = arteries.choice(len(TERRITORIES), count, replace=False, p=shares)
    defects = [_draw_defect(patches, list(TERRITORIES)[int(place)]) for place in chosen]
    first, second = ((float(each[0]), float(each[1]), float(each[2]), float(each[3])) for each in (slopes, rest_slopes))
    return Perfusion(defects=located(defects, wall_places(ventricle)), slopes=first, rest_slopes=second)


def _draw_defect(rng: np.random.Generator, artery: CoronaryArtery) -> PerfusionDefect:
    territory = TERRITORIES[artery]
    depth = float(rng.uniform(*_DEPTH))
    fixed_part = (0.0, 1.0, float(rng.uniform(*_FIXED_PART)))[int(rng.choice(3, p=KIND_SHARES))]
    mean, deviation = territory.angle_degrees
    return PerfusionDefect(
        artery=artery,
        ring=float(rng.uniform(*territory.ring)),
        angle_degrees=float(mean + deviation * rng.normal(0, 1)) % 360,
        radius=float(rng.uniform(*_RADIUS)),
        stress_depth=depth,
        rest_depth=depth * fixed_part,
        segments=(),
        extent_percent=0.0,
    )
