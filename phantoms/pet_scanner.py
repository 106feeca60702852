"""Where PET scans are made: scanner, protocol and header habits of two institutions, and one patient's examination."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np

from phantoms.pet_body import ScannedPerson
from phantoms.sites import Range, Site

HALF_LIFE_S: Final = 6586.2
"""Half-life of fluorine-18 as scanners write it; as in the public headers of reference section 4."""


class DecayCorrection(StrEnum):
    """Decay Correction (0054,1102): the moment that the pixel values stand for."""

    START = "START"
    ADMINISTRATION = "ADMIN"


@dataclass(frozen=True, kw_only=True)
class PetHabits:
    """How one institution scans and stores.

    Attributes:
        manufacturer_model: Manufacturer's Model Name (0008,1090).
        matrix: Rows and columns.
        pixel_mm: Side of a pixel.
        slice_mm: Distance of slices.
        resolution_mm: Full width at half maximum of the image of a point.
        noise: Standard deviation of a voxel with uptake 1 g/ml, before resolution smooths it, g/ml.
        uptake_min: Minutes from injection to scan.
        dose_mbq_per_kg: Injected activity.
        calibration: Mean and spread (logarithmic) of the scanner's factor on true activity.
        arms_up: How often the arms lie beside the head.
        bed_slices: Slices of one bed position.
        bed_s: Duration of one bed position.
        decay_correction: What pixel values stand for.
        head_first: Whether the first slice of the series is the highest.
        signed_pixels: Whether Pixel Representation is 1.
    """

    manufacturer_model: str
    matrix: int
    pixel_mm: float
    slice_mm: float
    resolution_mm: Range
    noise: Range
    uptake_min: Range
    dose_mbq_per_kg: Range
    calibration: tuple[float, float]
    arms_up: float
    bed_slices: int
    bed_s: float
    decay_correction: DecayCorrection
    head_first: bool
    signed_pixels: bool


PET_HABITS: Final[Mapping[Site, PetHabits]] = MappingProxyType(
    {
        Site.A: PetHabits(
            manufacturer_model="PET phantom",
            matrix=168,
            pixel_mm=4.07283,
            slice_mm=5.0,
            resolution_mm=(5.5, 7.5),
            noise=(0.5, 1.0),
            uptake_min=(55.0, 75.0),
            dose_mbq_per_kg=(3.2, 4.2),
            calibration=(1.0, 0.04),
            arms_up=0.8,
            bed_slices=33,
            bed_s=150.0,
            decay_correction=DecayCorrection.START,
            head_first=True,
            signed_pixels=False,
        ),
        Site.B: PetHabits(
            manufacturer_model="PET phantom, other maker",
            matrix=128,
            pixel_mm=5.46875,
            slice_mm=3.27,
            resolution_mm=(7.0, 9.0),
            noise=(1.0, 1.8),
            uptake_min=(70.0, 110.0),
            dose_mbq_per_kg=(2.6, 5.0),
            calibration=(1.06, 0.06),
            arms_up=0.35,
            bed_slices=47,
            bed_s=180.0,
            decay_correction=DecayCorrection.ADMINISTRATION,
            head_first=False,
            signed_pixels=True,
        ),
    }
)
"""Matrices, pixels, slices and beds like those of common scanners of two makers; everything else is our choice."""


@dataclass(frozen=True, kw_only=True)
class Examination:
    """One scan of one person, with what its header says of it.

    Attributes:
        dose_bq: Radionuclide Total Dose (0018,1074), what was measured into the syringe.
        injected_s: Time of injection, seconds since midnight.
        uptake_s: From injection to the start of the scan.
        calibration: What the scanner shows over what there is.
        resolution_mm: Full width at half maximum.
        noise: Standard deviation of a voxel with uptake 1 g/ml, before resolution smooths it, g/ml.
        top_mm: Position of the highest slice over the carina.
        bottom_mm: About the position of the lowest slice.
        center_mm: Where the middle of the matrix lies (back, left) from the midline of the body.
        table_mm: Position of the carina over the origin of the scanner's coordinates.
    """

    dose_bq: int
    injected_s: int
    uptake_s: int
    calibration: float
    resolution_mm: float
    noise: float
    top_mm: float
    bottom_mm: float
    center_mm: tuple[float, float]
    table_mm: float


def draw_examination(rng: np.random.Generator, *, person: ScannedPerson, habits: PetHabits) -> Examination:
    """Draw how a person is scanned; nothing of it depends on the disease.

    Source:
        Our choice throughout.
    """
    length = person.length_scale
    mean, spread = habits.calibration
    dose_mbq = person.weight_kg * float(rng.uniform(*habits.dose_mbq_per_kg))
    return Examination(
        dose_bq=round(dose_mbq * 10) * 100_000,
        injected_s=int(rng.integers(9 * 3600, 15 * 3600)),
        uptake_s=round(60 * float(rng.uniform(*habits.uptake_min))),
        calibration=mean * float(np.exp(rng.normal(0, spread))),
        resolution_mm=float(rng.uniform(*habits.resolution_mm)),
        noise=float(rng.uniform(*habits.noise)),
        top_mm=415 * length + float(rng.uniform(-5, 25)),
        bottom_mm=float(rng.uniform(-690, -600)) * length,
        center_mm=(float(rng.normal(0, 8)), float(rng.normal(0, 8))),
        table_mm=round(float(rng.uniform(-400, 400)), 1),
    )
