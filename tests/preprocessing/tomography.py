"""Small series of PET and SPECT slices built in memory, anywhere in the patient, every attribute open to change."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from preprocessing import NotEligible
from preprocessing.grid import read_grid
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from specs.series import PET_SERIES, SPECT_SERIES, SeriesRules
from tests.preprocessing.encodings import LOSSLESS_ENCODERS
from tests.preprocessing.radiographs import file_bytes

SMALL_PET: SeriesRules = PET_SERIES.model_copy(update={"fewest_slices": 2})
SMALL_SPECT: SeriesRules = SPECT_SERIES.model_copy(update={"fewest_slices": 2})
"""The rules for volumes of a few slices."""

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
"""Directions in LPS in which the column index and the row index grow: rows to the left, columns to the back."""

Placement = tuple[Sequence[float], Sequence[float]]


def counting(shape: tuple[int, int, int]) -> NDArray[np.uint16]:
    """Return stored values that are all different, axes (slice, row, column)."""
    return np.arange(1, np.prod(shape) + 1, dtype=np.uint16).reshape(shape)


def pet_images(
    stored: NDArray[np.integer],
    *,
    directions: Placement = AXIAL,
    spacing_mm: tuple[float, float, float] = (3.0, 4.0, 5.0),
    position_mm: tuple[float, float, float] = (-40.0, -30.0, -500.0),
    **attributes: Any,
) -> list[FileDataset]:
    """Build single-frame PET images, slice k behind slice k - 1 along the normal.

    Args:
        stored: Axes (slice, row, column).
        directions: Along a row and along a column, unit vectors in LPS.
        spacing_mm: Between slices, rows and columns.
        position_mm: Of the first pixel of slice 0, LPS.
        attributes: Of every image, by their keywords; a list stands for one value an image.
    """
    normal = np.cross(*directions)
    images = []
    for index, pixels in enumerate(stored):
        ds = _image(pixels[None], uid.PositronEmissionTomographyImageStorage, modality="PT", index=index)
        _add_pet_module(ds, count=len(stored), index=index)
        ds.ImageOrientationPatient = [*directions[0], *directions[1]]
        ds.ImagePositionPatient = [
            float(f"{part:.8g}") for part in np.array(position_mm) + index * spacing_mm[0] * normal
        ]
        ds.PixelSpacing, ds.SliceThickness = [*spacing_mm[1:]], 99.0  # never the spacing
        _change(ds, attributes, index)
        images.append(ds)
    return images


def _add_pet_module(ds: FileDataset, *, count: int, index: int) -> None:
    """PS3.3 C.8.9."""
    ds.Units, ds.CountsSource, ds.SeriesType = "BQML", "EMISSION", ["WHOLE BODY", "IMAGE"]
    ds.NumberOfSlices, ds.CorrectedImage, ds.DecayCorrection = count, ["DECY", "ATTN", "SCAT"], "START"
    ds.CollimatorType, ds.RandomsCorrectionMethod = "NONE", "DLYD"
    ds.RescaleSlope, ds.RescaleIntercept, ds.DecayFactor = 2.0, 0.0, 1.0
    ds.ImageIndex, ds.FrameReferenceTime, ds.ActualFrameDuration = index + 1, 0.0, 120_000
    ds.PatientWeight, ds.PatientSize = 75.0, 1.85
    ds.RadiopharmaceuticalInformationSequence = [agent()]
    _add_orientation_codes(ds)


def agent(**attributes: Any) -> Dataset:
    """Build the item of an 18F-FDG injection, an hour before the scan at noon, of 300 MBq."""
    item = Dataset()
    item.RadionuclideCodeSequence = [coded_item(codes.SCT._18Fluorine)]
    item.Radiopharmaceutical, item.RadiopharmaceuticalRoute = "FDG", ""
    item.RadionuclideTotalDose, item.RadionuclideHalfLife = 300e6, 6586.2
    item.RadiopharmaceuticalStartTime, item.RadiopharmaceuticalStartDateTime = "110000", "20260105110000"
    _change(item, attributes, 0)
    return item


def nuclear_image(
    stored: NDArray[np.integer],
    *,
    directions: Placement = AXIAL,
    spacing_mm: tuple[float, float, float] = (6.0, 4.0, 5.0),
    position_mm: tuple[float, float, float] = (-40.0, -30.0, -500.0),
    **attributes: Any,
) -> FileDataset:
    """Build a reconstructed NM image.

    Args:
        stored: Axes (slice, row, column).
        directions: Along a row and along a column, unit vectors in LPS.
        spacing_mm: Between slices, with its sign, rows and columns.
        position_mm: Of the first pixel of the first frame, LPS.
        attributes: By their keywords.
    """
    ds = _image(stored, uid.NuclearMedicineImageStorage, modality="NM", index=0)
    ds.ImageType = ["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION"]
    ds.NumberOfFrames, ds.FrameIncrementPointer = len(stored), [0x00540080]
    ds.SliceVector, ds.NumberOfSlices = [*range(1, len(stored) + 1)], len(stored)
    ds.PixelSpacing, ds.SpacingBetweenSlices, ds.SliceThickness = [*spacing_mm[1:]], spacing_mm[0], 99.0
    ds.EnergyWindowInformationSequence, ds.RadiopharmaceuticalInformationSequence = [], []
    ds.NumberOfEnergyWindows = ds.NumberOfDetectors = ds.NumberOfRotations = 1
    detector = Dataset()
    detector.ImageOrientationPatient, detector.ImagePositionPatient = [*directions[0], *directions[1]], [*position_mm]
    detector.CollimatorType, detector.FocalDistance = "PARA", 0
    ds.DetectorInformationSequence = [detector]
    ds.CountsAccumulated, ds.AcquisitionTerminationCondition = None, "TIME"
    ds.RotationInformationSequence = []
    _add_orientation_codes(ds)
    _change(ds, attributes, 0)
    return ds


def enhanced_pet(
    stored: NDArray[np.integer],
    *,
    directions: Placement = AXIAL,
    spacing_mm: tuple[float, float, float] = (3.0, 4.0, 5.0),
    position_mm: tuple[float, float, float] = (-40.0, -30.0, -500.0),
    unit: Code = codes.UCUM.BecquerelsPerMilliliter,
    **attributes: Any,
) -> FileDataset:
    """Build an Enhanced PET image, axes and places as of `pet_images`; its values are stored x 2."""
    ds = _image(stored, uid.EnhancedPETImageStorage, modality="PT", index=0)
    ds.ImageType, ds.NumberOfFrames = ["ORIGINAL", "PRIMARY", "WHOLE_BODY", "NONE"], len(stored)
    ds.VolumetricProperties, ds.PatientWeight, ds.CountsSource = "VOLUME", 75.0, "EMISSION"
    ds.DecayCorrected = ds.AttenuationCorrected = "YES"
    ds.DecayCorrectionDateTime = "20260105120000"
    injection = agent(RadionuclideTotalDose=300.0)  # MBq: PS3.3 C.8.22.4
    ds.RadiopharmaceuticalInformationSequence = [injection]
    shared, orientation, measures, kind = (Dataset() for _ in range(4))
    orientation.ImageOrientationPatient = [*directions[0], *directions[1]]
    measures.PixelSpacing, measures.SliceThickness = [*spacing_mm[1:]], 99.0
    kind.FrameType, kind.VolumetricProperties = ds.ImageType, "VOLUME"
    shared.PlaneOrientationSequence, shared.PixelMeasuresSequence = [orientation], [measures]
    shared.PETFrameTypeSequence = [kind]
    ds.SharedFunctionalGroupsSequence = [shared]
    positions = np.array(position_mm) + spacing_mm[0] * np.outer(np.arange(len(stored)), np.cross(*directions))
    ds.PerFrameFunctionalGroupsSequence = [
        _groups_of_frame(place, unit, index) for index, place in enumerate(positions)
    ]
    _change(ds, attributes, 0)
    return ds


def _groups_of_frame(position: NDArray[np.float64], unit: Code, index: int) -> Dataset:
    frame, place, content, mapping = (Dataset() for _ in range(4))
    place.ImagePositionPatient = [float(f"{part:.8g}") for part in position]
    content.StackID, content.InStackPositionNumber, content.TemporalPositionIndex = "1", index + 1, 1
    mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept = 2.0, 0.0
    mapping.RealWorldValueFirstValueMapped, mapping.RealWorldValueLastValueMapped = 0, 65535
    mapping.MeasurementUnitsCodeSequence, mapping.LUTLabel, mapping.LUTExplanation = [coded_item(unit)], "unit", "unit"
    frame.PlanePositionSequence, frame.FrameContentSequence = [place], [content]
    frame.RealWorldValueMappingSequence = [mapping]
    return frame


def coded_item(code: Code) -> Dataset:
    """Build an item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return item


def _image(stored: NDArray[np.integer], sop_class: str, *, modality: str, index: int) -> FileDataset:
    ds = FileDataset("", {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    ds.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = uid.UID(sop_class)
    name_instance(ds, uid.generate_uid(entropy_srcs=[modality, sop_class, str(index)]))
    ds.StudyInstanceUID = uid.generate_uid(entropy_srcs=["study"])
    ds.SeriesInstanceUID = uid.generate_uid(entropy_srcs=["series", modality])
    ds.FrameOfReferenceUID = uid.generate_uid(entropy_srcs=["frame of reference"])
    ds.PatientName = ds.PatientID = ds.PatientBirthDate = ds.PatientSex = ds.StudyID = ds.AccessionNumber = ""
    ds.ReferringPhysicianName = ds.Manufacturer = ds.PositionReferenceIndicator = ds.Laterality = ""
    ds.Modality, ds.SeriesNumber, ds.InstanceNumber = modality, 1, index + 1
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = "20260105"
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = "120000"
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = stored.shape[1:]
    ds.BitsAllocated = ds.BitsStored = stored.dtype.itemsize * 8
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(stored.dtype.kind == "i")
    ds.PixelData = stored.tobytes() + b"\0" * (stored.nbytes % 2)
    ds["PixelData"].VR = "OW"
    return ds


def _add_orientation_codes(ds: FileDataset) -> None:
    """PS3.3 C.8.4.6."""
    ds.PatientOrientationCodeSequence, ds.PatientGantryRelationshipCodeSequence = [], []


def _change(ds: Dataset, attributes: dict[str, Any], index: int) -> None:
    """Set attributes; None deletes one, and a list is one value an image where an attribute may differ between them."""
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value[index] if isinstance(value, list) and keyword in _ONE_AN_IMAGE else value)


_ONE_AN_IMAGE = frozenset({"RescaleSlope", "AcquisitionTime", "FrameReferenceTime", "ActualFrameDuration"})


def encoded(ds: FileDataset, syntax: str) -> FileDataset:
    """Return the image in another transfer syntax, one fragment a frame."""
    stored = np.frombuffer(ds.PixelData, dtype=np.uint16).reshape(-1, ds.Rows, ds.Columns)
    ds.PixelData = encapsulate([LOSSLESS_ENCODERS[syntax](frame, ds.BitsStored) for frame in stored])
    ds["PixelData"].VR = "OB"
    ds.file_meta.TransferSyntaxUID = uid.UID(syntax)
    return ds


def name_instance(ds: FileDataset, sop_instance_uid: str) -> None:
    """Give an image another SOP Instance UID."""
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = uid.UID(sop_instance_uid)


def as_read(images: Iterable[FileDataset]) -> Series:
    """Write images as files, read them as the client does, and collect them."""
    return Series.of(read_dataset(file_bytes(ds)) for ds in images)


def refusal(images: Sequence[FileDataset], rules: SeriesRules = SMALL_PET) -> tuple[str, ...]:
    """Write, read and stack images that must be refused; return the reasons."""
    refused = read_grid(as_read(images), rules)
    assert isinstance(refused, NotEligible), refused
    assert refused.identity.series_instance_uid == images[0].SeriesInstanceUID
    return refused.reasons
