"""The DICOM data sets of a phantom of cardiac MIBG: a SPECT volume of NM slices, and a planar NM image."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.tag import Tag
from pydicom.uid import (
    PYDICOM_IMPLEMENTATION_UID,
    UID,
    ExplicitVRLittleEndian,
    NuclearMedicineImageStorage,
    generate_uid,
)

from phantoms.mibg_camera import PLANAR_SIDE_MM, StoredCounts
from phantoms.truth import Sex

INJECTION: Final = datetime(2020, 1, 1, 9, 0, 0)
DESCRIPTION: Final = "Synthetic phantom, not a patient"
_SLICE_VECTOR: Final = Tag(0x0054, 0x0080)
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


@dataclass(frozen=True, kw_only=True)
class SlicePlaces:
    """Where the slices of a file lie.

    Attributes:
        spacing_mm: Side of a voxel.
        lowest_mm: Center of the voxel lowest, foremost and farthest to the right, LPS.
        head_first_slice: Whether the first frame is the highest slice.
        seen_from_above: Whether rows run from the patient's left to the right.
        attenuation_corrected: Whether Corrected Image (0028,0051) says so.
    """

    spacing_mm: float
    lowest_mm: tuple[float, float, float]
    head_first_slice: bool
    seen_from_above: bool
    attenuation_corrected: bool


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
    _add_slices(ds, stored, places)
    rotation = Dataset()
    rotation.StartAngle, rotation.AngularStep, rotation.RotationDirection = 0.0, 6.0, "CW"
    rotation.ScanArc, rotation.RadialPosition = 360.0, None
    rotation.ActualFrameDuration, rotation.NumberOfFramesInRotation = SPECT_FRAME_MS, _PROJECTIONS
    ds.RotationInformationSequence = Sequence([rotation])
    ds.NumberOfRotations = 1
    _add_pixels(ds, stored)
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
    detector.ViewCodeSequence = _coded(codes.cid26.AnteriorProjection)
    detector.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence([])
    detector.ImageOrientationPatient = detector.ImagePositionPatient = None
    ds.PixelSpacing = [PLANAR_SIDE_MM, PLANAR_SIDE_MM]
    ds.ActualFrameDuration = PLANAR_FRAME_MS
    ds.NumberOfFrames = 1
    ds.FrameIncrementPointer = [_ENERGY_WINDOW_VECTOR, _DETECTOR_VECTOR]
    ds.EnergyWindowVector = ds.DetectorVector = [1]
    _add_pixels(ds, stored)
    return ds


def _image(identity: MibgIdentity, acquisition: MibgAcquisition) -> FileDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = NuclearMedicineImageStorage
    meta.MediaStorageSOPInstanceUID = identity.uid(f"instance {acquisition.name}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    _add_patient_and_study(ds, identity)
    _add_series_and_equipment(ds, identity, acquisition)
    _add_tracer(ds, acquisition)
    detector = Dataset()
    detector.CollimatorType, detector.CollimatorGridName = "PARA", acquisition.collimator
    ds.DetectorInformationSequence = Sequence([detector])
    ds.NumberOfDetectors = 1
    return ds


def _add_patient_and_study(ds: Dataset, identity: MibgIdentity) -> None:
    ds.SpecificCharacterSet = "ISO_IR 192"
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
    ds.SOPClassUID = NuclearMedicineImageStorage
    ds.SOPInstanceUID = identity.uid(f"instance {acquisition.name}")
    ds.Modality = "NM"
    ds.SeriesInstanceUID = identity.uid(f"series {acquisition.name}")
    # The patient gets up between early and late: neither is in the coordinates of the other.
    ds.FrameOfReferenceUID = identity.uid(f"frame of reference {acquisition.name}")
    ds.PositionReferenceIndicator = ""
    ds.SeriesNumber, ds.InstanceNumber = acquisition.number, 1
    ds.SeriesDescription = f"{acquisition.name}. {DESCRIPTION}"
    ds.ImageComments = DESCRIPTION
    ds.BodyPartExamined = "CHEST"
    ds.Manufacturer = "Tricorder phantoms"
    ds.ManufacturerModelName = identity.manufacturer_model
    ds.SoftwareVersions = "1"
    ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = acquisition.start.strftime("%Y%m%d")
    ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = acquisition.start.strftime("%H%M%S")
    ds.LossyImageCompression = "00"
    ds.BurnedInAnnotation = "NO"
    ds.QualityControlImage = "YES"
    ds.AnatomicRegionSequence = _coded(codes.SCT.Chest)


def _add_tracer(ds: Dataset, acquisition: MibgAcquisition) -> None:
    """Add the tracer (PS3.3 C.8.4.10), its energy window and how the patient lies (C.8.4.6)."""
    tracer = Dataset()
    tracer.RadionuclideCodeSequence = _coded(codes.cid18._123Iodine)
    tracer.Radiopharmaceutical = "Metaiodobenzylguanidine I-123"
    tracer.RadiopharmaceuticalCodeSequence = _coded(codes.SCT.Metaiodobenzylguanidine123I)
    tracer.RadiopharmaceuticalStartTime = INJECTION.strftime("%H%M%S")
    tracer.RadionuclideTotalDose = acquisition.dose_mbq
    ds.RadiopharmaceuticalInformationSequence = Sequence([tracer])
    energies, window = Dataset(), Dataset()
    energies.EnergyWindowLowerLimit, energies.EnergyWindowUpperLimit = 143.1, 174.9
    window.EnergyWindowName = "I-123"
    window.EnergyWindowRangeSequence = Sequence([energies])
    ds.EnergyWindowInformationSequence = Sequence([window])
    ds.NumberOfEnergyWindows = 1
    ds.PatientOrientationCodeSequence = _coded(codes.SCT.Recumbent)
    ds.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = _coded(codes.SCT.Supine)
    ds.PatientGantryRelationshipCodeSequence = _coded(codes.SCT.Headfirst)


def _add_slices(ds: Dataset, stored: StoredCounts, places: SlicePlaces) -> None:
    """Say where each frame lies, by the first one and the signed spacing (PS3.3 C.8.4.11, C.8.4.15)."""
    frames, _, columns = stored.shape
    side_mm = places.spacing_mm
    position = np.array(places.lowest_mm)
    if places.seen_from_above:
        position[0] += (columns - 1) * side_mm
    if places.head_first_slice:
        position[2] += (frames - 1) * side_mm
    detector = ds.DetectorInformationSequence[0]
    detector.ImageOrientationPatient = [-1.0 if places.seen_from_above else 1.0, 0, 0, 0, 1, 0]
    detector.ImagePositionPatient = [round(float(value), 4) for value in position]
    ds.PixelSpacing = [side_mm, side_mm]
    ds.SliceThickness = side_mm
    # The normal is the cross product of the directions of row and column; a negative spacing stacks against it.
    along_normal = (not places.head_first_slice) != places.seen_from_above
    ds.SpacingBetweenSlices = side_mm if along_normal else -side_mm
    ds.NumberOfFrames = ds.NumberOfSlices = frames
    ds.FrameIncrementPointer = _SLICE_VECTOR
    ds.SliceVector = list(range(1, frames + 1))


def _add_pixels(ds: Dataset, stored: StoredCounts) -> None:
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = stored.shape[1:]
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelRepresentation = 0
    ds.WindowCenter = f"{float(stored.max()) / 2:g}"
    ds.WindowWidth = f"{max(float(stored.max()), 1.0):g}"
    ds.PixelData = stored.astype("<u2", copy=False).tobytes()
    ds.CountsAccumulated = int(stored.sum())


def _coded(code: Code) -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return Sequence([item])
