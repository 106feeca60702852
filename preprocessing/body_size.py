"""Sizes of the body that an uptake value may be normalized by beside weight; named alternatives, never the SUV itself.

The names are those of SUV Type (0054,1006) and of DICOM PS3.16 CID 85; the published values that they reproduce are of
`calculate-suv` (cornerstonejs).
"""

import math
from enum import StrEnum
from typing import assert_never


class Sex(StrEnum):
    """Patient's Sex (0010,0040) where it has a formula."""

    FEMALE = "F"
    MALE = "M"


def lean_body_mass_james_kg(*, weight_kg: float, height_m: float, sex: Sex) -> float:
    """Return the lean body mass of the SUV type LBM, in kg.

    Source:
        James 1976 with 120 for men, as `calculate-suv` has it; DICOM tells from it the form with 128, LBMJAMES128.
        Beyond a body mass index of about 36 (women) or 46 (men) it falls with weight, and is wrong.
    """
    ratio = (weight_kg / (100 * height_m)) ** 2
    match sex:
        case Sex.FEMALE:
            return 1.07 * weight_kg - 148 * ratio
        case Sex.MALE:
            return 1.10 * weight_kg - 120 * ratio
        case _:
            assert_never(sex)


def lean_body_mass_janmahasatian_kg(*, weight_kg: float, height_m: float, sex: Sex) -> float:
    """Return the lean body mass of the SUV type LBMJANMA, in kg.

    Source:
        Janmahasatian et al., Clin Pharmacokinet 2005;44:1051-65.
    """
    body_mass_index = weight_kg / height_m**2
    match sex:
        case Sex.FEMALE:
            return 9270 * weight_kg / (8780 + 244 * body_mass_index)
        case Sex.MALE:
            return 9270 * weight_kg / (6680 + 216 * body_mass_index)
        case _:
            assert_never(sex)


def body_surface_area_cm2(*, weight_kg: float, height_m: float) -> float:
    """Return the body surface area of the SUV type BSA, in cm2.

    Source:
        Du Bois & Du Bois, Arch Intern Med 1916;17:863-71.
    """
    return 71.84 * math.pow(weight_kg, 0.425) * math.pow(100 * height_m, 0.725)


def uptake_per_activity(body_size: float, *, decayed_dose_bq: float) -> float:
    """Return the factor from Bq/ml to an uptake value.

    Args:
        body_size: Body weight or lean body mass in g (the uptake is then in g/ml), or body surface area in cm2
            (cm2/ml).
        decayed_dose_bq: Administered activity at the time that the images were decay-corrected to, Bq; above 0.

    Source:
        QIBA's vendor-neutral steps: weight (kg) x 1000 / decayed dose (Bq).
    """
    return body_size / decayed_dose_bq
