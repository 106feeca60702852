"""Input tensors of models of two volumes of one study, with all that their answers are read by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset

from preprocessing.count_correction import CountCorrection
from preprocessing.frame_masks import ImageFrames
from preprocessing.identity import Identity
from preprocessing.planar_image import PlanarImage
from preprocessing.short_axis import ShortAxis
from preprocessing.source_series import SourceSeries
from preprocessing.unknown import Unknown
from preprocessing.volume import Volume
from specs.mibg import MibgTime
from specs.perfusion_pairing import Role

WireVolumes = NDArray[np.uint16]
"""Two volumes as they travel, axes (state or time, slice, row, column)."""


@dataclass(frozen=True, kw_only=True)
class PreparedPerfusion:
    """Short-axis slices of myocardial perfusion SPECT.

    Attributes:
        identity: UIDs of the study, and of series and instance where both states share them.
        tensor: The input tensor.
        stress: Slices at stress, values as shares of the level of the brightest wall: those of the tensor, on which
            limits of normal are learned.
        rest: The same at rest.
        stress_sources: The images that those at stress come from, without their pixels.
        rest_sources: The same at rest.
        remarks: What a reader should know of how the series were found.
    """

    identity: Identity
    tensor: WireVolumes
    stress: ShortAxis
    rest: ShortAxis
    stress_sources: tuple[FileDataset, ...]
    rest_sources: tuple[FileDataset, ...]
    remarks: tuple[str, ...] = ()

    @property
    def source_series(self) -> tuple[SourceSeries, ...]:
        """The series of both states, stress first."""
        return (_source_series(Role.STRESS, self.stress_sources[0]), _source_series(Role.REST, self.rest_sources[0]))


@dataclass(frozen=True, kw_only=True)
class MibgTimePoint:
    """What was imaged at one time, early or late.

    Attributes:
        volume: Counts of the SPECT volume on the grid of its image, in patient axes.
        source: The image that it comes from, without its pixels.
        frames: Where the frames of that image lie.
        correction: How its counts are corrected for decay, dose and weight.
        decay: How they are corrected for decay alone.
        planar: The anterior planar image of the same time.
    """

    volume: Volume
    source: Dataset
    frames: ImageFrames
    correction: CountCorrection | Unknown
    decay: CountCorrection | Unknown
    planar: PlanarImage | Unknown


@dataclass(frozen=True, kw_only=True)
class PreparedMibg:
    """Early and late volumes of cardiac MIBG SPECT.

    Attributes:
        identity: UIDs of the study, and of series and instance where both times share them.
        tensor: The input tensor.
        early: The early images.
        late: The late ones.
        remarks: What a reader should know of how the volumes were found.
    """

    identity: Identity
    tensor: WireVolumes
    early: MibgTimePoint
    late: MibgTimePoint
    remarks: tuple[str, ...] = ()

    @property
    def source_series(self) -> tuple[SourceSeries, ...]:
        """The series of both times, early first."""
        return (_source_series(MibgTime.EARLY, self.early.source), _source_series(MibgTime.LATE, self.late.source))


def _source_series(volume: Role | MibgTime, ds: Dataset) -> SourceSeries:
    return SourceSeries(volume=volume.value, series_instance_uid=Identity.of(ds).series_instance_uid)


PreparedVolumes = PreparedPerfusion | PreparedMibg
"""What becomes of a study of two volumes that is eligible."""
