"""Who is examined with cardiac 123I-MIBG, and how much each organ takes up and loses in health and disease.

All of these parameters were set before any network was trained, from anatomy and published figures.

Source:
    Planar ratios that they aim at: late heart-to-mediastinum in health 3.69 - 0.0071 x age, lower limit 2.2 to 2.3
    (PMC5852176); below 1.6 to 1.74 a heart failure of bad prognosis (same); Lewy-body disease below 1.48,
    with dementia below 1.2 (10.1186/s12883-015-0338-9); late lung-to-mediastinum about 1.7 in heart failure (PubMed
    23636966). Washout: 6 to 10 % of normal myocardium until 3 hours, more in heart failure (PMC2709219). That the liver
    takes up most is general knowledge. The spreads, and the concentrations that give such ratios, are our choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from phantoms.mibg_truth import MibgUptake, SympatheticDisease
from phantoms.pet_body import ScannedPerson
from phantoms.truth import Sex

YOUNGEST_YEARS, OLDEST_YEARS = 40, 90

DISEASE_SHARES: Final[Mapping[SympatheticDisease, float]] = MappingProxyType(
    {SympatheticDisease.NONE: 0.25, SympatheticDisease.HEART_FAILURE: 0.40, SympatheticDisease.LEWY_BODY: 0.35}
)
"""Our choice: how many of the source's 48 patients had which disease was not found."""


@dataclass(frozen=True, kw_only=True)
class _Innervation:
    """What one disease leaves of the heart's nerves; means and standard deviations.

    Attributes:
        specific: Early specific concentration of the wall over that of blood: median, and spread of its logarithm.
        washout: Share of it that is lost until 4 hours, beyond decay.
        defect: Least and greatest depth of the regional defect, as a share.
    """

    specific: tuple[float, float]
    washout: tuple[float, float]
    defect: tuple[float, float]


_INNERVATIONS: Final[Mapping[SympatheticDisease, _Innervation]] = MappingProxyType(
    {
        SympatheticDisease.NONE: _Innervation(specific=(9.0, 0.18), washout=(0.08, 0.06), defect=(0.0, 0.2)),
        SympatheticDisease.HEART_FAILURE: _Innervation(specific=(4.0, 0.40), washout=(0.32, 0.12), defect=(0.0, 0.7)),
        SympatheticDisease.LEWY_BODY: _Innervation(specific=(0.9, 0.90), washout=(0.42, 0.14), defect=(0.0, 0.4)),
    }
)
_FALL_PER_DECADE: Final = 0.025
"""Of the specific uptake from 60 years on: the published late ratio falls by 0.07 of about 2.3 above 1 a decade."""
_HOURS_OF_WASHOUT: Final = 4.0


@dataclass(frozen=True, kw_only=True)
class CardiacUptake:
    """What one patient's organs take up, and how uneven the heart's wall is.

    Attributes:
        early: Concentrations at the early acquisition.
        late: Concentrations at the late one.
        defect: Depth of the regional defect of the wall, as a share of what the rest has, 0 to 0.7.
    """

    early: MibgUptake
    late: MibgUptake
    defect: float


def draw_disease(rng: np.random.Generator) -> SympatheticDisease:
    """Draw why a patient is examined, by `DISEASE_SHARES`."""
    return list(DISEASE_SHARES)[int(rng.choice(len(DISEASE_SHARES), p=list(DISEASE_SHARES.values())))]


def draw_patient(rng: np.random.Generator) -> ScannedPerson:
    """Draw who is examined; nothing of it depends on the disease.

    Source:
        Age 68.4 ± 11.7 years (10.1186/s13550-021-00847-x); the rest is our choice.
    """
    male = rng.random() < 0.5
    height_m = float(np.clip(rng.normal(1.67 if male else 1.54, 0.065), 1.38, 1.88))
    body_mass_index = float(np.clip(22.5 * np.exp(rng.normal(0, 0.15)), 16, 34))
    return ScannedPerson(
        age_years=round(float(np.clip(rng.normal(68.4, 11.7), YOUNGEST_YEARS, OLDEST_YEARS))),
        sex=Sex.MALE if male else Sex.FEMALE,
        height_m=round(height_m, 2),
        weight_kg=round(body_mass_index * height_m**2, 1),
        arms_up=True,
    )


def draw_uptake(
    rng: np.random.Generator, *, age_years: int, disease: SympatheticDisease, late_hours: float
) -> CardiacUptake:
    """Draw what the organs take up early and what is left late.

    Args:
        rng: Source of chance; what it gives for all organs but the heart does not depend on the disease.
        age_years: Patient's age.
        disease: Why the patient is examined.
        late_hours: From the early to the late acquisition.
    """
    organs, heart = rng.spawn(2)
    spreads = np.exp(organs.normal(0, (0.15, 0.08, 0.22, 0.25, 0.3, 0.15)))
    blood, tissue, lungs, liver, spleen, muscle = (np.array([0.9, 0.95, 1.15, 8.0, 2.6, 0.5]) * spreads).tolist()
    losses = organs.normal((0.18, 0.30, 0.14, 0.18, 0.05), (0.05, 0.08, 0.08, 0.08, 0.05)).clip(-0.05, 0.6)
    slow = min(late_hours / _HOURS_OF_WASHOUT, 1.2)
    of_blood, of_lungs, of_liver, of_spleen, of_muscle = (1 - losses * slow).tolist()
    innervation = _INNERVATIONS[disease]
    median, spread = innervation.specific
    aging = 1 - _FALL_PER_DECADE * max(age_years - 60, 0) / 10
    specific = blood * median * aging * float(np.exp(np.clip(heart.normal(0, spread), -1.8, 1.4)))
    lost = float(np.clip(heart.normal(*innervation.washout), -0.05, 0.8)) * slow
    early = MibgUptake(
        wall=0.9 * blood + specific,
        blood=blood,
        mediastinum=tissue * blood,
        lungs=lungs,
        liver=liver,
        spleen=spleen,
        muscle=muscle,
    )
    late = MibgUptake(
        wall=0.9 * blood * of_blood + specific * (1 - lost),
        blood=blood * of_blood,
        mediastinum=early.mediastinum * of_blood,
        lungs=lungs * of_lungs,
        liver=liver * of_liver,
        spleen=spleen * of_spleen,
        muscle=muscle * of_muscle,
    )
    return CardiacUptake(early=early, late=late, defect=float(heart.uniform(*innervation.defect)))
