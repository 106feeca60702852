"""Synthetic DICOM studies whose truth is in the anatomy, and synthetic patients. No clinical data."""

from phantoms.answers import answer_of_fact, true_answer, true_grade, true_regions
from phantoms.cohorts import (
    Part,
    PatientCohort,
    RadiographCohort,
    patient_cohort,
    radiograph_cohort,
    write_cohort,
    write_patients,
)
from phantoms.heart_failure import HeartFailureOutcome, HeartFailurePatient, heart_failure_patient
from phantoms.radiograph import Given, RadiographPhantom, radiograph_phantom
from phantoms.sites import Site
from phantoms.truth import Box, ChestTruth, Grade, Projection, Sex

__all__ = [
    "Box",
    "ChestTruth",
    "Given",
    "Grade",
    "HeartFailureOutcome",
    "HeartFailurePatient",
    "Part",
    "PatientCohort",
    "Projection",
    "RadiographCohort",
    "RadiographPhantom",
    "Sex",
    "Site",
    "answer_of_fact",
    "heart_failure_patient",
    "patient_cohort",
    "radiograph_cohort",
    "radiograph_phantom",
    "true_answer",
    "true_grade",
    "true_regions",
    "write_cohort",
    "write_patients",
]
