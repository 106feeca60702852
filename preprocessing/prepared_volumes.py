"""Input tensors of models of two volumes of one study, with all that their answers are read by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from preprocessing.identity import Identity
from preprocessing.short_axis import ShortAxis
from preprocessing.volume import Volume

WireVolumes = NDArray[np.uint16]
"""Two volumes as they travel, axes (state or time, slice, row, column)."""


@dataclass(frozen=True, kw_only=True)
class PreparedPerfusion:
    """Short-axis slices of myocardial perfusion SPECT.

    Attributes:
        identity: UIDs of the study, and of series and instance where both states share them.
        tensor: The input tensor.
        stress: Slices at stress, values as shares of the level of the brightest wall.
        rest: The same at rest.
        stress_sources: The images that those at stress come from, without their pixels.
        rest_sources: The same at rest.
    """

    identity: Identity
    tensor: WireVolumes
    stress: ShortAxis
    rest: ShortAxis
    stress_sources: tuple[FileDataset, ...]
    rest_sources: tuple[FileDataset, ...]


@dataclass(frozen=True, kw_only=True)
class PreparedMibg:
    """Early and late volumes of cardiac MIBG SPECT.

    Attributes:
        identity: UIDs of the study, and of series and instance where both times share them.
        tensor: The input tensor.
        early: Counts of the early volume on the grid of its image, in patient axes.
        late: The same of the late one.
        sources: The images that they come from, early first, without their pixels.
    """

    identity: Identity
    tensor: WireVolumes
    early: Volume
    late: Volume
    sources: tuple[FileDataset, FileDataset]


PreparedVolumes = PreparedPerfusion | PreparedMibg
"""What becomes of a study of two volumes that is eligible."""
