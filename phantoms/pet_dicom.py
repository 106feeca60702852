"""The DICOM data sets of a PET phantom: one image a slice, PET Image Storage."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import (
    PYDICOM_IMPLEMENTATION_UID,
    UID,
    ExplicitVRLittleEndian,
    PositronEmissionTomographyImageStorage,
    generate_uid,
)
from pydicom.valuerep import VR

from phantoms.pet_scanner import HALF_LIFE_S, Examination, PetHabits
from phantoms.pet_shapes import FloatVolume, VolumeGrid
from phantoms.truth import Sex

DATE: Final = "20200101"
DESCRIPTION: Final = "Synthetic phantom, not a patient"
_LARGEST_STORED: Final = 32_767
"""Fits signed and unsigned pixels of 16 bits."""
_LEAST_FULL_SCALE: Final = 100.0
"""Bq/ml that a slice without activity is scaled to."""


@dataclass(frozen=True, kw_only=True)
class PetIdentity:
    """Whose examination it is.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        age_years: Age at the study.
        sex: Patient's sex.
        weight_kg: Patient's weight.
        height_m: Patient's size.
        variant: What distinguishes this examination from others of the same person.
    """

    seed: int
    index: int
    age_years: int
    sex: Sex
    weight_kg: float
    height_m: float
    variant: str

    def uid(self, level: str) -> UID:
        """Return the UID of this phantom's study, series, frame of reference or a slice: always the same."""
        return generate_uid(
            entropy_srcs=["tricorder phantom pet", str(self.seed), str(self.index), self.variant, level]
        )


def build_slices(
    activity: FloatVolume, grid: VolumeGrid, *, identity: PetIdentity, habits: PetHabits, examination: Examination
) -> tuple[FileDataset, ...]:
    """Build the data sets of one scan, in the order of their instance numbers.

    Args:
        activity: Bq/ml, axes (slice, row, column): feet to head, front to back, right to left of the patient.
        grid: Where its voxels lie, from the carina.
        identity: Patient.
        habits: Of the site.
        examination: Injection, times, table.

    Source:
        DICOM PS3.3 A.21 (PET Image IOD), C.8.9.
    """
    order = range(len(activity))[::-1] if habits.head_first else range(len(activity))
    shared = _shared_by_all(identity, habits, examination, slices=len(activity))
    slices = []
    for number, place in enumerate(order):
        ds = _image(identity, number, shared)
        _add_times(ds, number, habits, examination)
        _add_place(ds, grid, place, examination)
        _add_pixels(ds, activity[place], signed=habits.signed_pixels)
        slices.append(ds)
    return tuple(slices)


def _shared_by_all(identity: PetIdentity, habits: PetHabits, examination: Examination, *, slices: int) -> Dataset:
    """Return what every slice says alike, encoded once: each data set decodes what it is asked for into its own."""
    ds = Dataset()
    _add_patient_and_study(ds, identity)
    _add_series(ds, identity, habits, examination, slices=slices)
    _add_injection(ds, examination)
    encoded = BytesIO()
    dcmwrite(encoded, ds, implicit_vr=False, little_endian=True)
    encoded.seek(0)
    return dcmread(encoded, force=True)


def _image(identity: PetIdentity, number: int, shared: Dataset) -> FileDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
    meta.MediaStorageSOPInstanceUID = identity.uid(f"slice {number}")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    ds = FileDataset("", dict(shared.items()), file_meta=meta, preamble=b"\0" * 128)
    # What is encoded already is then written as it is.
    ds.set_original_encoding(False, True, shared.original_character_set)
    ds.SOPClassUID = PositronEmissionTomographyImageStorage
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    ds.InstanceNumber = ds.ImageIndex = number + 1
    return ds


def _add_patient_and_study(ds: Dataset, identity: PetIdentity) -> None:
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName = f"PHANTOM^{identity.index:04d}"
    ds.PatientID = f"PHANTOM-PET-{identity.seed}-{identity.index:04d}"
    ds.PatientBirthDate = ""
    ds.PatientSex = identity.sex.value
    ds.PatientAge = f"{identity.age_years:03d}Y"
    ds.PatientWeight = identity.weight_kg
    ds.PatientSize = identity.height_m
    ds.StudyInstanceUID = identity.uid("study")
    ds.ReferringPhysicianName = ds.AccessionNumber = ""
    ds.StudyID = f"{identity.index:04d}"
    ds.StudyDescription = "FDG PET whole body"


def _add_series(
    ds: Dataset, identity: PetIdentity, habits: PetHabits, examination: Examination, *, slices: int
) -> None:
    ds.Modality = "PT"
    ds.SeriesInstanceUID = identity.uid("series")
    ds.FrameOfReferenceUID = identity.uid("frame of reference")
    ds.PositionReferenceIndicator = ""
    ds.SeriesNumber = 1
    ds.SeriesDescription = ds.ImageComments = DESCRIPTION
    ds.BodyPartExamined = "WHOLEBODY"
    ds.Manufacturer = "Tricorder phantoms"
    ds.ManufacturerModelName = habits.manufacturer_model
    ds.SoftwareVersions = "1"
    ds.BurnedInAnnotation = "NO"
    ds.QualityControlImage = "YES"
    ds.StudyDate = ds.SeriesDate = DATE
    ds.StudyTime = ds.SeriesTime = _time(examination.injected_s + examination.uptake_s)
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.Units = "BQML"
    ds.CountsSource = "EMISSION"
    ds.SeriesType = ["WHOLE BODY", "IMAGE"]
    ds.NumberOfSlices = slices
    ds.CorrectedImage = ["DECY", "ATTN", "SCAT", "DTIM", "RAN"]
    ds.DecayCorrection = habits.decay_correction.value
    ds.RandomsCorrectionMethod = "DLYD"
    ds.AttenuationCorrectionMethod = "measured"
    ds.CollimatorType = "NONE"
    ds.PatientOrientationCodeSequence = _coded(codes.SCT.Recumbent)
    ds.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = _coded(codes.SCT.Supine)
    ds.PatientGantryRelationshipCodeSequence = _coded(codes.SCT.Headfirst)


def _add_injection(ds: Dataset, examination: Examination) -> None:
    tracer = Dataset()
    tracer.RadionuclideCodeSequence = _coded(codes.SCT._18Fluorine)
    tracer.RadiopharmaceuticalCodeSequence = _coded(codes.SCT.FluorodeoxyglucoseF18)
    tracer.Radiopharmaceutical = "Fluorodeoxyglucose"
    tracer.RadiopharmaceuticalRoute = "INTRAVENOUS"
    tracer.RadiopharmaceuticalStartTime = _time(examination.injected_s)
    tracer.RadiopharmaceuticalStartDateTime = DATE + _time(examination.injected_s)
    tracer.RadionuclideTotalDose = examination.dose_bq
    tracer.RadionuclideHalfLife = HALF_LIFE_S
    ds.RadiopharmaceuticalInformationSequence = Sequence([tracer])


def _add_times(ds: Dataset, number: int, habits: PetHabits, examination: Examination) -> None:
    """Say when the bed position of a slice was scanned; beds follow one another from the first instance on."""
    waited_s = number // habits.bed_slices * habits.bed_s
    ds.AcquisitionDate = ds.ContentDate = DATE
    ds.AcquisitionTime = ds.ContentTime = _time(examination.injected_s + examination.uptake_s + waited_s)
    ds.FrameReferenceTime = 1000 * (waited_s + habits.bed_s / 2)
    ds.ActualFrameDuration = int(1000 * habits.bed_s)
    ds.DecayFactor = round(float(2 ** (waited_s / HALF_LIFE_S)), 6)


def _add_place(ds: Dataset, grid: VolumeGrid, place: int, examination: Examination) -> None:
    """Say where a slice lies (PS3.3 C.7.6.2): rows run to the patient's left, columns to the back."""
    head, back, left = grid.first_mm
    step, row_mm, column_mm = grid.spacing_mm
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    position = (left, back, examination.table_mm + head + place * step)
    ds.ImagePositionPatient = [round(float(value), 4) for value in position]
    ds.PixelSpacing = [row_mm, column_mm]
    ds.SliceThickness = step


def _add_pixels(ds: Dataset, activity: NDArray[np.float32], *, signed: bool) -> None:
    slope = float(f"{max(float(activity.max()), _LEAST_FULL_SCALE) / _LARGEST_STORED:.8g}")
    stored = np.minimum(np.rint(activity / slope), _LARGEST_STORED).astype("<i2" if signed else "<u2")
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = activity.shape
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelRepresentation = int(signed)
    ds.RescaleIntercept, ds.RescaleSlope = 0, slope
    ds.add_new("PixelData", VR.OW, stored.tobytes())


def _time(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes // 60:02d}{minutes % 60:02d}{left:02d}"


def _coded(code: Code) -> Sequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return Sequence([item])
