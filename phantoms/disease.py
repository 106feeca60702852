"""What is wrong with a heart, how often, and what each degree of it adds to a chest.

The three diseases are drawn independently of one another, of age, sex and technique: a model that finds one must
look at its own signs. In the world they go together; that they do not here is our choice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from phantoms.truth import Grade

REGURGITATION_PROBABILITIES: Final[Mapping[Grade, float]] = MappingProxyType(
    {Grade.NONE: 0.56, Grade.MILD: 0.20, Grade.MODERATE: 0.14, Grade.SEVERE: 0.10}
)
"""44 % positive as reference 1b derives it; the parts of the grades among the positive are our choice."""

STENOSIS_PROBABILITIES: Final[Mapping[Grade, float]] = MappingProxyType(
    {Grade.NONE: 0.60, Grade.MILD: 0.16, Grade.MODERATE: 0.13, Grade.SEVERE: 0.11}
)
"""40 % positive, four times as many as in reference 1a (106 of 1,065), so that 1,000 phantoms hold enough of each
grade. Our choice."""

EJECTION_FRACTION_RANGE_PERCENT: Final = (15.0, 75.0)
_PRESERVED_SHARE: Final = 0.5
_PRESERVED_EJECTION_FRACTION_PERCENT: Final = 62.0
_FAILURE_STARTS_PERCENT: Final = 65.0
_FAILURE_SPAN_PERCENT: Final = 50.0


@dataclass(frozen=True, kw_only=True)
class HeartDisease:
    """The state of one heart.

    Attributes:
        mitral_regurgitation: Grade of mitral regurgitation.
        aortic_stenosis: Grade of aortic stenosis.
        ejection_fraction_percent: Ejection fraction of the left ventricle, 15 to 75 %.
    """

    mitral_regurgitation: Grade
    aortic_stenosis: Grade
    ejection_fraction_percent: float


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


REGURGITATION_SIGNS: Final[Mapping[Grade, RegurgitationSigns]] = MappingProxyType(
    {
        Grade.NONE: RegurgitationSigns(left_atrium_mm=0, appendage_mm=0, left_ventricle=0, carina_deg=0, upper_zone=0),
        Grade.MILD: RegurgitationSigns(
            left_atrium_mm=9, appendage_mm=4.4, left_ventricle=0.01, carina_deg=8.5, upper_zone=0.06
        ),
        Grade.MODERATE: RegurgitationSigns(
            left_atrium_mm=17.5, appendage_mm=8.4, left_ventricle=0.03, carina_deg=17, upper_zone=0.13
        ),
        Grade.SEVERE: RegurgitationSigns(
            left_atrium_mm=28, appendage_mm=13, left_ventricle=0.06, carina_deg=27, upper_zone=0.22
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class StenosisSigns:
    """What aortic stenosis of one grade adds to a chest before individual variation.

    The signs are the classical ones: dilatation of the ascending aorta behind the valve, calcium in the valve,
    a concentric left ventricle that rounds the apex. That they grow in these steps is our choice.

    Attributes:
        ascending_aorta_mm: Added diameter of the ascending aorta.
        valve_calcification: Added calcium in the valve, 1 for a valve full of it.
        apex_rounding_mm: Added convexity of the left ventricle's border.
        left_ventricle: Added scale of the left ventricle.
    """

    ascending_aorta_mm: float
    valve_calcification: float
    apex_rounding_mm: float
    left_ventricle: float


STENOSIS_SIGNS: Final[Mapping[Grade, StenosisSigns]] = MappingProxyType(
    {
        Grade.NONE: StenosisSigns(ascending_aorta_mm=0, valve_calcification=0, apex_rounding_mm=0, left_ventricle=0),
        Grade.MILD: StenosisSigns(
            ascending_aorta_mm=5.5, valve_calcification=0.30, apex_rounding_mm=3.5, left_ventricle=0
        ),
        Grade.MODERATE: StenosisSigns(
            ascending_aorta_mm=11, valve_calcification=0.6, apex_rounding_mm=6.5, left_ventricle=0.01
        ),
        Grade.SEVERE: StenosisSigns(
            ascending_aorta_mm=17, valve_calcification=0.95, apex_rounding_mm=10, left_ventricle=0.03
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class FailureSigns:
    """What a weak left ventricle adds to a chest before individual variation.

    The signs are the classical ones of congestion: the ventricle dilates, flow moves to the upper zones, water
    enters the interstitium and, below an ejection fraction near 47 %, the pleural space. Sizes are our choice.

    Attributes:
        left_ventricle: Added scale of the left ventricle.
        upper_zone: Added ratio of upper-zone to lower-zone vessels.
        lung_texture: Added strength of the lung's fine pattern.
        effusion_mm: Height of pleural fluid in the costophrenic angle.
    """

    left_ventricle: float
    upper_zone: float
    lung_texture: float
    effusion_mm: float


def failure_signs(ejection_fraction_percent: float) -> FailureSigns:
    """Return the signs of an ejection fraction, 15 to 75 %; none of them at 65 %."""
    failure = (_FAILURE_STARTS_PERCENT - ejection_fraction_percent) / _FAILURE_SPAN_PERCENT
    return FailureSigns(
        left_ventricle=0.30 * failure,
        upper_zone=0.60 * failure,
        lung_texture=1.2 * failure,
        effusion_mm=max(0.0, 80 * (failure - 0.35)),
    )


def draw_disease(rng: np.random.Generator) -> HeartDisease:
    """Draw the state of a heart: grades by their prevalence, the ejection fraction by our choice.

    Half of the ejection fractions are preserved, near 62 %; the others lie anywhere from 15 to 58 %.
    """
    lowest, highest = EJECTION_FRACTION_RANGE_PERCENT
    preserved = rng.random() < _PRESERVED_SHARE
    normal, reduced = rng.normal(_PRESERVED_EJECTION_FRACTION_PERCENT, 6), rng.uniform(lowest, 58)
    return HeartDisease(
        mitral_regurgitation=_draw_grade(rng, REGURGITATION_PROBABILITIES),
        aortic_stenosis=_draw_grade(rng, STENOSIS_PROBABILITIES),
        ejection_fraction_percent=float(np.clip(normal if preserved else reduced, lowest, highest)),
    )


def _draw_grade(rng: np.random.Generator, probabilities: Mapping[Grade, float]) -> Grade:
    return Grade(int(rng.choice(list(probabilities), p=list(probabilities.values()))))
