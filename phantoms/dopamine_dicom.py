"""The DICOM data set of a phantom of dopamine transporters: one NM image whose frames are the slices."""

from dataclasses import dataclass
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

from phantoms.dopamine_camera import Acquisition, StoredVolume
from phantoms.truth import Sex

DATE: Final = "20200101"
INJECTION_TIME, TIME = "090000", "120000"
DESCRIPTION: Final = "Synthetic phantom, not a patient"
_SLICE_VECTOR: Final = Tag(0x0054, 0x0080)
_INJECTED_MBQ: Final = 185.0
"""Of the guideline's 150 to 250 MBq (flore.unifi.it/handle/2158/687332): our choice."""


@dataclass(frozen=True, kw_only=True)
class ScanIdentity:
    """Whose examination it is.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        age_years: Age at the study.
        sex: Patient's sex.
        manufacturer_model: Manufacturer's Model Name (0008,1090).
        variant: What distinguishes this image from others of the same person.
    """

    seed: int
    index: int
    age_years: int
    sex: Sex
    manufacturer_model: str
    variant: str

    def uid(self, level: str) -> UID:
        """Return the UID of this phantom's study, series, instance or frame of reference: always the same."""
        sources = ["tricorder phantom dopamine", str(self.seed), str(self.index), self.variant, level]
        return generate_uid(entropy_srcs=sources)


def build_dataset(stored: StoredVolume, *, identity: ScanIdentity, acquisition: Acquisition) -> FileDataset:
    """Build the data set of one reconstructed volume.

    Args:
        stored: Counts in the order of the file, axes (frame, row, column).
        identity: Patient.
        acquisition: Technique.

    Source:
        DICOM PS3.3 A.5 (NM Image IOD), C.8.4.
    """
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = NuclearMedicineImageStorage
    meta.MediaStorageSOPInstanceUID = identity.uid("instance")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    _add_patient_and_study(ds, identity)
    _add_series_and_equipment(ds, identity)
    _add_image(ds, acquisition)
    _add_tracer(ds)
    _add_places(ds, stored, acquisition)
    _add_pixels(ds, stored)
    ds.CountsAccumulated = int(stored.sum())
    return ds


def _add_patient_and_study(ds: Dataset, identity: ScanIdentity) -> None:
    ds.PatientName = f"PHANTOM^{identity.index:04d}"
    ds.PatientID = f"PHANTOM-DAT-{identity.seed}-{identity.index:04d}"
    ds.PatientBirthDate = ""
    ds.PatientSex = identity.sex.value
    ds.PatientAge = f"{identity.age_years:03d}Y"
    ds.StudyInstanceUID = identity.uid("study")
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = DATE
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = TIME
    ds.ReferringPhysicianName = ""
    ds.StudyID = f"{identity.index:04d}"
    ds.AccessionNumber = ""
    ds.StudyDescription = "Dopamine transporters"


def _add_series_and_equipment(ds: Dataset, identity: ScanIdentity) -> None:
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = NuclearMedicineImageStorage
    ds.SOPInstanceUID = identity.uid("instance")
    ds.Modality = "NM"
    ds.SeriesInstanceUID = identity.uid("series")
    ds.FrameOfReferenceUID = identity.uid("frame of reference")
    ds.PositionReferenceIndicator = ""
    ds.SeriesNumber = 1
    ds.SeriesDescription = DESCRIPTION
    ds.BodyPartExamined = "BRAIN"
    ds.Manufacturer = "Tricorder phantoms"
    ds.ManufacturerModelName = identity.manufacturer_model
    ds.SoftwareVersions = "1"


def _add_image(ds: Dataset, acquisition: Acquisition) -> None:
    ds.InstanceNumber = 1
    ds.ImageComments = DESCRIPTION
    ds.ImageType = ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"]
    ds.LossyImageCompression = "00"
    ds.BurnedInAnnotation = "NO"
    ds.QualityControlImage = "YES"
    ds.CorrectedImage = ["UNIF", "NRGY", "ATTN"] if acquisition.attenuation_corrected else ["UNIF", "NRGY"]
    ds.AnatomicRegionSequence = _coded(codes.SCT.Brain)


def _add_tracer(ds: Dataset) -> None:
    """Add the tracer (PS3.3 C.8.4.10) and its energy window."""
    tracer = Dataset()
    tracer.RadionuclideCodeSequence = _coded(codes.cid18._123Iodine)
    tracer.Radiopharmaceutical = "Ioflupane I-123"
    tracer.RadiopharmaceuticalCodeSequence = _coded(codes.SCT.IoflupaneI123)
    tracer.RadiopharmaceuticalStartTime = INJECTION_TIME
    tracer.RadionuclideTotalDose = _INJECTED_MBQ
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


def _add_places(ds: Dataset, stored: StoredVolume, acquisition: Acquisition) -> None:
    """Say where each frame lies, by the first one and the signed spacing (PS3.3 C.8.4.11, C.8.4.15)."""
    frames, rows, columns = stored.shape
    spacing_mm = acquisition.spacing_mm
    detector = Dataset()
    across = -1.0 if acquisition.seen_from_above else 1.0
    detector.ImageOrientationPatient = [across, 0, 0, 0, 1, 0]
    half_mm = (np.array([columns, rows, frames]) - 1) / 2 * spacing_mm
    first_up_mm = half_mm[2] if acquisition.head_first_slice else -half_mm[2]
    position = [-across * half_mm[0], -half_mm[1], first_up_mm]
    detector.ImagePositionPatient = [round(float(value), 4) for value in position]
    detector.CollimatorType = "FANB"
    ds.DetectorInformationSequence = Sequence([detector])
    ds.NumberOfDetectors = 1
    ds.NumberOfRotations = 1
    ds.RotationInformationSequence = Sequence([])  # how the slices' projections were acquired is not told
    ds.PixelSpacing = [spacing_mm, spacing_mm]
    ds.SliceThickness = spacing_mm
    # The normal is the cross product of the directions of row and column; a negative spacing stacks against it.
    upward = not acquisition.head_first_slice
    along_normal = upward != acquisition.seen_from_above
    ds.SpacingBetweenSlices = spacing_mm if along_normal else -spacing_mm
    ds.NumberOfFrames = frames
    ds.FrameIncrementPointer = _SLICE_VECTOR
    ds.SliceVector = list(range(1, frames + 1))
    ds.NumberOfSlices = frames


def _add_pixels(ds: Dataset, stored: StoredVolume) -> None:
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = stored.shape[1:]
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelRepresentation = 0
    ds.WindowCenter = f"{float(stored.max()) / 2:g}"
    ds.WindowWidth = f"{max(float(stored.max()), 1.0):g}"
    ds.PixelData = stored.astype("<u2", copy=False).tobytes()


def _coded(code: Code) -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return Sequence([item])
