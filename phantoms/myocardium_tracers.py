"""What tracers of myocardial perfusion leave in the tissues of the chest, but for the wall of the left ventricle."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import numpy as np

from phantoms.myocardium_truth import PerfusionState
from phantoms.sites import Range

_BREAST_UPTAKE: Final = 0.5
"""Of breasts, over that of muscle: our choice."""


class Tissue(Enum):
    """What the chest is made of, but the wall of the left ventricle."""

    BREAST = auto()
    MUSCLE = auto()
    ABDOMEN = auto()
    LUNG = auto()
    BLOOD = auto()
    LIVER = auto()
    BOWEL = auto()
    RIGHT_WALL = auto()


@dataclass(frozen=True, kw_only=True)
class TracerLevels:
    """Concentrations over that of healthy wall.

    Attributes:
        right_wall: Of the right ventricle.
        blood: Blood.
        lungs: Lungs with their air.
        muscle: Muscle and other soft tissue.
        liver: Liver.
        bowel: Stomach and bowel below the heart.
    """

    right_wall: float
    blood: float
    lungs: float
    muscle: float
    liver: float
    bowel: float

    def of(self, tissue: Tissue) -> float:
        """Return the concentration of a tissue."""
        return {
            Tissue.BREAST: _BREAST_UPTAKE * self.muscle,
            Tissue.MUSCLE: self.muscle,
            Tissue.ABDOMEN: self.muscle,
            Tissue.LUNG: self.lungs,
            Tissue.BLOOD: self.blood,
            Tissue.LIVER: self.liver,
            Tissue.BOWEL: self.bowel,
            Tissue.RIGHT_WALL: self.right_wall,
        }[tissue]


@dataclass(frozen=True, kw_only=True)
class PerfusionTracers:
    """What the tracers leave outside of the left ventricle's wall, and how the PET scanner sees it.

    Attributes:
        stress: Of the SPECT agent at stress.
        rest: The same at rest.
        pet: Of the PET agent.
        pet_fwhm_mm: Resolution of PET.
        pet_noise: Standard deviation of its noise in healthy wall, over its uptake.
    """

    stress: TracerLevels
    rest: TracerLevels
    pet: TracerLevels
    pet_fwhm_mm: float
    pet_noise: float

    def of(self, state: PerfusionState) -> TracerLevels:
        """Return what the SPECT agent leaves at a state."""
        return self.stress if state is PerfusionState.STRESS else self.rest


_PET_FWHM_MM: Final[Range] = (4.8, 5.6)
_PET_NOISE: Final[Range] = (0.02, 0.04)
_SPECT_STRESS: Final = TracerLevels(right_wall=0.40, blood=0.10, lungs=0.10, muscle=0.15, liver=0.70, bowel=0.35)
_SPECT_REST: Final = TracerLevels(right_wall=0.30, blood=0.10, lungs=0.09, muscle=0.13, liver=0.90, bowel=0.45)
_PET: Final = TracerLevels(right_wall=0.35, blood=0.09, lungs=0.11, muscle=0.12, liver=0.50, bowel=0.15)
_SPREADS: Final = (0.15, 0.20, 0.20, 0.15, 0.28, 0.50)
"""Standard deviations of the logarithms, in the order of the attributes."""


def draw_tracers(rng: np.random.Generator) -> PerfusionTracers:
    """Draw what a 99mTc agent at stress and rest, and 13N-ammonia at both, leave outside of the wall.

    Source:
        That both agents leave blood and lungs, and that the liver is brighter at rest, is general knowledge; the
        numbers are our choice.
    """
    of_patient = rng.normal(0, 1, 6)

    def drawn(middle: TracerLevels) -> TracerLevels:
        # A patient whose liver is bright at stress has a bright one at rest too.
        jitter = (0.8 * of_patient + 0.6 * rng.normal(0, 1, 6)).clip(-2.2, 2.2)
        factors = np.exp(np.array(_SPREADS) * jitter).tolist()
        right_wall, blood, lungs, muscle, liver, bowel = factors
        return TracerLevels(
            right_wall=middle.right_wall * right_wall,
            blood=middle.blood * blood,
            lungs=middle.lungs * lungs,
            muscle=middle.muscle * muscle,
            liver=middle.liver * liver,
            bowel=middle.bowel * bowel,
        )

    return PerfusionTracers(
        stress=drawn(_SPECT_STRESS),
        rest=drawn(_SPECT_REST),
        pet=drawn(_PET),
        pet_fwhm_mm=float(rng.uniform(*_PET_FWHM_MM)),
        pet_noise=float(rng.uniform(*_PET_NOISE)),
    )
