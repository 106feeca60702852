"""The DICOM data sets of a phantom of cardiac MIBG: a SPECT volume of NM slices, and a planar NM image."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.tag import Tag
from pydicom.uid import UID, generate_uid

from phantoms.mibg_camera import PLANAR_SIDE_MM
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

INJECTION: Final = datetime(2020, 1, 1, 9, 0, 0)
_ENERGY_WINDOW_VECTOR: Final = Tag(0x0054, 0x0010)
_DETECTOR_VECTOR: Final = Tag(0x0054, 0x0020)
SPECT_FRAME_MS, PLANAR_FRAME_MS = 30_000, 300_000
"""Durations of a projection and of a planar image: our choice."""
_PROJECTIONS: Final = 60


@dataclass(frozen=True, kw_only=True)
class MibgIdentity:
    """Whose examination it is.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        age_years: Age at the study.
        sex: Patient's sex.
        weight_kg: Patient's weight.
        manufacturer_model: Manufacturer's Model Name (0008,1090).
        variant: What distinguishes this examination from others of the same person.
    """

    seed: int
    index: int
    age_years: int
    sex: Sex
    weight_kg: float
    manufacturer_model: str
    variant: str

    def uid(self, level: str) -> UID:
        """Return the UID of the study, or of a series, instance or frame of reference: always the same."""
        sources = ["tricorder phantom MIBG", str(self.seed), str(self.index), self.variant, level]
        return generate_uid(entropy_srcs=sources)


@dataclass(frozen=True, kw_only=True)
class MibgAcquisition:
    """One image of the study.

    Attributes:
        name: Which of the study's images, for its UIDs and its series description.
        number: Series Number (0020,0011).
        after_s: From the injection to its start.
        dose_mbq: Injected activity.
        collimator: Collimator/Grid Name (0018,1180).
    """

    name: str
    number: int
    after_s: float
    dose_mbq: float
    collimator: str

    @property
    def start(self) -> datetime:
        """When it starts."""
        return INJECTION + timedelta(seconds=self.after_s)


def build_spect(
    stored: StoredCounts, places: SlicePlaces, *, identity: MibgIdentity, acquisition: MibgAcquisition
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
    ds.CorrectedImage = ["UNIF", "NRGY", "ATTN"] if places.attenuation_corrected else ["UNIF", "NRGY"]
    add_slices(ds, stored, places)
    rotation = Dataset()
    rotation.StartAngle, rotation.AngularStep, rotation.RotationDirection = 0.0, 6.0, "CW"
    rotation.ScanArc, rotation.RadialPosition = 360.0, None
    rotation.ActualFrameDuration, rotation.NumberOfFramesInRotation = SPECT_FRAME_MS, _PROJECTIONS
    ds.RotationInformationSequence = Sequence([rotation])
    ds.NumberOfRotations = 1
    add_pixels(ds, stored)
    return ds


def build_planar(stored: StoredCounts, *, identity: MibgIdentity, acquisition: MibgAcquisition) -> FileDataset:
    """Build the data set of one anterior planar image of the chest, axes of `stored` (1, row, column).

    Source:
        As `build_spect`.
    """
    ds = _image(identity, acquisition)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"]
    ds.CorrectedImage = ["UNIF", "NRGY"]
    detector = ds.DetectorInformationSequence[0]
    detector.ViewCodeSequence = coded(codes.cid26.AnteriorProjection)
    detector.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence([])
    detector.ImageOrientationPatient = detector.ImagePositionPatient = None
    ds.PixelSpacing = [PLANAR_SIDE_MM, PLANAR_SIDE_MM]
    ds.ActualFrameDuration = PLANAR_FRAME_MS
    ds.NumberOfFrames = 1
    ds.FrameIncrementPointer = [_ENERGY_WINDOW_VECTOR, _DETECTOR_VECTOR]
    ds.EnergyWindowVector = ds.DetectorVector = [1]
    add_pixels(ds, stored)
    return ds


def _image(identity: MibgIdentity, acquisition: MibgAcquisition) -> FileDataset:
    ds = nuclear_image(identity.uid(f"instance {acquisition.name}"))
    _add_patient_and_study(ds, identity)
    _add_series_and_equipment(ds, identity, acquisition)
    _add_tracer(ds, acquisition)
    detector = Dataset()
    detector.CollimatorType, detector.CollimatorGridName = "PARA", acquisition.collimator
    ds.DetectorInformationSequence = Sequence([detector])
    ds.NumberOfDetectors = 1
    return ds


def _add_patient_and_study(ds: Dataset, identity: MibgIdentity) -> None:
    ds.PatientName = f"PHANTOM^{identity.index:04d}"
    ds.PatientID = f"PHANTOM-MIBG-{identity.seed}-{identity.index:04d}"
    ds.PatientBirthDate = ""
    ds.PatientSex = identity.sex.value
    ds.PatientAge = f"{identity.age_years:03d}Y"
    ds.PatientWeight = identity.weight_kg
    ds.StudyInstanceUID = identity.uid("study")
    ds.StudyDate, ds.StudyTime = INJECTION.strftime("%Y%m%d"), INJECTION.strftime("%H%M%S")
    ds.ReferringPhysicianName = ds.AccessionNumber = ""
    ds.StudyID = f"{identity.index:04d}"
    ds.StudyDescription = "Cardiac MIBG"


def _add_series_and_equipment(ds: Dataset, identity: MibgIdentity, acquisition: MibgAcquisition) -> None:
    ds.SeriesInstanceUID = identity.uid(f"series {acquisition.name}")
    # The patient gets up between early and late: neither is in the coordinates of the other.
    ds.FrameOfReferenceUID = identity.uid(f"frame of reference {acquisition.name}")
    ds.PositionReferenceIndicator = ""
    ds.SeriesNumber, ds.InstanceNumber = acquisition.number, 1
    ds.SeriesDescription = f"{acquisition.name}. {DESCRIPTION}"
    ds.BodyPartExamined = "CHEST"
    ds.ManufacturerModelName = identity.manufacturer_model
    ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = acquisition.start.strftime("%Y%m%d")
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = acquisition.start.strftime("%H%M%S")
    ds.AnatomicRegionSequence = coded(codes.SCT.Chest)


def _add_tracer(ds: Dataset, acquisition: MibgAcquisition) -> None:
    """Add the tracer (PS3.3 C.8.4.10), its energy window and how the patient lies (C.8.4.6)."""
    tracer = Dataset()
    tracer.RadionuclideCodeSequence = coded(codes.cid18._123Iodine)
    tracer.Radiopharmaceutical = "Metaiodobenzylguanidine I-123"
    tracer.RadiopharmaceuticalCodeSequence = coded(codes.SCT.Metaiodobenzylguanidine123I)
    tracer.RadiopharmaceuticalStartTime = INJECTION.strftime("%H%M%S")
    tracer.RadionuclideTotalDose = acquisition.dose_mbq
    ds.RadiopharmaceuticalInformationSequence = Sequence([tracer])
    add_energy_window(ds, name="I-123", lower_kev=143.1, upper_kev=174.9)
    add_patient_orientation(ds)
