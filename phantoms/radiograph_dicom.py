"""The DICOM data set of a phantom radiograph: CR Image Storage or Digital X-Ray Image Storage."""

from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import (
    PYDICOM_IMPLEMENTATION_UID,
    UID,
    ComputedRadiographyImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    generate_uid,
)

from phantoms.encoding import Encoding, Modality
from phantoms.transfer import StoredImage
from phantoms.truth import Projection, Sex

DATE: Final = "20200101"
TIME: Final = "120000"
DESCRIPTION: Final = "Synthetic phantom, not a patient"


@dataclass(frozen=True, kw_only=True)
class RadiographIdentity:
    """Whose radiograph it is and how it was taken.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        age_years: Age at the study.
        sex: Patient's sex.
        projection: PA or AP.
        spacing_mm: Side of a pixel at the detector.
        manufacturer_model: Manufacturer's Model Name (0008,1090).
        variant: What distinguishes this image from others of the same person: disease, age, site and storage.
    """

    seed: int
    index: int
    age_years: int
    sex: Sex
    projection: Projection
    spacing_mm: float
    manufacturer_model: str
    variant: str

    def uid(self, level: str) -> UID:
        """Return the UID of this phantom's study, series or instance: always the same for one image."""
        sources = ["tricorder phantom radiograph", str(self.seed), str(self.index), self.variant, level]
        return generate_uid(entropy_srcs=sources)


def build_dataset(stored: StoredImage, *, identity: RadiographIdentity, encoding: Encoding) -> FileDataset:
    """Build the data set of one image.

    Args:
        stored: Stored values, shape (rows, columns), 0 to 2 ** bits_stored - 1.
        identity: Patient and positioning.
        encoding: How the picture was stored.

    Source:
        DICOM PS3.3 A.2 (CR) and A.26 (DX).
    """
    ds = FileDataset("", {}, file_meta=_file_meta(identity, encoding), preamble=b"\0" * 128)
    _add_patient_and_study(ds, identity)
    _add_series_and_equipment(ds, identity, encoding)
    _add_image(ds, identity)
    _add_grayscale(ds, encoding)
    _add_pixels(ds, stored, encoding)
    if encoding.modality is Modality.DX:
        _add_digital_xray(ds, identity)
    return ds


def _file_meta(identity: RadiographIdentity, encoding: Encoding) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = _sop_class(encoding.modality)
    meta.MediaStorageSOPInstanceUID = identity.uid("instance")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
    return meta


def _sop_class(modality: Modality) -> UID:
    return {
        Modality.CR: ComputedRadiographyImageStorage,
        Modality.DX: DigitalXRayImageStorageForPresentation,
    }[modality]


def _add_patient_and_study(ds: Dataset, identity: RadiographIdentity) -> None:
    ds.PatientName = f"PHANTOM^{identity.index:04d}"
    ds.PatientID = f"PHANTOM-{identity.seed}-{identity.index:04d}"
    ds.PatientBirthDate = ""
    ds.PatientSex = identity.sex.value
    ds.PatientAge = f"{identity.age_years:03d}Y"
    ds.StudyInstanceUID = identity.uid("study")
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = DATE
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = TIME
    ds.ReferringPhysicianName = ""
    ds.StudyID = f"{identity.index:04d}"
    ds.AccessionNumber = ""
    ds.StudyDescription = "Chest"


def _add_series_and_equipment(ds: Dataset, identity: RadiographIdentity, encoding: Encoding) -> None:
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = _sop_class(encoding.modality)
    ds.SOPInstanceUID = identity.uid("instance")
    ds.Modality = encoding.modality.value
    ds.SeriesInstanceUID = identity.uid("series")
    ds.SeriesNumber = 1
    ds.SeriesDescription = DESCRIPTION
    ds.BodyPartExamined = "CHEST"
    ds.ViewPosition = identity.projection.value
    ds.Manufacturer = "Tricorder phantoms"
    ds.ManufacturerModelName = identity.manufacturer_model
    ds.SoftwareVersions = "1"


def _add_image(ds: Dataset, identity: RadiographIdentity) -> None:
    ds.InstanceNumber = 1
    ds.ImageComments = DESCRIPTION
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    # Columns run to the patient's left, rows to the feet (PS3.3 C.7.6.1.1.1).
    ds.PatientOrientation = ["L", "F"]
    ds.BurnedInAnnotation = "NO"
    ds.LossyImageCompression = "00"
    ds.QualityControlImage = "YES"
    ds.ImagerPixelSpacing = [identity.spacing_mm, identity.spacing_mm]
    ds.KVP = "120"


def _add_grayscale(ds: Dataset, encoding: Encoding) -> None:
    ds.PhotometricInterpretation = encoding.polarity.value
    ds.RescaleSlope = encoding.slope
    ds.RescaleIntercept = encoding.intercept
    ds.RescaleType = "US"
    centers = [window.center for window in encoding.windows]
    widths = [window.width for window in encoding.windows]
    ds.WindowCenter = centers
    ds.WindowWidth = widths
    ds.WindowCenterWidthExplanation = [window.explanation for window in encoding.windows]


def _add_pixels(ds: Dataset, stored: StoredImage, encoding: Encoding) -> None:
    ds.SamplesPerPixel = 1
    ds.Rows, ds.Columns = stored.shape
    ds.BitsAllocated = 16
    ds.BitsStored = encoding.bits_stored
    ds.HighBit = encoding.bits_stored - 1
    ds.PixelRepresentation = 0
    ds.PixelData = stored.astype("<u2", copy=False).tobytes()


def _add_digital_xray(ds: Dataset, identity: RadiographIdentity) -> None:
    """Add what the DX modules need beyond CR (PS3.3 C.8.11)."""
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.ImageType = ["ORIGINAL", "PRIMARY", ""]
    ds.PixelIntensityRelationship = "LOG"
    ds.PixelIntensityRelationshipSign = 1 if ds.PhotometricInterpretation == "MONOCHROME1" else -1
    ds.PresentationLUTShape = "INVERSE" if ds.PhotometricInterpretation == "MONOCHROME1" else "IDENTITY"
    ds.ImageLaterality = "U"
    ds.AnatomicRegionSequence = _coded(codes.SCT.Chest)
    ds.ViewCodeSequence = _coded(_view_code(identity.projection))
    ds.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence()
    ds.AcquisitionContextSequence = Sequence()
    ds.DetectorType = "DIRECT"
    ds.PositionerType = "NONE"


def _view_code(projection: Projection) -> Code:
    code: Code = {
        Projection.POSTERO_ANTERIOR: codes.SCT.PosteroAnterior,
        Projection.ANTERO_POSTERIOR: codes.SCT.AnteroPosterior,
    }[projection]
    return code


def _coded(code: Code) -> Sequence:
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return Sequence([item])
