"""What is true of a phantom: the grades, the measurements, the regions that a model is asked to find."""

from dataclasses import dataclass
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
        age_years: Age at the study, 18 to 95.
        sex: Patient's sex.
        projection: PA, or AP with a magnified heart.
        cardiothoracic_ratio: Heart width over inner thoracic width as projected, about 0.3 to 0.75.
        left_atrium_width_mm: Transverse width of the left atrium in the patient, not magnified.
        appendage_bulge_mm: Convexity of the left atrial appendage on the left heart border; concave below 0.
        carina_angle_deg: Angle between the main bronchi.
        upper_zone_ratio: Caliber of upper-zone vessels over that of lower-zone vessels.
        heart: Region of the whole heart.
        left_atrium: Region of the left atrium with its appendage.
    """

    mitral_regurgitation: Grade
    age_years: int
    sex: Sex
    projection: Projection
    cardiothoracic_ratio: float
    left_atrium_width_mm: float
    appendage_bulge_mm: float
    carina_angle_deg: float
    upper_zone_ratio: float
    heart: Box
    left_atrium: Box
