"""Which inputs a recipe accepts. "Not eligible, because ..." is a value with reasons, never an error."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sr.coding import Code

from preprocessing.attributes import coded_item, is_spacing, whole_number, word
from preprocessing.errors import MissingAttribute
from preprocessing.identity import Identity
from preprocessing.picture import Picture
from specs.coding import CodedConcept
from specs.policy import Policy
from specs.recipe import FrontalChestRadiograph

_SHOWABLE = re.compile(r"[A-Z0-9_-]{1,16}(\\[A-Z0-9_-]{1,16})?|([0-9]{1,16}|[A-Z]-[0-9A-F]{5}) [A-Z0-9]{1,16}")
"""What of a header may stand in a reason: one code string, or a code (SNOMED's, new or old) and its scheme; other text
may name a patient."""

_FOR_PROCESSING = frozenset(
    {
        uid.DigitalXRayImageStorageForProcessing,
        uid.DigitalMammographyXRayImageStorageForProcessing,
        uid.DigitalIntraOralXRayImageStorageForProcessing,
    }
)

_SECONDARY_CAPTURE = frozenset(
    {
        uid.SecondaryCaptureImageStorage,
        uid.MultiFrameSingleBitSecondaryCaptureImageStorage,
        uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
        uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
        uid.MultiFrameTrueColorSecondaryCaptureImageStorage,
    }
)


@dataclass(frozen=True, kw_only=True)
class NotEligible:
    """A correct refusal: the input is sound, but not one that the recipe may score."""

    identity: Identity
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """All reasons in one line."""
        return "; ".join(self.reasons)


def chest_radiograph_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> tuple[str, ...]:
    """Say from the header alone why a recipe refuses a data set; empty where it does not.

    Raises:
        MissingAttribute: the data set has no Modality, or is of an accepted one and has no pixel data. Every image
            has both, so this one was cut short; "not stated" would pass it off as a correct refusal.

    Source:
        Attributes of PS3.3 C.7.3.1 (General Series), C.7.6.1 (General Image), C.8.1.1 (CR Series), C.8.11 (DX),
        C.12.1 (SOP Common), 10.7 (Basic Pixel Spacing). Which values are accepted: the recipe.
    """
    if "DirectoryRecordSequence" in ds:  # PS3.3 F.3.2.2; the files that it lists are inputs of their own
        return ("it is a DICOMDIR, an index of other files",)
    modality = word(ds, "Modality")
    if not modality:
        raise MissingAttribute(keyword="Modality")
    if modality in recipe.modalities and not ds.get("PixelData"):
        raise MissingAttribute(keyword="PixelData")
    return tuple(_header_reasons(ds, recipe))


def _header_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> Iterator[str]:
    modality = word(ds, "Modality")
    if modality not in recipe.modalities:
        yield f"modality is {shown(modality)}, not {_any_of(recipe.modalities)}"
    yield from _body_part_reasons(ds, recipe)
    yield from _view_reasons(ds, recipe)
    if word(ds, "BurnedInAnnotation") == "YES" and recipe.burned_in_annotation is Policy.REFUSE:
        yield "burned-in annotation is YES: the pixels may name the patient"
    if _is_for_processing(ds) and recipe.for_processing is Policy.REFUSE:
        yield "presentation intent is FOR PROCESSING: raw detector values, not an image to read"
    yield from _origin_reasons(ds, recipe)
    yield from _matrix_reasons(ds, recipe)


def _origin_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> Iterator[str]:
    pixel_data_characteristics = word(ds, "ImageType").split("\\")[0]  # PS3.3 C.7.6.1.1.2
    if pixel_data_characteristics == "DERIVED" and recipe.derived is Policy.REFUSE:
        yield "image type is DERIVED: pixels computed from those of other images"
    if _sop_class(ds) in _SECONDARY_CAPTURE and recipe.secondary_capture is Policy.REFUSE:
        yield "it is a secondary capture: a copy that need not be what the detector gave"
    has_spacing = is_spacing(ds, "PixelSpacing") or is_spacing(ds, "ImagerPixelSpacing")
    if not has_spacing and recipe.missing_pixel_spacing is Policy.REFUSE:
        yield "pixel spacing is not stated, or not above zero"


def _is_for_processing(ds: Dataset) -> bool:
    """Tell whether Presentation Intent Type or the SOP Class, which repeats it (PS3.3 C.8.11.1), says so."""
    return word(ds, "PresentationIntentType") == "FOR PROCESSING" or _sop_class(ds) in _FOR_PROCESSING


def _sop_class(ds: Dataset) -> str:
    """Return the SOP Class UID; of a data set without one, which breaks PS3.3 C.12.1, what its file says of it.

    Both are the same in a sound file (PS3.10 7.1). Where they differ, the object is believed and not its envelope,
    which is written anew at each transfer.
    """
    return word(ds, "SOPClassUID") or word(getattr(ds, "file_meta", Dataset()), "MediaStorageSOPClassUID")


def _body_part_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> Iterator[str]:
    body_part = word(ds, "BodyPartExamined")
    region = coded_item(ds, "AnatomicRegionSequence")
    if body_part:
        if re.sub(r"[ _-]", "", body_part) not in recipe.body_parts:
            yield f"body part is {shown(body_part)}, not {recipe.body_parts[0]}"
    elif region:
        if not _is_among(region, recipe.anatomic_regions):
            yield f"anatomic region is the code {shown_code(region)}, not one of the chest"
    elif recipe.unknown_body_part is Policy.REFUSE:
        yield "body part is not stated"


def _view_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> Iterator[str]:
    position = word(ds, "ViewPosition")
    view = coded_item(ds, "ViewCodeSequence")
    if position:
        if position not in recipe.view_positions:
            yield f"view position is {shown(position)}, not {_any_of(recipe.view_positions)}"
    elif view:
        if not _is_among(view, recipe.view_codes):
            yield f"view is the code {shown_code(view)}, not {_any_of(recipe.view_positions)}"
    elif recipe.unknown_view_position is Policy.REFUSE:
        yield "view position is not stated"


def _matrix_reasons(ds: Dataset, recipe: FrontalChestRadiograph) -> Iterator[str]:
    frames = whole_number(ds, "NumberOfFrames")
    if frames not in (None, 0, 1):  # some writers put 0 for one
        yield f"it has {frames} frames, not one"
    samples = whole_number(ds, "SamplesPerPixel")
    if samples not in (None, 1, 3):  # three that are gray in every pixel are accepted: `preprocessing/color.py`
        yield f"it has {samples} samples a pixel, neither one gray value nor three colors"
    if _is_stretched(ds):
        yield "the pixels are not square"
    rows, columns = whole_number(ds, "Rows"), whole_number(ds, "Columns")
    if rows is not None and columns is not None:
        yield from _size_reasons((rows, columns), recipe)


def _size_reasons(matrix: tuple[int, int], recipe: FrontalChestRadiograph) -> Iterator[str]:
    rows, columns = matrix
    least_rows, least_columns = recipe.smallest_matrix
    if rows < least_rows or columns < least_columns:
        yield f"the matrix is {rows} x {columns}, smaller than {least_rows} x {least_columns}"
    if rows * columns > recipe.largest_matrix_pixels:
        yield f"the matrix is {rows} x {columns}, more than {recipe.largest_matrix_pixels} pixels"


def picture_reasons(picture: Picture, recipe: FrontalChestRadiograph) -> tuple[str, ...]:
    """Say from the header of a PNG or JPEG file why a recipe refuses it; empty where it does not."""
    if recipe.pictures is Policy.REFUSE:
        return (f"it is a {picture.format} file, which does not say what it shows",)
    return tuple(_size_reasons(picture.matrix, recipe))


def shown(value: str) -> str:
    """Write a code string of a header in a reason; other text is not repeated, for it may name a patient."""
    if not value:
        return "not stated"
    return value if _SHOWABLE.fullmatch(value) else "a value that is not a code string"


def _any_of(accepted: tuple[str, ...]) -> str:
    return " or ".join(accepted)


def _is_among(code: Code, accepted: tuple[CodedConcept, ...]) -> bool:
    return any(code == Code(concept.value, concept.scheme, concept.meaning) for concept in accepted)


def shown_code(code: Code) -> str:
    """Write a code by its value: its meaning may be free text."""
    return shown(f"{code.value} {code.scheme_designator}")


def _is_stretched(ds: Dataset) -> bool:
    """Tell whether Pixel Aspect Ratio (PS3.3 C.7.6.3.1.7) is there and not 1:1."""
    sides = ds.get("PixelAspectRatio")
    return isinstance(sides, MultiValue) and len(sides) == 2 and sides[0] != sides[1]
