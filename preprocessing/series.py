"""The images of one series: from data sets in any order to a series of which every image is there once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from pydicom.dataset import FileDataset

from preprocessing.attributes import texts
from preprocessing.errors import InconsistentSeries, MissingAttribute
from preprocessing.identity import Identity


@dataclass(frozen=True, kw_only=True)
class Series:
    """The data sets of one Series Instance UID, each instance once, in the order of their SOP Instance UIDs.

    So nothing that follows can depend on the order of files. One file, or a copy of it, given twice is harmless.

    `choice` says, where a study has several series that are eligible, why it is this one.
    """

    datasets: tuple[FileDataset, ...]
    choice: str | None = None

    @classmethod
    def of(cls, datasets: Iterable[FileDataset]) -> Self:
        """Collect the data sets of one series.

        Raises:
            MissingAttribute: a data set has no SOP Instance UID.
            InconsistentSeries: there is none, they are of several series or studies, or one SOP Instance UID stands
                for different contents.
        """
        instances: dict[str, FileDataset] = {}
        for ds in datasets:
            uid = Identity.of(ds).sop_instance_uid
            if uid is None:
                raise MissingAttribute(keyword="SOPInstanceUID")
            if instances.setdefault(uid, ds) != ds:
                raise InconsistentSeries(what="one SOP Instance UID stands for two different images")
        identities = {_of_series(ds) for ds in instances.values()}
        if len(identities) != 1:
            raise InconsistentSeries(
                what="its images are of several series or studies" if identities else "it has no image"
            )
        return cls(datasets=tuple(instances[uid] for uid in sorted(instances)))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader of a result should know of how the series was found."""
        return () if self.choice is None else (self.choice,)

    @property
    def identity(self) -> Identity:
        """UIDs of the study and the series."""
        return _of_series(self.datasets[0])


def _of_series(ds: FileDataset) -> Identity:
    identity = Identity.of(ds)
    return Identity(study_instance_uid=identity.study_instance_uid, series_instance_uid=identity.series_instance_uid)


def grouped_by_series(datasets: Iterable[FileDataset]) -> tuple[tuple[FileDataset, ...], ...]:
    """Group data sets by Series Instance UID (0020,000E), groups in the order of that UID.

    A data set without one belongs to no other: it is a group of its own. `Series.of` makes a series of a group, so that
    a group that contradicts itself costs no other one.
    """
    groups: dict[str, list[FileDataset]] = {}
    alone: list[tuple[FileDataset, ...]] = []
    for ds in datasets:
        uid = "".join(texts(ds, "SeriesInstanceUID"))
        if uid:
            groups.setdefault(uid, []).append(ds)
        else:
            alone.append((ds,))
    return (*(tuple(groups[uid]) for uid in sorted(groups)), *alone)
