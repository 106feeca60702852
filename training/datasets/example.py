"""An image with what is known of it: the one form that every data set is read into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from phantoms import LesionSite


class ImageFormat(StrEnum):
    """How the bytes of an image are read."""

    SELF_DESCRIBING = "self_describing"  # DICOM, PNG or JPEG, told by its first bytes
    JSRT_RAW = "jsrt_raw"


@dataclass(frozen=True, kw_only=True)
class ImageFile:
    """Where an image is, or the files of a study; the path may name a patient and is never shown."""

    path: Path = field(repr=False)
    format: ImageFormat = ImageFormat.SELF_DESCRIBING


@dataclass(frozen=True, kw_only=True)
class Example:
    """A labeled image or study.

    Attributes:
        name: How a table of results names it: the published file name, or its line of a manifest.
        image: The file; of a study its folder, or its one file.
        patient: Opaque; says which images may not be torn apart by a split, and is never shown.
        value: The target: 1 or 0 for a finding, the number in the target's unit for a quantity.
        view: "PA" or "AP" as the data set says; None where it says nothing.
        sex: "F", "M" or "O" as the data set says; None where it says nothing.
        age_years: Age as the data set says; None where it says nothing.
        site: Where it was taken, in the words of the data set, which reports show; None where it says nothing.
        lesion_sites: Where lesions of the disease are, as the data set says; None where it says nothing.
        published_test: Whether the publisher's own list has it in the test part.
    """

    name: str
    image: ImageFile
    patient: str = field(repr=False)
    value: float
    view: str | None = None
    sex: str | None = None
    age_years: float | None = None
    site: str | None = None
    lesion_sites: frozenset[LesionSite] | None = None
    published_test: bool = False


@dataclass(frozen=True, kw_only=True)
class LabeledSet:
    """A data set as read for one target.

    Attributes:
        name: Name for records.
        description: One sentence for records.
        examples: Every image that has the target and is in the folder; of a manifest, every row that has the target.
        left_out: Number of images that are not among them, by reason.
        modality: Modality (0008,0060) of the studies; None where each example is one image.
    """

    name: str
    description: str
    examples: tuple[Example, ...]
    left_out: Mapping[str, int]
    modality: str | None = None
