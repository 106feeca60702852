"""Synthetic DICOM studies whose truth is in the anatomy. Not patients, no clinical data."""

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
    "radiograph_cohort",
    "radiograph_phantom",
    "write_cohort",
]
