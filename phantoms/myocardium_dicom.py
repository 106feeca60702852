"""The DICOM data sets of a phantom of myocardial perfusion: transaxial NM slices at stress and at rest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.uid import UID, generate_uid

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
_VIEWS: Final = 60
"""Projections over half a turn, and how long each one takes: our choice."""
_STEP_DEG: Final = 3.0


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


def build_perfusion(
    stored: StoredCounts,
    places: SlicePlaces,
    *,
    identity: PerfusionIdentity,
    state: PerfusionState,
    timing: PerfusionTiming,
    study_start_s: float,
) -> FileDataset:
    """Build the data set of one reconstructed volume.

    Args:
        stored: Counts in the order of the file, axes (frame, row, column).
        places: Where they lie.
        identity: Patient.
        state: Stress or rest.
        timing: When it was injected and imaged.
        study_start_s: First injection of the study, from midnight before the first day.

    Source:
        DICOM PS3.3 A.5 (NM Image IOD), C.8.4.
    """
    ds = nuclear_image(identity.uid(f"instance {state}"))
    _add_patient_and_study(ds, identity, _at(study_start_s))
    _add_series(ds, identity, state, _at(timing.image_s))
    _add_tracer(ds, state, timing)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    ds.CorrectedImage = ["UNIF", "NRGY"]
    detector = Dataset()
    detector.CollimatorType, detector.CollimatorGridName = "PARA", identity.collimator
    ds.DetectorInformationSequence = Sequence([detector])
    ds.NumberOfDetectors = 1
    add_slices(ds, stored, places)
    _add_rotation(ds)
    add_pixels(ds, stored)
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


def _add_series(ds: Dataset, identity: PerfusionIdentity, state: PerfusionState, start: datetime) -> None:
    ds.SeriesInstanceUID = identity.uid(f"series {state}")
    # The patient gets up between the states: neither is in the coordinates of the other.
    ds.FrameOfReferenceUID = identity.uid(f"frame of reference {state}")
    ds.PositionReferenceIndicator = ""
    ds.SeriesNumber, ds.InstanceNumber = 1 + list(PerfusionState).index(state), 1
    ds.SeriesDescription = f"{state} SPECT. {DESCRIPTION}"
    ds.BodyPartExamined = "HEART"
    ds.ManufacturerModelName = identity.manufacturer_model
    ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = start.strftime("%Y%m%d")
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = start.strftime("%H%M%S")
    ds.AnatomicRegionSequence = coded(codes.SCT.Heart)


def _add_tracer(ds: Dataset, state: PerfusionState, timing: PerfusionTiming) -> None:
    """Add tracer and drug (PS3.3 C.8.4.10); the day of the injection is that of the acquisition."""
    tracer = Dataset()
    tracer.RadionuclideCodeSequence = coded(codes.cid18._99mTechnetium)
    tracer.Radiopharmaceutical = "Tetrofosmin Tc-99m"
    tracer.RadiopharmaceuticalCodeSequence = coded(codes.SCT.TechnetiumTc99mTetrofosmin)
    tracer.RadiopharmaceuticalStartTime = _at(timing.injection_s).strftime("%H%M%S")
    tracer.RadionuclideTotalDose = timing.dose_mbq
    ds.RadiopharmaceuticalInformationSequence = Sequence([tracer])
    if state is PerfusionState.STRESS:
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
    rotation.StartAngle, rotation.AngularStep, rotation.RotationDirection = 225.0, _STEP_DEG, "CC"
    rotation.ScanArc, rotation.RadialPosition = _STEP_DEG * _VIEWS, None
    rotation.ActualFrameDuration, rotation.NumberOfFramesInRotation = _FRAME_MS, _VIEWS
    ds.RotationInformationSequence = Sequence([rotation])
    ds.NumberOfRotations = 1
