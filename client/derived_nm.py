"""A computed volume as a derived NM image: never of another modality, for no other tracer was given.

NM has no rescale by its definition. Whole numbers are stored as they are; others with Rescale Slope as vendors write it
(a Standard Extended SOP Class, PS3.4 B.4.1), which `preprocessing/nuclear_frames.py` reads.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as ItemSequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.tag import Tag
from pydicom.uid import PYDICOM_IMPLEMENTATION_UID, ExplicitVRLittleEndian, NuclearMedicineImageStorage
from pydicom.valuerep import format_number_as_ds

from client.derived_objects import ALGORITHM, Provenance, SeriesNumber
from preprocessing.grid import Grid
from specs.series import SYNTHETIC_IMAGE

_SLICE_VECTOR: Final = Tag(0x0054, 0x0080)
_LARGEST_STORED: Final = 65_535
_ORTHOGONAL: Final = 1e-6
_SERIES_DESCRIPTION: Final = "Synthetic {title}, not for clinical use"
_LONGEST_TITLE: Final = 64 - len(_SERIES_DESCRIPTION.format(title=""))

_KEPT: Final = (
    "SpecificCharacterSet", "TimezoneOffsetFromUTC",
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientAge", "PatientSize",
    "PatientWeight", "StudyInstanceUID", "StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID",
    "AccessionNumber", "StudyDescription", "FrameOfReferenceUID", "PositionReferenceIndicator", "BodyPartExamined",
    "AnatomicRegionSequence", "AcquisitionDate", "AcquisitionTime", "PatientPosition",
    "RadiopharmaceuticalInformationSequence", "EnergyWindowInformationSequence", "NumberOfEnergyWindows",
    "PatientOrientationCodeSequence", "PatientGantryRelationshipCodeSequence", "RotationInformationSequence",
    "NumberOfRotations", "LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod",
)  # fmt: skip
"""What of the source holds for what is computed from it too: patient, study, place, tracer (PS3.3 A.5)."""


@dataclass(frozen=True, kw_only=True)
class Derivation:
    """How a volume was computed.

    Attributes:
        title: What it is, for the series description; short.
        series_number: Of its series.
        description: How, in words, for Derivation Description (0008,2111).
        code: The same as a concept of PS3.16 CID 7203, where there is one.
    """

    title: str
    series_number: SeriesNumber
    description: str
    code: Code | None = None


def derived_nm(
    grid: Grid, sources: Sequence[FileDataset], *, derivation: Derivation, provenance: Provenance
) -> FileDataset:
    """Write a volume as one NM image of reconstructed slices, in any orientation.

    The same volume of the same model and moment is the same object, with the same UIDs.

    Args:
        grid: Values 0 and up, their places; the frame of reference is that of the first source.
        sources: The NM images that it was computed from, of one study; patient and tracer are those of the first.
        derivation: How.
        provenance: By which model.

    Raises:
        ValueError: a value is below 0 or not finite, the axes of the grid are not orthogonal, there is no source or one
            is not NM or of another study, or the title is too long.

    Source:
        PS3.3 A.5, C.8.4 (NM Image IOD), C.7.6.1.1.2 (image type), C.7.6.1 (source and derivation).
    """
    _check(grid, sources, derivation)
    content = (*(str(source.SOPInstanceUID) for source in sources), _digest(grid))
    ds = _new_image(provenance, content)
    for keyword in _KEPT:
        if keyword in sources[0]:
            ds[keyword] = sources[0][keyword]
    _add_series(ds, derivation, provenance, content)
    _add_derivation(ds, sources, derivation, provenance)
    _add_places(ds, grid)
    _add_pixels(ds, grid)
    return ds


def _check(grid: Grid, sources: Sequence[FileDataset], derivation: Derivation) -> None:
    if not np.isfinite(grid.values).all() or grid.values.min(initial=0) < 0:
        raise ValueError("A derived NM image holds finite values of 0 and up")
    if not np.abs(grid.directions @ grid.directions.T - np.eye(3)).max() < _ORTHOGONAL:
        raise ValueError("The axes of the grid are not orthogonal unit vectors")
    if not sources or any(source.Modality != "NM" for source in sources):
        raise ValueError("A derived NM image is computed from NM images")
    if len({source.StudyInstanceUID for source in sources}) > 1:
        raise ValueError("The sources are of several studies")
    if len(derivation.title) > _LONGEST_TITLE:
        raise ValueError(f"The title is longer than {_LONGEST_TITLE} letters")


def _digest(grid: Grid) -> str:
    content = hashlib.sha256(np.ascontiguousarray(grid.values).tobytes())
    content.update(np.concatenate([grid.directions.ravel(), grid.spacing_mm, grid.position_mm]).tobytes())
    return content.hexdigest()


def _new_image(provenance: Provenance, content: tuple[str, ...]) -> FileDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = NuclearMedicineImageStorage
    meta.MediaStorageSOPInstanceUID = provenance.uid("instance", *content)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID = NuclearMedicineImageStorage
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    return ds


def _add_series(ds: Dataset, derivation: Derivation, provenance: Provenance, content: tuple[str, ...]) -> None:
    ds.Modality = "NM"
    ds.SeriesInstanceUID = provenance.uid("series", *content)
    ds.SeriesNumber, ds.InstanceNumber = derivation.series_number, 1
    ds.SeriesDescription = _SERIES_DESCRIPTION.format(title=derivation.title)
    ds.Manufacturer, ds.ManufacturerModelName = ALGORITHM, provenance.model
    ds.SoftwareVersions = provenance.software_version
    provenance.date_series(ds)


def _add_derivation(
    ds: Dataset, sources: Sequence[FileDataset], derivation: Derivation, provenance: Provenance
) -> None:
    # Value 2 of NM is PRIMARY, whatever the pixels come from (PS3.3 C.8.4.9.1.1); values from 5 on are our own.
    ds.ImageType = ["DERIVED", "PRIMARY", "RECON TOMO", "EMISSION", SYNTHETIC_IMAGE]
    ds.ImageComments = provenance.statement
    ds.DerivationDescription = f"{derivation.description} {provenance.statement}"
    if derivation.code is not None:
        ds.DerivationCodeSequence = _coded(derivation.code)
    references = []
    for source in sources:
        reference = Dataset()
        reference.ReferencedSOPClassUID = source.SOPClassUID
        reference.ReferencedSOPInstanceUID = source.SOPInstanceUID
        reference.PurposeOfReferenceCodeSequence = _coded(codes.DCM.SourceImageForImageProcessingOperation)
        references.append(reference)
    ds.SourceImageSequence = ItemSequence(references)
    ds.BurnedInAnnotation = "NO"
    ds.setdefault("LossyImageCompression", "00")
    ds.CountsAccumulated = None


def _add_places(ds: Dataset, grid: Grid) -> None:
    """Say where each frame lies, by the first one and the signed spacing (PS3.3 C.8.4.11, C.8.4.15)."""
    along_slices, along_column, along_row = grid.directions
    against_normal = np.dot(np.cross(along_row, along_column), along_slices) < 0
    detector = Dataset()
    detector.ImageOrientationPatient = [_decimal(part) for part in (*along_row, *along_column)]
    detector.ImagePositionPatient = [_decimal(part) for part in grid.position_mm]
    detector.CollimatorType = None
    ds.DetectorInformationSequence = ItemSequence([detector])
    ds.NumberOfDetectors = 1
    ds.setdefault("RotationInformationSequence", ItemSequence([]))
    ds.setdefault("NumberOfRotations", 1)
    slices_mm, rows_mm, columns_mm = grid.spacing_mm
    ds.PixelSpacing = [_decimal(rows_mm), _decimal(columns_mm)]
    ds.SliceThickness = _decimal(slices_mm)
    ds.SpacingBetweenSlices = _decimal(-slices_mm if against_normal else slices_mm)
    ds.NumberOfFrames = ds.NumberOfSlices = len(grid.values)
    ds.FrameIncrementPointer = _SLICE_VECTOR
    ds.SliceVector = list(range(1, len(grid.values) + 1))


def _add_pixels(ds: Dataset, grid: Grid) -> None:
    largest = float(grid.values.max(initial=0))
    stored, slope = _stored(grid.values, largest)
    if slope != 1.0:
        ds.RescaleSlope, ds.RescaleIntercept = _decimal(slope), "0"
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = stored.shape[1:]
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    ds.PixelRepresentation = 0
    ds.WindowCenter, ds.WindowWidth = _decimal(largest / 2), _decimal(largest or 1.0)
    ds.PixelData = stored.astype("<u2", copy=False).tobytes()


def _stored(values: NDArray[np.float32], largest: float) -> tuple[NDArray[np.uint16], float]:
    """Return stored values and the slope from them: 1 where the values are whole numbers that fit."""
    if largest <= _LARGEST_STORED and bool((values == np.rint(values)).all()):
        return values.astype(np.uint16), 1.0
    slope = float(_decimal(largest / _LARGEST_STORED))
    return np.clip(np.rint(values / slope), 0, _LARGEST_STORED).astype(np.uint16), slope


def _decimal(value: float) -> str:
    """Write a number as Decimal String, 16 characters (PS3.5 6.2)."""
    return format_number_as_ds(float(value))


def _coded(code: Code) -> ItemSequence:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return ItemSequence([item])
