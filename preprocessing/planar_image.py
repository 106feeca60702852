"""An anterior planar image of the chest, read from an NM image: its counts, the size of a pixel, its collimator."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.sr.codedict import codes

from preprocessing.attributes import coded_item, items, numbers, texts, whole_number, word
from preprocessing.eligibility import NotEligible, shown
from preprocessing.errors import InvalidAttribute, MissingAttribute
from preprocessing.frames import frame_count, stored_frames
from preprocessing.identity import Identity

PlanarCounts = NDArray[np.float32]
"""Counts of pixels, axes (row, column): head to feet, the patient's right to left."""


@dataclass(frozen=True, kw_only=True)
class PlanarImage:
    """What a camera in front of the patient counted.

    Attributes:
        counts: Axes (row, column): head to feet, the patient's right to left.
        pixel_mm: Distances of rows and of columns.
        collimator: Collimator/Grid Name (0018,1180) in capitals without marks; empty where it is not stated.
    """

    counts: PlanarCounts
    pixel_mm: tuple[float, float]
    collimator: str


def read_planar(ds: FileDataset) -> PlanarImage | NotEligible:
    """Read the anterior frame of a static NM image, or say why it has none.

    Frames are told apart by detector and energy window. An anterior view has the patient's right at the left: its code
    is asked for, and what turns a displayed image (PS3.3 C.8.4.11) is not looked at.

    Raises:
        InputError: the image is of the accepted kind but broken.

    Source:
        PS3.3 C.8.4.9 (image type), C.8.4.11 (detector, view code of CID 26), C.8.4.8 (what frames are numbered by).
    """
    reasons = tuple(_reasons(ds))
    if reasons:
        return NotEligible(identity=Identity.of(ds), reasons=reasons)
    (frame,) = _anterior_frames(ds)
    pixel_mm = numbers(ds, "PixelSpacing", count=2)
    if pixel_mm is None:
        raise MissingAttribute(keyword="PixelSpacing")
    if min(pixel_mm) <= 0:
        raise InvalidAttribute(keyword="PixelSpacing")
    detector = _detectors(ds)[_number(ds, "DetectorVector", frame) - 1]
    return PlanarImage(
        counts=stored_frames(ds)[frame].astype(np.float32),
        pixel_mm=(pixel_mm[0], pixel_mm[1]),
        collimator=re.sub(r"[^A-Z0-9]", "", word(detector, "CollimatorGridName")),
    )


def _reasons(ds: Dataset) -> Iterator[str]:
    modality = word(ds, "Modality")
    if modality != "NM":
        yield f"modality is {shown(modality)}, not NM"
        return
    kinds = [text.strip().upper() for text in texts(ds, "ImageType")]
    if kinds[2:3] != ["STATIC"]:
        yield "image type does not say that it is a static planar image (STATIC)"
    if kinds[:1] == ["DERIVED"]:
        yield "image type is DERIVED: pixels computed from those of other images"
    if whole_number(ds, "SamplesPerPixel") not in (None, 1):
        yield "it has colors: a picture, not counts"
    frames = _anterior_frames(ds)
    if not frames:
        yield "none of its frames is said to be an anterior view"
    elif len(frames) > 1:
        yield f"{len(frames)} of its frames are anterior views, and nothing declared tells which is meant"


def _anterior_frames(ds: Dataset) -> list[int]:
    detectors = _detectors(ds)
    found = []
    for frame in range(frame_count(ds)):
        number = _number(ds, "DetectorVector", frame)
        if 1 <= number <= len(detectors):
            view = coded_item(detectors[number - 1], "ViewCodeSequence")
            if view is not None and view == codes.cid26.AnteriorProjection:
                found.append(frame)
    return found


def _detectors(ds: Dataset) -> tuple[Dataset, ...]:
    return items(ds, "DetectorInformationSequence")


def _number(ds: Dataset, keyword: str, frame: int) -> int:
    """Return what a vector numbers a frame by, from 1; 1 where there is none."""
    vector = numbers(ds, keyword, count=frame_count(ds))
    return 1 if vector is None else int(vector[frame])
