"""Who is examined: age, sex, habitus, and the anatomy that follows from them and from disease, with its overlap."""

from dataclasses import dataclass

import numpy as np

from phantoms.anatomy import ChestAnatomy, HeartAnatomy, LungAnatomy, MediastinumAnatomy, ThoraxAnatomy
from phantoms.disease import REGURGITATION_SIGNS, STENOSIS_SIGNS, HeartDisease, failure_signs
from phantoms.truth import Sex

YOUNGEST_YEARS, OLDEST_YEARS = 20, 90


@dataclass(frozen=True, kw_only=True)
class Patient:
    """One person before any disease of the heart.

    Attributes:
        age_years: 20 to 90.
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


@dataclass(frozen=True, kw_only=True)
class _Changes:
    """What the diseases of one person add to the organs, individual response included; units as in the anatomy."""

    left_ventricle: float
    left_atrium_mm: float
    appendage_mm: float
    apex_rounding_mm: float
    valve_calcification: float
    ascending_aorta_mm: float
    carina_deg: float
    upper_zone: float
    lung_texture: float
    effusion_mm: float


def draw_patient(rng: np.random.Generator) -> Patient:
    """Draw age, sex and habitus; they do not depend on any disease.

    Source:
        Our choice throughout. Every age from 20 to 90 is as likely, so that a model of age learns all of them.
    """
    sex = Sex.MALE if rng.random() < 0.55 else Sex.FEMALE
    age_years = int(rng.integers(YOUNGEST_YEARS, OLDEST_YEARS + 1))
    size = float(np.clip(rng.normal(1.03 if sex is Sex.MALE else 0.94, 0.045), 0.82, 1.18))
    adiposity = float(np.clip(rng.normal(0, 1), -2, 2.8))
    athletic = bool(rng.random() < 0.12) and age_years < 70
    return Patient(age_years=age_years, sex=sex, size=size, adiposity=adiposity, athletic=athletic)


def draw_anatomy(rng: np.random.Generator, *, patient: Patient, disease: HeartDisease) -> ChestAnatomy:
    """Draw the chest of a person with a state of the heart.

    The random numbers taken do not depend on age or `disease`: the same generator state gives the same person,
    older or diseased to another degree.

    Source:
        Our choice throughout.
    """
    thoraxes, responses, hearts, vessels, lungs = rng.spawn(5)
    changes = _draw_changes(responses, disease)
    return ChestAnatomy(
        thorax=_draw_thorax(thoraxes, patient),
        heart=_draw_heart(hearts, patient=patient, changes=changes),
        mediastinum=_draw_mediastinum(vessels, patient=patient, changes=changes),
        lungs=_draw_lungs(lungs, patient=patient, changes=changes),
    )


def _draw_changes(rng: np.random.Generator, disease: HeartDisease) -> _Changes:
    """Let each disease show more or less in this person than in the average one."""
    volume, pressure = (float(response) for response in np.clip(rng.normal(1.0, 0.18, 2), 0.5, 1.5))
    congestion = float(np.clip(rng.normal(1.0, 0.08), 0.75, 1.25))
    regurgitation = REGURGITATION_SIGNS[disease.mitral_regurgitation]
    stenosis = STENOSIS_SIGNS[disease.aortic_stenosis]
    failure = failure_signs(disease.ejection_fraction_percent)
    return _Changes(
        left_ventricle=regurgitation.left_ventricle * volume
        + stenosis.left_ventricle * pressure
        + failure.left_ventricle * congestion,
        left_atrium_mm=regurgitation.left_atrium_mm * volume,
        appendage_mm=regurgitation.appendage_mm * volume,
        apex_rounding_mm=stenosis.apex_rounding_mm * pressure,
        valve_calcification=stenosis.valve_calcification * pressure,
        ascending_aorta_mm=stenosis.ascending_aorta_mm * pressure,
        carina_deg=regurgitation.carina_deg * volume,
        upper_zone=regurgitation.upper_zone * volume + failure.upper_zone * congestion,
        lung_texture=failure.lung_texture * congestion,
        effusion_mm=failure.effusion_mm * congestion,
    )


def _draw_thorax(rng: np.random.Generator, patient: Patient) -> ThoraxAnatomy:
    since_fifty = patient.age_years - 50
    breast_mm = max(0.0, 22 + 10 * patient.adiposity + float(rng.normal(0, 8)))
    return ThoraxAnatomy(
        half_width_mm=141 * patient.size * float(rng.normal(1, 0.03)),
        apex_row_mm=-92 * patient.size * float(rng.normal(1, 0.05)),
        dome_row_mm=136 * patient.size * float(rng.normal(1, 0.05)),
        depth_mm=max(150.0, 205 * patient.size + 20 * patient.adiposity + float(rng.normal(0, 10))),
        wall_mm=max(12.0, 27 + 9 * patient.adiposity + float(rng.normal(0, 3))),
        breast_mm=breast_mm if patient.sex is Sex.FEMALE else 0.0,
        rib_slope=float(np.clip(0.25 + 0.0043 * since_fifty + rng.normal(0, 0.035), 0.05, 0.55)),
        bone_density=float(np.clip(1.1 - 0.008 * since_fifty + rng.normal(0, 0.08), 0.5, 1.6)),
        bone_texture=float(np.clip(0.45 + 0.009 * since_fifty + rng.normal(0, 0.065), 0, 1)),
    )


def _draw_heart(rng: np.random.Generator, *, patient: Patient, changes: _Changes) -> HeartAnatomy:
    training = 0.07 if patient.athletic else 0.0
    fibrillation, dilatation_mm = rng.random(), float(rng.uniform(3, 10))
    return HeartAnatomy(
        scale=patient.size * (1 + training + 0.02 * patient.adiposity) * float(rng.normal(0.97, 0.06)),
        left_ventricle_scale=1 + changes.left_ventricle + float(rng.normal(0, 0.045)),
        left_atrium_width_mm=58 * patient.size
        + changes.left_atrium_mm
        + 40 * training
        + (dilatation_mm if fibrillation < 0.10 else 0.0)
        + float(rng.normal(0, 5.5)),
        appendage_bulge_mm=-4 + changes.appendage_mm + float(rng.normal(0, 3.5)),
        pulmonary_trunk_mm=17 * patient.size + float(rng.normal(0, 3)),
        axis_deg=float(np.clip(40 - 4 * patient.adiposity + rng.normal(0, 5), 22, 58)),
        apex_rounding_mm=changes.apex_rounding_mm + float(rng.normal(0, 3.0)),
        valve_calcification=max(0.0, changes.valve_calcification + float(rng.normal(0.02, 0.23))),
    )


def _draw_mediastinum(rng: np.random.Generator, *, patient: Patient, changes: _Changes) -> MediastinumAnatomy:
    aging = (patient.age_years - 40) / 40
    return MediastinumAnatomy(
        aortic_knob_mm=float(np.clip(13 + 6 * aging + rng.normal(0, 1.2), 8, 24)),
        aortic_unfolding_mm=float(np.clip(4 + 8 * aging + rng.normal(0, 2.5), -4, 24)),
        knob_calcification=float(np.clip(0.75 * (aging - 0.2) + rng.normal(0, 0.18), 0, 1)),
        ascending_aorta_mm=31 * patient.size + changes.ascending_aorta_mm + float(rng.normal(0, 3.5)),
        half_width_mm=25 * patient.size + 1.5 * patient.adiposity + float(rng.normal(0, 2)),
        trachea_mm=16 * patient.size + float(rng.normal(0, 1.5)),
        carina_angle_deg=float(np.clip(64 + changes.carina_deg + rng.normal(0, 8), 35, 125)),
    )


def _draw_lungs(rng: np.random.Generator, *, patient: Patient, changes: _Changes) -> LungAnatomy:
    inflamed, other_effusion_mm = rng.random(), float(rng.exponential(14))
    return LungAnatomy(
        vessel_mm=float(np.clip(rng.normal(5.2, 0.6), 3.5, 7.5)) * patient.size,
        upper_zone_ratio=float(np.clip(0.66 + changes.upper_zone + rng.normal(0, 0.08), 0.35, 1.7)),
        texture=float(np.clip(1 + changes.lung_texture + rng.normal(0, 0.14), 0.4, 2.6)),
        haze=0.01 * max(patient.adiposity, 0) + float(np.clip(rng.exponential(0.02), 0, 0.12)),
        effusion_mm=float(
            np.clip(changes.effusion_mm + rng.normal(0, 4) + (other_effusion_mm if inflamed < 0.06 else 0), 0, 80)
        ),
    )
