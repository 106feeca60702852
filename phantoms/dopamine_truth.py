"""What is true of a phantom of dopamine transporters: who is examined, why, and how much each nucleus binds."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from phantoms.truth import Sex

LOW_UPTAKE_BINDING: Final = 4.5
"""Binding ratio of both striata together below which uptake is called low: our choice, at any age. The source's
readers said high or low without a number; 4.5 is where its comparator calls a specific binding ratio abnormal."""
ASYMMETRY_PERCENT: Final = 15.0
"""Difference of the striata, of their mean, above which they are called asymmetric: our choice."""
DOT_RATIO: Final = 0.70
"""Putamen over caudate, of the side where it is lower, below which the shape is called a dot: our choice."""


class Condition(StrEnum):
    """Why the patient is examined."""

    PARKINSON = "Parkinson's disease"
    ATYPICAL = "atypical parkinsonian syndrome"
    LEWY_BODY = "dementia with Lewy bodies"
    TREMOR = "essential tremor"
    ALZHEIMER = "Alzheimer's disease"
    VASCULAR = "vascular parkinsonism"
    HYDROCEPHALUS = "normal-pressure hydrocephalus"

    @property
    def diseased(self) -> bool:
        """Whether it is of the source's positive class: PS, PD or DLB."""
        return self in (Condition.PARKINSON, Condition.ATYPICAL, Condition.LEWY_BODY)


@dataclass(frozen=True, kw_only=True)
class StriatumBinding:
    """Specific over nonspecific concentration in one striatum, unit 1, 0 and up.

    Attributes:
        caudate: Of the caudate nucleus.
        putamen_anterior: Of the putamen at its anterior end.
        putamen_posterior: Of the putamen at its posterior end; in between it changes evenly.
        caudate_ml: Volume of the caudate nucleus.
        putamen_ml: Volume of the putamen.
    """

    caudate: float
    putamen_anterior: float
    putamen_posterior: float
    caudate_ml: float
    putamen_ml: float

    @property
    def putamen(self) -> float:
        """Of the putamen as a whole, which is as thick before its middle as behind it."""
        return (self.putamen_anterior + self.putamen_posterior) / 2

    @property
    def bound_ml(self) -> float:
        """Binding ratio times volume: of the nonspecific concentration, how many mL are bound here."""
        return self.caudate * self.caudate_ml + self.putamen * self.putamen_ml

    @property
    def striatum(self) -> float:
        """Of both nuclei together."""
        return self.bound_ml / (self.caudate_ml + self.putamen_ml)

    @property
    def putamen_to_caudate(self) -> float:
        """Putamen over caudate."""
        return self.putamen / self.caudate


@dataclass(frozen=True, kw_only=True)
class DopamineTruth:
    """The truth of one examination.

    Attributes:
        age_years: Age at the study, 40 to 90.
        sex: Patient's sex.
        condition: Why the patient is examined.
        left: The patient's left striatum.
        right: The patient's right striatum.
    """

    age_years: int
    sex: Sex
    condition: Condition
    left: StriatumBinding
    right: StriatumBinding

    @property
    def diseased(self) -> bool:
        """Whether the patient has PS, PD or DLB: what the source's models are asked."""
        return self.condition.diseased

    @property
    def striatum(self) -> float:
        """Mean binding ratio of both striata."""
        return (self.left.striatum + self.right.striatum) / 2

    @property
    def signed_asymmetry_percent(self) -> float:
        """Right less left over their mean; above 0 where the right striatum binds more."""
        return 100 * (self.right.striatum - self.left.striatum) / self.striatum

    @property
    def low_uptake(self) -> bool:
        """F1 of the source."""
        return self.striatum < LOW_UPTAKE_BINDING

    @property
    def asymmetric(self) -> bool:
        """F2 of the source."""
        return abs(self.signed_asymmetry_percent) > ASYMMETRY_PERCENT

    @property
    def dot_shaped(self) -> bool:
        """F3 of the source: a dot (caudate only) and no comma (caudate and putamen)."""
        return min(self.left.putamen_to_caudate, self.right.putamen_to_caudate) < DOT_RATIO

    @property
    def numbers(self) -> dict[str, float]:
        """Disease and features, 1 where present, and every quantity, by its name."""
        return {
            "diseased": float(self.diseased),
            "low_uptake": float(self.low_uptake),
            "asymmetric": float(self.asymmetric),
            "dot_shaped": float(self.dot_shaped),
            "age_years": float(self.age_years),
            "striatum": self.striatum,
            "signed_asymmetry_percent": self.signed_asymmetry_percent,
        }
