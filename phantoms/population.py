"""Who is examined: age, sex, habitus, grade of disease, and the anatomy that follows with its overlap."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from phantoms.anatomy import ChestAnatomy, HeartAnatomy, LungAnatomy, MediastinumAnatomy, ThoraxAnatomy
from phantoms.truth import Grade, Sex

GRADE_PROBABILITIES: Final[Mapping[Grade, float]] = MappingProxyType(
    {Grade.NONE: 0.56, Grade.MILD: 0.20, Grade.MODERATE: 0.14, Grade.SEVERE: 0.10}
)
"""44 % positive as reference 1b derives it; the parts of the grades among the positive are our choice."""


@dataclass(frozen=True, kw_only=True)
class RegurgitationSigns:
    """What mitral regurgitation of one grade adds to a chest before individual variation.

    The signs are the classical ones of left-sided volume load: left atrium and appendage, splayed carina,
    left ventricle, redistribution of flow to the upper zones. That they grow in these steps is our choice.

    Attributes:
        left_atrium_mm: Added width of the left atrium.
        appendage_mm: Added convexity of the appendage.
        left_ventricle: Added scale of the left ventricle.
        carina_deg: Added angle of the carina.
        upper_zone: Added ratio of upper-zone to lower-zone vessels.
    """

    left_atrium_mm: float
    appendage_mm: float
    left_ventricle: float
    carina_deg: float
    upper_zone: float


SIGNS: Final[Mapping[Grade, RegurgitationSigns]] = MappingProxyType(
    {
        Grade.NONE: RegurgitationSigns(left_atrium_mm=0, appendage_mm=0, left_ventricle=0, carina_deg=0, upper_zone=0),
        Grade.MILD: RegurgitationSigns(
            left_atrium_mm=8.5, appendage_mm=4.2, left_ventricle=0.01, carina_deg=8, upper_zone=0.09
        ),
        Grade.MODERATE: RegurgitationSigns(
            left_atrium_mm=16.5, appendage_mm=8, left_ventricle=0.035, carina_deg=16, upper_zone=0.20
        ),
        Grade.SEVERE: RegurgitationSigns(
            left_atrium_mm=27, appendage_mm=12.5, left_ventricle=0.08, carina_deg=26, upper_zone=0.36
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class Patient:
    """One person before any disease of the heart.

    Attributes:
        age_years: 18 to 95.
        sex: Patient's sex.
        size: Body size against the average adult, about 0.85 to 1.15.
        adiposity: Habitus in standard deviations, about -2 to 3.
        athletic: Whether the heart is enlarged by training.
    """

    age_years: int
    sex: Sex
    size: float
    adiposity: float
    athletic: bool


def draw_grade(rng: np.random.Generator) -> Grade:
    """Draw a grade with the prevalence of `GRADE_PROBABILITIES`."""
    return Grade(int(rng.choice(list(GRADE_PROBABILITIES), p=list(GRADE_PROBABILITIES.values()))))


def draw_patient(rng: np.random.Generator) -> Patient:
    """Draw age, sex and habitus; they do not depend on any disease.

    Source:
        Ages near 65 +/- 15 years as in reference 1a; the rest is our choice.
    """
    sex = Sex.MALE if rng.random() < 0.55 else Sex.FEMALE
    age_years = int(np.clip(round(rng.normal(65, 14)), 18, 95))
    size = float(np.clip(rng.normal(1.03 if sex is Sex.MALE else 0.94, 0.045), 0.82, 1.18))
    adiposity = float(np.clip(rng.normal(0, 1), -2, 2.8))
    athletic = bool(rng.random() < 0.12) and age_years < 70
    return Patient(age_years=age_years, sex=sex, size=size, adiposity=adiposity, athletic=athletic)


def draw_anatomy(rng: np.random.Generator, *, patient: Patient, grade: Grade) -> ChestAnatomy:
    """Draw the chest of a person with a grade of mitral regurgitation.

    The random numbers taken do not depend on `grade`: the same generator state gives the same person,
    diseased to another degree.

    Source:
        Our choice throughout.
    """
    thorax = _draw_thorax(rng, patient)
    signs = SIGNS[grade]
    response = float(np.clip(rng.normal(1.0, 0.18), 0.5, 1.5))
    return ChestAnatomy(
        thorax=thorax,
        heart=_draw_heart(rng, patient=patient, signs=signs, response=response),
        mediastinum=_draw_mediastinum(rng, patient=patient, splay_deg=signs.carina_deg * response),
        lungs=_draw_lungs(rng, patient=patient, redistribution=signs.upper_zone * response),
    )


def _draw_thorax(rng: np.random.Generator, patient: Patient) -> ThoraxAnatomy:
    breast_mm = 0.0
    if patient.sex is Sex.FEMALE:
        breast_mm = max(0.0, 22 + 10 * patient.adiposity + float(rng.normal(0, 8)))
    return ThoraxAnatomy(
        half_width_mm=141 * patient.size * float(rng.normal(1, 0.03)),
        apex_row_mm=-92 * patient.size * float(rng.normal(1, 0.05)),
        dome_row_mm=136 * patient.size * float(rng.normal(1, 0.05)),
        depth_mm=max(150.0, 205 * patient.size + 20 * patient.adiposity + float(rng.normal(0, 10))),
        wall_mm=max(12.0, 27 + 9 * patient.adiposity + float(rng.normal(0, 3))),
        breast_mm=breast_mm,
        rib_slope=float(np.clip(0.22 + 0.002 * (patient.age_years - 50) + rng.normal(0, 0.05), 0.08, 0.5)),
        bone_density=float(np.clip(1.2 - 0.006 * (patient.age_years - 40) + rng.normal(0, 0.12), 0.5, 1.4)),
    )


def _draw_heart(
    rng: np.random.Generator, *, patient: Patient, signs: RegurgitationSigns, response: float
) -> HeartAnatomy:
    training = 0.07 if patient.athletic else 0.0
    fibrillation_mm = float(rng.uniform(3, 10)) if rng.random() < 0.10 else 0.0
    return HeartAnatomy(
        scale=patient.size * (1 + training + 0.02 * patient.adiposity) * float(rng.normal(0.99, 0.07)),
        left_ventricle_scale=1 + signs.left_ventricle * response + float(rng.normal(0, 0.06)),
        left_atrium_width_mm=58 * patient.size
        + signs.left_atrium_mm * response
        + 40 * training
        + fibrillation_mm
        + float(rng.normal(0, 5.5)),
        appendage_bulge_mm=-4 + signs.appendage_mm * response + float(rng.normal(0, 3.5)),
        pulmonary_trunk_mm=17 * patient.size + float(rng.normal(0, 3)),
        axis_deg=float(np.clip(40 - 4 * patient.adiposity + rng.normal(0, 5), 22, 58)),
    )


def _draw_mediastinum(rng: np.random.Generator, *, patient: Patient, splay_deg: float) -> MediastinumAnatomy:
    aging = (patient.age_years - 40) / 40
    return MediastinumAnatomy(
        aortic_knob_mm=float(np.clip(13 + 3.5 * aging + rng.normal(0, 1.5), 8, 24)),
        aortic_unfolding_mm=float(np.clip(3 + 6 * aging + rng.normal(0, 3), -4, 20)),
        half_width_mm=25 * patient.size + 1.5 * patient.adiposity + float(rng.normal(0, 2)),
        trachea_mm=16 * patient.size + float(rng.normal(0, 1.5)),
        carina_angle_deg=float(np.clip(64 + splay_deg + rng.normal(0, 8), 35, 125)),
    )


def _draw_lungs(rng: np.random.Generator, *, patient: Patient, redistribution: float) -> LungAnatomy:
    haze = 0.01 * max(patient.adiposity, 0) + float(np.clip(rng.exponential(0.02), 0, 0.12))
    return LungAnatomy(
        vessel_mm=float(np.clip(rng.normal(5.2, 0.6), 3.5, 7.5)) * patient.size,
        upper_zone_ratio=float(np.clip(0.66 + redistribution + rng.normal(0, 0.10), 0.35, 1.5)),
        texture=float(np.clip(rng.normal(1, 0.25), 0.4, 2.0)),
        haze=haze,
    )
