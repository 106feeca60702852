"""What is true of a whole-body FDG PET phantom: the disease, the sites it is seen at, and how much of it there is."""

from dataclasses import dataclass, fields
from enum import StrEnum

from phantoms.truth import Sex


class GranulomaOrLymphoma(StrEnum):
    """The two diseases that the scan is to tell apart."""

    SARCOIDOSIS = "sarcoidosis"
    LYMPHOMA = "lymphoma"


class LesionSite(StrEnum):
    """Where abnormal uptake is read, in the words of the source's table 1."""

    SALIVARY_GLAND = "salivary gland"
    CERVICAL_NODES = "cervical lymph nodes"
    AXILLARY_NODES = "axillary lymph nodes"
    LUNG = "lung"
    MEDIASTINAL_NODES = "mediastinal lymph nodes"
    ABDOMINAL_NODES = "abdominal lymph nodes"
    INGUINAL_NODES = "inguinal lymph nodes"
    LIVER = "liver"
    SPLEEN = "spleen"
    ADRENAL = "adrenal gland"
    SKIN = "skin"


@dataclass(frozen=True, kw_only=True)
class PetTruth:
    """The truth of one whole-body scan, taken from the lesions that are drawn.

    Attributes:
        disease: What the patient has.
        positive_sites: Where lesions are; at least one.
        age_years: Age at the study, 20 to 85.
        sex: Patient's sex.
        weight_kg: Body weight.
        height_m: Body height.
        lesion_count: Number of lesions, each node of a conglomerate counted.
        lesion_volume_ml: Sum of the lesions' volumes; where lesions overlap, the overlap counts for each.
        suv_max: Highest uptake of a lesion before resolution, noise and calibration, g/ml.
        left_right_balance: Volume of the paired nodes on the side that has less over that on the other, 0 to 1;
            1 where there are none.
        largest_lesion_ml: Volume of the largest lesion.
    """

    disease: GranulomaOrLymphoma
    positive_sites: frozenset[LesionSite]
    age_years: int
    sex: Sex
    weight_kg: float
    height_m: float
    lesion_count: int
    lesion_volume_ml: float
    suv_max: float
    left_right_balance: float
    largest_lesion_ml: float

    @property
    def numbers(self) -> dict[str, float]:
        """The disease, every quantity and every site, 1 where it is positive, by its name."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        quantities = {name: float(value) for name, value in values if isinstance(value, (int, float))}
        sites = {site.name.lower(): float(site in self.positive_sites) for site in LesionSite}
        return {"sarcoidosis": float(self.sarcoidosis), **quantities, **sites}

    @property
    def sarcoidosis(self) -> bool:
        """Whether it is sarcoidosis, the positive class; our choice, for the source does not say which is."""
        return self.disease is GranulomaOrLymphoma.SARCOIDOSIS
