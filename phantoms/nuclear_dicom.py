"""What the DICOM data sets of all cardiac phantoms have alike: file meta information, places of slices, pixels."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.tag import Tag
from pydicom.uid import PYDICOM_IMPLEMENTATION_UID, UID, ExplicitVRLittleEndian, NuclearMedicineImageStorage

StoredCounts = NDArray[np.uint16]
"""Stored counts as the file has them, axes (frame, row, column)."""

DESCRIPTION: Final = "Synthetic phantom, not a patient"
_SLICE_VECTOR: Final = Tag(0x0054, 0x0080)


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


def nuclear_image(instance_uid: UID) -> FileDataset:
    """Begin the data set of an NM image, Explicit VR Little Endian (PS3.10, PS3.3 A.5)."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = NuclearMedicineImageStorage
    meta.MediaStorageSOPInstanceUID = instance_uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = NuclearMedicineImageStorage
    ds.SOPInstanceUID = instance_uid
    ds.Modality = "NM"
    ds.ImageComments = DESCRIPTION
    ds.Manufacturer = "Tricorder phantoms"
    ds.SoftwareVersions = "1"
    ds.LossyImageCompression = "00"
    ds.BurnedInAnnotation = "NO"
    ds.QualityControlImage = "YES"
    return ds


def add_energy_window(ds: Dataset, *, name: str, lower_kev: float, upper_kev: float) -> None:
    """Add the only energy window (PS3.3 C.8.4.10)."""
    energies, window = Dataset(), Dataset()
    energies.EnergyWindowLowerLimit, energies.EnergyWindowUpperLimit = lower_kev, upper_kev
    window.EnergyWindowName = name
    window.EnergyWindowRangeSequence = Sequence([energies])
    ds.EnergyWindowInformationSequence = Sequence([window])
    ds.NumberOfEnergyWindows = 1


def add_patient_orientation(ds: Dataset) -> None:
    """Say that the patient lies on the back, head first (PS3.3 C.8.4.6)."""
    ds.PatientOrientationCodeSequence = coded(codes.SCT.Recumbent)
    ds.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = coded(codes.SCT.Supine)
    ds.PatientGantryRelationshipCodeSequence = coded(codes.SCT.Headfirst)


def add_slices(ds: Dataset, stored: StoredCounts, places: SlicePlaces) -> None:
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


def add_pixels(ds: Dataset, stored: StoredCounts) -> None:
    """Add stored counts as 16-bit pixels, and their sum."""
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


def coded(code: Code) -> Sequence:
    """Return a code as a sequence of one item (PS3.3 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return Sequence([item])
