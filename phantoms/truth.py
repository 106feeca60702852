"""What is true of a phantom: the grades, the measurements, the regions that a model is asked to find."""

from dataclasses import dataclass, fields
from enum import IntEnum, StrEnum


class Grade(IntEnum):
    """Severity of a valve disease as an echocardiography report grades it."""

    NONE = 0
    MILD = 1
    MODERATE = 2
    SEVERE = 3

    @property
    def positive(self) -> bool:
        """Whether a screening label calls it diseased: mild or worse.

        Source:
            Our choice; reference 1b derives from the published figures that the label includes mild.
        """
        return self >= Grade.MILD


class Sex(StrEnum):
    """Patient's Sex (0010,0040)."""

    FEMALE = "F"
    MALE = "M"


class Projection(StrEnum):
    """View Position (0018,5101) of a frontal chest radiograph."""

    POSTERO_ANTERIOR = "PA"
    ANTERO_POSTERIOR = "AP"


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle in fractions of the image: 0 is the upper or left edge, 1 the lower or right one."""

    top: float
    left: float
    bottom: float
    right: float

    def __post_init__(self) -> None:
        if not (0 <= self.top < self.bottom <= 1 and 0 <= self.left < self.right <= 1):
            raise ValueError("A box needs 0 <= top < bottom <= 1 and 0 <= left < right <= 1.")


@dataclass(frozen=True, kw_only=True)
class ChestTruth:
    """The truth of one radiograph, measured on the shapes that were drawn.

    Attributes:
        mitral_regurgitation: Grade of mitral regurgitation.
        aortic_stenosis: Grade of aortic stenosis.
        ejection_fraction_percent: Ejection fraction of the left ventricle, 15 to 75 %.
        age_years: Age at the study, 20 to 90.
        sex: Patient's sex.
        projection: PA, or AP with a magnified heart.
        cardiothoracic_ratio: Heart width over inner thoracic width as projected, about 0.3 to 0.75.
        left_atrium_width_mm: Transverse width of the left atrium in the patient, not magnified.
        appendage_bulge_mm: Convexity of the left atrial appendage on the left heart border; concave below 0.
        carina_angle_deg: Angle between the main bronchi.
        upper_zone_ratio: Caliber of upper-zone vessels over that of lower-zone vessels, 0.35 to 1.7.
        ascending_aorta_mm: Diameter of the ascending aorta.
        valve_calcification: Calcium in the aortic valve, 0 to about 1.5; 1 for a valve full of it.
        apex_rounding_mm: Convexity of the left ventricle's border beyond a pointed apex; below 0 more pointed.
        left_ventricle_scale: Size of the left ventricle against the rest of the heart, about 0.85 to 1.4.
        lung_texture: Strength of the fine pattern of the lung, 1 on average in health.
        effusion_mm: Height of the right pleural fluid above the costophrenic angle, 0 to 80; 0 for none.
        aortic_knob_mm: Radius of the aortic knob.
        aortic_unfolding_mm: How far the aorta bulges outward.
        knob_calcification: Calcium in the wall of the aortic knob, 0 to 1.
        rib_slope: Fall of a posterior rib per unit of its way outward, 0.05 to 0.55.
        bone_density: Attenuation of bone against the average adult's, 0.5 to 1.6.
        bone_texture: Strength of the trabecular pattern, 0 to 1.
        heart: Region of the whole heart.
        left_atrium: Region of the left atrium with its appendage: regurgitation.
        left_ventricle: Region of the left ventricle: stenosis and ejection fraction.
        aortic_root: Region of aortic valve and ascending aorta: stenosis.
        aortic_knob: Region of the aortic knob: age.
        upper_zones: Regions of the right and left lung above the hilum: ejection fraction.
        costophrenic_angles: Regions of the lower lateral right and left lung: ejection fraction.
    """

    mitral_regurgitation: Grade
    aortic_stenosis: Grade
    ejection_fraction_percent: float
    age_years: int
    sex: Sex
    projection: Projection
    cardiothoracic_ratio: float
    left_atrium_width_mm: float
    appendage_bulge_mm: float
    carina_angle_deg: float
    upper_zone_ratio: float
    ascending_aorta_mm: float
    valve_calcification: float
    apex_rounding_mm: float
    left_ventricle_scale: float
    lung_texture: float
    effusion_mm: float
    aortic_knob_mm: float
    aortic_unfolding_mm: float
    knob_calcification: float
    rib_slope: float
    bone_density: float
    bone_texture: float
    heart: Box
    left_atrium: Box
    left_ventricle: Box
    aortic_root: Box
    aortic_knob: Box
    upper_zones: tuple[Box, Box]
    costophrenic_angles: tuple[Box, Box]

    @property
    def numbers(self) -> dict[str, float]:
        """Every grade and every quantity by its name."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: float(value) for name, value in values if isinstance(value, (int, float))}
