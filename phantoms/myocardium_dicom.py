"""The DICOM data sets of a phantom of myocardial perfusion: NM slices, or projections, at stress and at rest."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.tag import Tag
from pydicom.uid import UID, generate_uid

from phantoms.myocardium_projections import START_DEG, STEP_DEG, VIEWS, ViewPlaces
from phantoms.myocardium_sites import PerfusionTiming
from phantoms.myocardium_truth import PerfusionState
from phantoms.nuclear_dicom import (
    DESCRIPTION,
    SlicePlaces,
    StoredCounts,
    add_energy_window,
    add_patient_orientation,
    add_pixels,
    add_slices,
    coded,
    nuclear_image,
)
from phantoms.truth import Sex

_FIRST_DAY: Final = datetime(2020, 1, 1)
_DRUG_START_S: Final = 180.0
"""Adenosine is infused for six minutes, the tracer is injected in the middle of them (guideline of ASNC, Henzlova MJ et
al., J Nucl Cardiol 2016;23:606-639)."""
_FRAME_MS: Final = 20_000
"""How long a projection takes: our choice."""
_VIEW_VECTORS: Final = (Tag(0x0054, 0x0010), Tag(0x0054, 0x0020), Tag(0x0054, 0x0050), Tag(0x0054, 0x0090))


@dataclass(frozen=True, kw_only=True)
class PerfusionIdentity:
    """Whose examination it is.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        age_years: Age at the study.
        sex: Patient's sex.
        height_m: Patient's height.
        weight_kg: Patient's weight.
        manufacturer_model: Manufacturer's Model Name (0008,1090).
        collimator: Collimator/Grid Name (0018,1180).
        variant: What distinguishes this examination from others of the same person.
    """

    seed: int
    index: int
    age_years: int
    sex: Sex
    height_m: float
    weight_kg: float
    manufacturer_model: str
    collimator: str
    variant: str

    def uid(self, level: str) -> UID:
        """Return the UID of the study, or of a series, instance or frame of reference: always the same."""
        sources = ["tricorder phantom perfusion", str(self.seed), str(self.index), self.variant, level]
        return generate_uid(entropy_srcs=sources)


@dataclass(frozen=True, kw_only=True)
class PerfusionAcquisition:
    """One image of the study.

    Attributes:
        state: Stress or rest.
        raw: Whether it holds projections, not slices.
        timing: When it was injected and imaged.
        study_start_s: First injection of the study, from midnight before the first day.
    """

    state: PerfusionState
    raw: bool
    timing: PerfusionTiming
    study_start_s: float

    @property
    def name(self) -> str:
        """Which of the study's images, for its UIDs and its series description."""
        return f"{self.state} {'projections' if self.raw else 'SPECT'}"

    @property
    def number(self) -> int:
        """Series Number (0020,0011)."""
        return 1 + list(PerfusionState).index(self.state) + len(PerfusionState) * self.raw


def build_slices(
    stored: StoredCounts, places: SlicePlaces, *, identity: PerfusionIdentity, acquisition: PerfusionAcquisition
) -> FileDataset:
    """Build the data set of one reconstructed volume.

    Args:
        stored: Counts in the order of the file, axes (frame, row, column).
        places: Where they lie.
        identity: Patient.
        acquisition: Which image, when.

    Source:
        DICOM PS3.3 A.5 (NM Image IOD), C.8.4.
    """
    ds = _image(identity, acquisition)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    add_slices(ds, stored, places)
    add_pixels(ds, stored)
    return ds


def build_projections(
    stored: StoredCounts, views: ViewPlaces, *, identity: PerfusionIdentity, acquisition: PerfusionAcquisition
) -> FileDataset:
    """Build the data set of raw projections.

    Args:
        stored: Counts, axes (view, row, column), rows head to feet, columns as seen from outside of the patient.
        views: From where they were taken.
        identity: Patient.
        acquisition: Which image, when.

    Source:
        As `build_slices`; angles and orientation PS3.3 C.8.4.11, C.8.4.12.
    """
    ds = _image(identity, acquisition)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]
    angle = math.radians(START_DEG)
    (detector,) = ds.DetectorInformationSequence
    detector.FocalDistance, detector.StartAngle = 0, START_DEG
    detector.ImageOrientationPatient = [round(part, 7) for part in (-math.cos(angle), math.sin(angle), 0, 0, 0, -1.0)]
    detector.ImagePositionPatient = [0.0, 0.0, round(views.highest_mm, 4)]
    ds.PixelSpacing = [views.pixel_mm, views.pixel_mm]
    ds.NumberOfFrames = len(stored)
    ds.FrameIncrementPointer = list(_VIEW_VECTORS)
    ds.EnergyWindowVector = ds.DetectorVector = ds.RotationVector = [1] * len(stored)
    ds.AngularViewVector = list(range(1, len(stored) + 1))
    add_pixels(ds, stored)
    return ds


def _image(identity: PerfusionIdentity, acquisition: PerfusionAcquisition) -> FileDataset:
    ds = nuclear_image(identity.uid(f"instance {acquisition.name}"))
    _add_patient_and_study(ds, identity, _at(acquisition.study_start_s))
    _add_series(ds, identity, acquisition)
    _add_tracer(ds, acquisition)
    ds.CorrectedImage = ["UNIF", "NRGY"]
    detector = Dataset()
    detector.CollimatorType, detector.CollimatorGridName = "PARA", identity.collimator
    ds.DetectorInformationSequence = Sequence([detector])
    ds.NumberOfDetectors = 1
    _add_rotation(ds)
    return ds


def _at(seconds: float) -> datetime:
    return _FIRST_DAY + timedelta(seconds=seconds)


def _add_patient_and_study(ds: Dataset, identity: PerfusionIdentity, start: datetime) -> None:
    ds.PatientName = f"PHANTOM^{identity.index:04d}"
    ds.PatientID = f"PHANTOM-MPI-{identity.seed}-{identity.index:04d}"
    ds.PatientBirthDate = ""
    ds.PatientSex = identity.sex.value
    ds.PatientAge = f"{identity.age_years:03d}Y"
    ds.PatientSize, ds.PatientWeight = identity.height_m, identity.weight_kg
    ds.StudyInstanceUID = identity.uid("study")
    ds.StudyDate, ds.StudyTime = start.strftime("%Y%m%d"), start.strftime("%H%M%S")
    ds.ReferringPhysicianName = ds.AccessionNumber = ""
    ds.StudyID = f"{identity.index:04d}"
    ds.StudyDescription = "Myocardial perfusion"


def _add_series(ds: Dataset, identity: PerfusionIdentity, acquisition: PerfusionAcquisition) -> None:
    ds.SeriesInstanceUID = identity.uid(f"series {acquisition.name}")
    # The patient gets up between the states: neither is in the coordinates of the other.
    ds.FrameOfReferenceUID = identity.uid(f"frame of reference {acquisition.state}")
    ds.PositionReferenceIndicator = ""
    ds.SeriesNumber, ds.InstanceNumber = acquisition.number, 1
    ds.SeriesDescription = f"{acquisition.name}. {DESCRIPTION}"
    ds.BodyPartExamined = "HEART"
    ds.ManufacturerModelName = identity.manufacturer_model
    start = _at(acquisition.timing.image_s)
    ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = start.strftime("%Y%m%d")
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = start.strftime("%H%M%S")
    ds.AnatomicRegionSequence = coded(codes.SCT.Heart)


def _add_tracer(ds: Dataset, acquisition: PerfusionAcquisition) -> None:
    """Add tracer and drug (PS3.3 C.8.4.10); the day of the injection is that of the acquisition."""
    timing, tracer = acquisition.timing, Dataset()
    tracer.RadionuclideCodeSequence = coded(codes.cid18._99mTechnetium)
    tracer.Radiopharmaceutical = "Tetrofosmin Tc-99m"
    tracer.RadiopharmaceuticalCodeSequence = coded(codes.SCT.TechnetiumTc99mTetrofosmin)
    tracer.RadiopharmaceuticalStartTime = _at(timing.injection_s).strftime("%H%M%S")
    tracer.RadionuclideTotalDose = timing.dose_mbq
    ds.RadiopharmaceuticalInformationSequence = Sequence([tracer])
    if acquisition.state is PerfusionState.STRESS:
        drug = Dataset()
        drug.InterventionDrugName = "Adenosine"
        drug.InterventionDrugCodeSequence = coded(codes.SCT.Adenosine)
        drug.InterventionDrugStartTime = _at(timing.injection_s - _DRUG_START_S).strftime("%H%M%S")
        drug.InterventionDrugStopTime = _at(timing.injection_s + _DRUG_START_S).strftime("%H%M%S")
        ds.InterventionDrugInformationSequence = Sequence([drug])
    add_energy_window(ds, name="Tc-99m", lower_kev=126.5, upper_kev=154.6)
    add_patient_orientation(ds)


def _add_rotation(ds: Dataset) -> None:
    """Say how the projections were acquired: half a turn, from 45 degrees right anterior oblique (PS3.3 C.8.4.12)."""
    rotation = Dataset()
    rotation.StartAngle, rotation.AngularStep, rotation.RotationDirection = START_DEG, STEP_DEG, "CW"
    rotation.ScanArc, rotation.RadialPosition = STEP_DEG * VIEWS, None
    rotation.ActualFrameDuration, rotation.NumberOfFramesInRotation = _FRAME_MS, VIEWS
    ds.RotationInformationSequence = Sequence([rotation])
    ds.NumberOfRotations = 1
