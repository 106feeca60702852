"""Classifiers fitted once for all tests, on the cohort of the source's size and on a tenfold one."""

from functools import cache

from phantoms import Part
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME
from training.outcome_classifiers import OutcomeClassifiers, fit_classifiers
from training.patient_data import PatientPart, synthetic_part


@cache
def patients(part: Part, count: int = 526) -> PatientPart:
    """Draw patients of a part."""
    return synthetic_part(HEART_FAILURE_OUTCOME, part, count=count)


@cache
def fitted(count: int = 526) -> OutcomeClassifiers:
    """Fit on the training part."""
    return fit_classifiers(HEART_FAILURE_OUTCOME, patients(Part.TRAINING, count), seed=0)
