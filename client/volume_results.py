"""What a volume that a model answered with says of a study: measurements, a picture, DICOM objects."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from preprocessing.measurement import Measurement
from preprocessing.organ_masks import OrganMasks


@dataclass(frozen=True, kw_only=True)
class NamedObject:
    """A DICOM object to be delivered.

    Attributes:
        name: What it is, in letters and underscores: a part of its file name, of nothing of the patient.
        ds: The data set, with its file meta information.
    """

    name: str
    ds: Dataset


@dataclass(frozen=True, kw_only=True)
class VolumeResult:
    """What an answer says.

    Attributes:
        summary: For a table, in a few words.
        measurements: All that was measured.
        picture: RGB, shape (row, column, 3), 0 to 255; None where nobody wants it.
        objects: What is written beside the results; none where nobody wants them.
        masks: Of a model of organs those of each volume, on the grid of its image.
    """

    summary: str
    measurements: tuple[Measurement, ...]
    picture: NDArray[np.uint8] | None = None
    objects: tuple[NamedObject, ...] = ()
    masks: tuple[OrganMasks, ...] = ()
