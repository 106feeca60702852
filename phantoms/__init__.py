"""Synthetic DICOM studies whose truth is in the anatomy, and synthetic patients. No clinical data."""

from phantoms.answers import ImageTruth, answer_of_fact, true_answer, true_grade, true_regions
from phantoms.cohorts import (
    DopamineCohort,
    ImageCohort,
    ImagePhantom,
    MibgCohort,
    Part,
    PatientCohort,
    PerfusionCohort,
    PetCohort,
    RadiographCohort,
    VolumeCohort,
    VolumePhantom,
    dopamine_cohort,
    image_cohort,
    mibg_cohort,
    patient_cohort,
    perfusion_cohort,
    pet_cohort,
    radiograph_cohort,
    volume_cohort,
    write_cohort,
    write_patients,
    write_phantom,
)
from phantoms.dopamine_scan import DopaminePhantom, dopamine_phantom
from phantoms.dopamine_truth import Condition, DopamineTruth, StriatumBinding
from phantoms.heart_failure import HeartFailureOutcome, HeartFailurePatient, heart_failure_patient
from phantoms.mibg import MibgPhantom, mibg_phantom
from phantoms.mibg_truth import MibgTruth, MibgUptake, OrganTruth, SympatheticDisease
from phantoms.myocardium import PerfusionPhantom, perfusion_phantom
from phantoms.myocardium_perfusion import defect_shares
from phantoms.myocardium_slices import PlacedVolume, true_short_axis
from phantoms.myocardium_truth import CoronaryArtery, MyocardialTruth, PerfusionDefect, PerfusionState, TrueVentricle
from phantoms.pet import PetPhantom, pet_phantom
from phantoms.pet_truth import GranulomaOrLymphoma, LesionSite, PetTruth
from phantoms.radiograph import Given, RadiographPhantom, radiograph_phantom
from phantoms.sites import Site
from phantoms.truth import Box, ChestTruth, Grade, Projection, Sex
from specs.mibg import MibgTime

__all__ = [
    "Box",
    "ChestTruth",
    "Condition",
    "CoronaryArtery",
    "DopamineCohort",
    "DopaminePhantom",
    "DopamineTruth",
    "Given",
    "Grade",
    "GranulomaOrLymphoma",
    "HeartFailureOutcome",
    "HeartFailurePatient",
    "ImageCohort",
    "ImagePhantom",
    "ImageTruth",
    "LesionSite",
    "MibgCohort",
    "MibgPhantom",
    "MibgTime",
    "MibgTruth",
    "MibgUptake",
    "MyocardialTruth",
    "OrganTruth",
    "Part",
    "PatientCohort",
    "PerfusionCohort",
    "PerfusionDefect",
    "PerfusionPhantom",
    "PerfusionState",
    "PetCohort",
    "PetPhantom",
    "PetTruth",
    "PlacedVolume",
    "Projection",
    "RadiographCohort",
    "RadiographPhantom",
    "Sex",
    "Site",
    "StriatumBinding",
    "SympatheticDisease",
    "TrueVentricle",
    "VolumeCohort",
    "VolumePhantom",
    "answer_of_fact",
    "defect_shares",
    "dopamine_cohort",
    "dopamine_phantom",
    "heart_failure_patient",
    "image_cohort",
    "mibg_cohort",
    "mibg_phantom",
    "patient_cohort",
    "perfusion_cohort",
    "perfusion_phantom",
    "pet_cohort",
    "pet_phantom",
    "radiograph_cohort",
    "radiograph_phantom",
    "true_answer",
    "true_grade",
    "true_regions",
    "true_short_axis",
    "volume_cohort",
    "write_cohort",
    "write_patients",
    "write_phantom",
]
