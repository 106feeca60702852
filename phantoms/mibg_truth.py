"""What is true of a phantom of cardiac 123I-MIBG: who is examined, why, and what each organ takes up and keeps."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from phantoms.pet_shapes import Mask
from phantoms.truth import Sex

NEARLY_NO_UPTAKE: Final = 1.35
"""Late concentration in the heart's wall over that in blood below which there is almost no uptake: our choice. It is
what makes the region of the heart hard to find."""


class SympatheticDisease(StrEnum):
    """Why the patient is examined; the source's patients, and people without either disease."""

    NONE = "no disease of the heart or its nerves"
    HEART_FAILURE = "chronic heart failure"
    LEWY_BODY = "Lewy-body disease"


@dataclass(frozen=True, kw_only=True)
class MibgUptake:
    """Concentrations at one time, corrected for decay, over injected activity per body weight: g/ml.

    Attributes:
        wall: Mean of the wall of the left ventricle.
        blood: Blood: great vessels, chambers of the heart.
        mediastinum: Soft tissue of the mediastinum.
        lungs: Lungs with their air.
        liver: Liver.
        spleen: Spleen.
        muscle: Muscle and other soft tissue.
    """

    wall: float
    blood: float
    mediastinum: float
    lungs: float
    liver: float
    spleen: float
    muscle: float


@dataclass(frozen=True, kw_only=True)
class MibgTruth:
    """The truth of one examination.

    The heart is the left ventricle with its cavity: our choice, for the region of the heart that a reader draws on
    planar or SPECT images holds both.

    Attributes:
        age_years: Age at the study, 40 to 90.
        sex: Patient's sex.
        weight_kg: Patient's weight.
        disease: Why the patient is examined.
        early: Uptake at the early acquisition.
        late: Uptake at the late one.
        wall_ml: Volume of the wall of the left ventricle.
        cavity_ml: Volume of its cavity.
    """

    age_years: int
    sex: Sex
    weight_kg: float
    disease: SympatheticDisease
    early: MibgUptake
    late: MibgUptake
    wall_ml: float
    cavity_ml: float

    def heart_uptake(self, uptake: MibgUptake) -> float:
        """Return the mean concentration of the heart, g/ml: what its mean counts are proportional to."""
        heart_ml = self.wall_ml + self.cavity_ml
        return (self.wall_ml * uptake.wall + self.cavity_ml * uptake.blood) / heart_ml

    def heart_to_mediastinum(self, uptake: MibgUptake) -> float:
        """Return the concentration of the heart over that of the mediastinum, unit 1: three-dimensional, not planar."""
        return self.heart_uptake(uptake) / uptake.mediastinum

    @property
    def washout_percent(self) -> float:
        """Loss of the heart's concentration from early to late beyond decay, %; below 0 where it grows."""
        early, late = self.heart_uptake(self.early), self.heart_uptake(self.late)
        return 100 * (early - late) / early

    @property
    def nearly_no_uptake(self) -> bool:
        """Whether the heart has almost no uptake: the case that the source calls hard."""
        return self.late.wall / self.late.blood < NEARLY_NO_UPTAKE


@dataclass(frozen=True, kw_only=True)
class OrganTruth:
    """Which voxels each organ fills by at least a half, axes (slice, row, column) of the volume in patient axes.

    Attributes:
        heart: Left ventricle with its cavity.
        wall: Wall of the left ventricle.
        right_lung: The patient's right lung.
        left_lung: The patient's left lung.
        liver: Liver.
        mediastinum: Soft tissue and vessels between the lungs, with the heart's other chambers.
        soft_tissue: All else of the body.
    """

    heart: Mask
    wall: Mask
    right_lung: Mask
    left_lung: Mask
    liver: Mask
    mediastinum: Mask
    soft_tissue: Mask

    @property
    def lungs(self) -> Mask:
        """Both lungs."""
        return self.right_lung | self.left_lung
