"""One patient as training reads volumes: input tensor, what a network should make of it, and what else is known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.filewriter import dcmwrite

from preprocessing.reading import read_dataset


@dataclass(frozen=True, kw_only=True)
class VolumeExample:
    """One patient.

    Attributes:
        tensor: Input tensor, axes (state or time, slice, row, column).
        target: What a network should make of it, the same shape: a share of healthy uptake, or labels.
        facts: What else is true of the patient or needed to measure an answer, by name.
    """

    tensor: NDArray[np.uint16]
    target: NDArray[Any]
    facts: Mapping[str, float]


def as_read(datasets: Iterable[Dataset]) -> tuple[FileDataset, ...]:
    """Write data sets as files in memory and read them back, as a user's own files are."""
    read = []
    for ds in datasets:
        content = BytesIO()
        dcmwrite(content, ds, enforce_file_format=True)
        read.append(read_dataset(content.getvalue()))
    return tuple(read)
