"""The head of a patient who is examined for dopamine transporters, as parameters.

Positions are millimeters (up, back, left) from the middle between the striata: toward the head, the back and the
patient's left, along the head's own axes. Each side's `lateral` distances are from the midline outward.
"""

import math
from dataclasses import dataclass

import numpy as np

from phantoms.dopamine_truth import Condition
from phantoms.truth import Sex


@dataclass(frozen=True, kw_only=True)
class Nucleus:
    """A bent ellipsoid of one side.

    Attributes:
        up_mm: Height of its center.
        back_mm: How far its center lies behind.
        lateral_mm: How far its center lies from the midline.
        half_height_mm: Semi-axis upward.
        half_length_mm: Semi-axis along its length, which runs backward and outward.
        half_width_mm: Semi-axis across.
        angle_deg: Of its length to the midline; above 0 the posterior end lies outward.
        bend_mm: How far its ends lie inward of its middle: the belly of the comma.
    """

    up_mm: float
    back_mm: float
    lateral_mm: float
    half_height_mm: float
    half_length_mm: float
    half_width_mm: float
    angle_deg: float
    bend_mm: float

    @property
    def volume_ml(self) -> float:
        """Volume; bending, which is a shear, leaves it as it is."""
        return 4 / 3 * math.pi * self.half_height_mm * self.half_length_mm * self.half_width_mm / 1000


@dataclass(frozen=True, kw_only=True)
class Striatum:
    """The two nuclei of one side."""

    caudate: Nucleus
    putamen: Nucleus


@dataclass(frozen=True, kw_only=True)
class HeadAnatomy:
    """Brain and what lies around it.

    Attributes:
        size: Of the brain against the average adult's, about 0.88 to 1.12.
        ventricles: Width of the lateral ventricles against that at 60 years, 0.4 to 3.5.
        atrophy: Share of the cortical rim that is fluid, 0 to 0.4.
        white_matter: Nonspecific concentration of white matter over that of gray matter.
        thalamus: The same of the thalamus and midbrain, which bind through serotonin transporters.
        scalp: The same of the scalp.
        glands: The same of the parotid glands.
        left: The left striatum.
        right: The right striatum.
    """

    size: float
    ventricles: float
    atrophy: float
    white_matter: float
    thalamus: float
    scalp: float
    glands: float
    left: Striatum
    right: Striatum


def draw_head(rng: np.random.Generator, *, age_years: int, sex: Sex, condition: Condition) -> HeadAnatomy:
    """Draw a head; ventricles and sulci grow with age and in hydrocephalus and Alzheimer's disease.

    Source:
        Our choice throughout. A caudate nucleus has about 4 mL and a putamen about 6 mL, so that a striatum has
        near the 11.2 mL of the Southampton form and seldom as much.
    """
    bodies, (left, right) = rng, rng.spawn(2)
    decades = (age_years - 60) / 10
    size = float(np.clip(bodies.normal(1.02 if sex is Sex.MALE else 0.97, 0.035), 0.86, 1.14))
    widening = {Condition.HYDROCEPHALUS: 0.75, Condition.ALZHEIMER: 0.2}.get(condition, 0.0)
    ventricles = float(np.clip(math.exp(bodies.normal(0.16 * decades + widening, 0.25)), 0.4, 3.5))
    thinning = 0.08 if condition is Condition.ALZHEIMER else 0.0
    return HeadAnatomy(
        size=size,
        ventricles=ventricles,
        atrophy=float(np.clip(bodies.normal(0.13 + 0.035 * decades + thinning, 0.04), 0, 0.4)),
        white_matter=float(bodies.normal(0.86, 0.03)),
        thalamus=float(bodies.normal(1.25, 0.08)),
        scalp=float(bodies.uniform(0.25, 0.5)),
        glands=float(bodies.uniform(1.0, 2.6)),
        left=_draw_striatum(left, size=size, ventricles=ventricles, shrinking=0.03 * decades),
        right=_draw_striatum(right, size=size, ventricles=ventricles, shrinking=0.03 * decades),
    )


def _draw_striatum(rng: np.random.Generator, *, size: float, ventricles: float, shrinking: float) -> Striatum:
    """Draw one side: wide ventricles push the caudate nucleus outward."""
    scale = size * (1 - shrinking / 3)
    jitter = rng.normal(0, 1, 8)
    return Striatum(
        caudate=Nucleus(
            up_mm=4 * scale + 0.6 * jitter[0],
            back_mm=-15 * scale + 0.8 * jitter[1],
            lateral_mm=12.5 * scale + 1.6 * (ventricles - 1) + 0.5 * jitter[2],
            half_height_mm=13.0 * scale,
            half_length_mm=10.8 * scale * (1 + 0.03 * jitter[3]),
            half_width_mm=6.8 * scale,
            angle_deg=14.0,
            bend_mm=0.0,
        ),
        putamen=Nucleus(
            up_mm=0.6 * jitter[0],
            back_mm=4 * scale + 0.8 * jitter[4],
            lateral_mm=26.5 * scale + 0.5 * (ventricles - 1) + 0.5 * jitter[5],
            half_height_mm=13.5 * scale,
            half_length_mm=19.0 * scale * (1 + 0.03 * jitter[6]),
            half_width_mm=5.6 * scale,
            angle_deg=float(20 + 2.5 * jitter[7]),
            bend_mm=3.5,
        ),
    )
