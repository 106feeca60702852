"""Synthetic DICOM studies whose truth is in the anatomy. Not patients, no clinical data."""

from phantoms.answers import answer_of_fact, true_answer, true_grade, true_regions
from phantoms.cohorts import Part, RadiographCohort, radiograph_cohort, write_cohort
from phantoms.radiograph import Given, RadiographPhantom, radiograph_phantom
from phantoms.sites import Site
from phantoms.truth import Box, ChestTruth, Grade, Projection, Sex

__all__ = [
    "Box",
    "ChestTruth",
    "Given",
    "Grade",
    "Part",
    "Projection",
    "RadiographCohort",
    "RadiographPhantom",
    "Sex",
    "Site",
    "answer_of_fact",
    "radiograph_cohort",
    "radiograph_phantom",
    "true_answer",
    "true_grade",
    "true_regions",
    "write_cohort",
]
