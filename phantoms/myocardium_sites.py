"""Where myocardial perfusion is imaged: two institutions, and in which order each one takes stress and rest.

Neither people nor diseases differ between the sites, only the cameras, doses and times, and what is written of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from phantoms.myocardium_truth import PerfusionState
from phantoms.sites import Range, Site


class PerfusionProtocol(StrEnum):
    """Which state is first, and whether both are on one day: then the second dose is about three times the first."""

    STRESS_FIRST = "one day, stress first"
    REST_FIRST = "one day, rest first"
    TWO_DAYS = "two days, stress first"


@dataclass(frozen=True, kw_only=True)
class PerfusionHabits:
    """How one institution images; probabilities, and ranges of uniform distributions.

    Attributes:
        manufacturer_model: Manufacturer's Model Name (0008,1090).
        collimator: Collimator/Grid Name (0018,1180).
        protocols: Share of each protocol.
        matrix: Rows and columns of a slice.
        slices: Number of slices.
        spacing_mm: Side of a voxel.
        fwhm_mm: Resolution of the reconstructed volume; at most 14.
        scatter: Share of the activity that lies in the halo.
        counts: Counts of a voxel of 1 ml of healthy wall after 740 MBq, without attenuation.
        head_first_slice: Share whose slices are stacked from the head down, with a negative spacing between slices.
        seen_from_above: Share whose rows run from the patient's left to the right.
    """

    manufacturer_model: str
    collimator: str
    protocols: Mapping[PerfusionProtocol, float]
    matrix: int
    slices: int
    spacing_mm: float
    fwhm_mm: Range
    scatter: Range
    counts: Range
    head_first_slice: float
    seen_from_above: float


PERFUSION_HABITS: Final[Mapping[Site, PerfusionHabits]] = MappingProxyType(
    {
        Site.A: PerfusionHabits(
            manufacturer_model="SPECT phantom",
            collimator="LEHR",
            protocols=MappingProxyType({PerfusionProtocol.STRESS_FIRST: 0.7, PerfusionProtocol.TWO_DAYS: 0.3}),
            matrix=64,
            slices=38,
            spacing_mm=6.4,
            fwhm_mm=(10.0, 12.5),
            scatter=(0.04, 0.12),
            counts=(700.0, 1100.0),
            head_first_slice=0.3,
            seen_from_above=0.0,
        ),
        Site.B: PerfusionHabits(
            manufacturer_model="SPECT phantom, other maker",
            collimator="LEGP",
            protocols=MappingProxyType({PerfusionProtocol.REST_FIRST: 0.8, PerfusionProtocol.TWO_DAYS: 0.2}),
            matrix=64,
            slices=36,
            spacing_mm=6.8,
            fwhm_mm=(12.0, 14.0),
            scatter=(0.10, 0.20),
            counts=(450.0, 750.0),
            head_first_slice=0.7,
            seen_from_above=0.3,
        ),
    }
)
"""Matrix and voxels as of the real cardiac camera of the sample data (64 x 64, 6.8 mm); the rest is our choice, in the
range of clinical cameras."""

_FULL_MBQ: Final[Range] = (700.0, 780.0)
_LOW_PART: Final = 1 / 3
"""Of the second dose on the same day: usual for 99mTc agents, 296 to 444 and 888 to 1332 MBq of the guideline of ASNC
(Henzlova MJ et al., J Nucl Cardiol 2016;23:606-639), less here for lighter people: our choice."""
_FIRST_INJECTION_S: Final[Range] = (8.5 * 3600, 10 * 3600)
_TO_SECOND_S: Final[Range] = (3 * 3600, 4 * 3600)
_TO_IMAGE_S: Final[Mapping[PerfusionState, Range]] = MappingProxyType(
    {PerfusionState.STRESS: (40 * 60, 60 * 60), PerfusionState.REST: (50 * 60, 75 * 60)}
)
_DAY_S: Final = 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class PerfusionTiming:
    """When one state is injected and imaged.

    Attributes:
        injection_s: From midnight before the first day.
        image_s: The same, when the acquisition starts.
        dose_mbq: Injected activity.
    """

    injection_s: float
    image_s: float
    dose_mbq: float


@dataclass(frozen=True, kw_only=True)
class PerfusionTechnique:
    """How one patient is imaged; quantities as in `PerfusionHabits`."""

    protocol: PerfusionProtocol
    stress: PerfusionTiming
    rest: PerfusionTiming
    fwhm_mm: float
    scatter: float
    counts: float
    head_first_slice: bool
    seen_from_above: bool

    def timing(self, state: PerfusionState) -> PerfusionTiming:
        """Return when a state is injected and imaged."""
        return self.stress if state is PerfusionState.STRESS else self.rest


def draw_technique(rng: np.random.Generator, habits: PerfusionHabits) -> PerfusionTechnique:
    """Draw how a patient is imaged; it does not depend on the patient."""
    order, view = rng.random(2)
    protocol = list(habits.protocols)[int(rng.choice(len(habits.protocols), p=list(habits.protocols.values())))]
    stress, rest = _draw_timings(rng, protocol)
    return PerfusionTechnique(
        protocol=protocol,
        stress=stress,
        rest=rest,
        fwhm_mm=float(rng.uniform(*habits.fwhm_mm)),
        scatter=float(rng.uniform(*habits.scatter)),
        counts=float(rng.uniform(*habits.counts)),
        head_first_slice=bool(order < habits.head_first_slice),
        seen_from_above=bool(view < habits.seen_from_above),
    )


def _draw_timings(rng: np.random.Generator, protocol: PerfusionProtocol) -> tuple[PerfusionTiming, PerfusionTiming]:
    """Draw when stress and rest are injected and imaged, at whole minutes."""
    full = float(rng.uniform(*_FULL_MBQ))
    first_s, apart_s = float(rng.uniform(*_FIRST_INJECTION_S)), float(rng.uniform(*_TO_SECOND_S))
    one_day = protocol is not PerfusionProtocol.TWO_DAYS
    second_s = first_s + (apart_s if one_day else _DAY_S)
    doses = (_LOW_PART * full if one_day else full, full)
    states = list(PerfusionState)[:: -1 if protocol is PerfusionProtocol.REST_FIRST else 1]
    timings = {}
    for state, injection_s, dose_mbq in zip(states, (first_s, second_s), doses, strict=True):
        image_s = injection_s + float(rng.uniform(*_TO_IMAGE_S[state]))
        timings[state] = PerfusionTiming(
            injection_s=60.0 * round(injection_s / 60), image_s=60.0 * round(image_s / 60), dose_mbq=round(dose_mbq, 1)
        )
    return timings[PerfusionState.STRESS], timings[PerfusionState.REST]
