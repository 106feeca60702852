"""Preparing: stored pixels of a large radiograph to the input tensor, against pydicom's functions on the full matrix.

tricorder bench preparing --out benchmarks/records/preparing.json
"""

import statistics
import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut

from benchmarks.machine import Machine
from benchmarks.scenario import deliver_record, scenario_parser
from preprocessing.area_average import reduced
from preprocessing.grayscale import displayed_pixels
from specs.declared import Declared
from specs.recipe import CHEST_RADIOGRAPH_320

ROWS, COLUMNS = 3000, 2500
WINDOWS = {"LINEAR": (32768.0, 65536.0), "SIGMOID": (20000.0, 30000.0)}
"""VOI LUT Function to center and width: one that nothing clips, and one that is no straight line."""

Prepare = Callable[[NDArray[np.uint16], Dataset], NDArray[np.uint8]]


class Comparison(Declared):
    """Medians of one kind of window, and the largest difference of the two results in gray levels of 255."""

    ours_ms: float
    pydicom_ms: float
    ratio: float
    largest_difference: int


class PreparingRecord(Declared):
    """One run: both ways alternate, so that a noisy neighbor meets both."""

    scenario: str = "preparing"
    machine: Machine
    rows: int
    columns: int
    repetitions: int
    comparisons: dict[str, Comparison]


def measure(*, repetitions: int) -> PreparingRecord:
    """Time both ways on one 16-bit image for each kind of window, warm."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 65536, (ROWS // 10, COLUMNS // 10), dtype=np.uint16)
    stored = np.asarray(cv2.resize(coarse, (COLUMNS, ROWS), interpolation=cv2.INTER_LINEAR), dtype=np.uint16)
    return PreparingRecord(
        machine=Machine.here(),
        rows=ROWS,
        columns=COLUMNS,
        repetitions=repetitions,
        comparisons={name: _compare(stored, _header(name), repetitions) for name in WINDOWS},
    )


def prepare_with_pydicom(stored: NDArray[np.uint16], ds: Dataset) -> NDArray[np.uint8]:
    """Carry out the chain as published scripts do: every step on the full matrix, then the same resize."""
    displayed = 65535.0 - apply_voi_lut(apply_modality_lut(stored, ds), ds)
    _, rows, columns = CHEST_RADIOGRAPH_320.pixels.shape
    scale = min(rows / ROWS, columns / COLUMNS)
    size = (round(COLUMNS * scale), round(ROWS * scale))
    small = np.asarray(cv2.resize(displayed, size, interpolation=cv2.INTER_AREA))
    result: NDArray[np.uint8] = np.rint(small / 257).astype(np.uint8)
    return result


def prepare_with_ours(stored: NDArray[np.uint16], ds: Dataset) -> NDArray[np.uint8]:
    """Carry out the chain as the client does."""
    return reduced(displayed_pixels(stored, ds, no_window=CHEST_RADIOGRAPH_320.no_window), CHEST_RADIOGRAPH_320)


def _header(function: str) -> Dataset:
    ds = Dataset()
    ds.PhotometricInterpretation = "MONOCHROME1"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.PixelRepresentation = 0
    ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    ds.WindowCenter, ds.WindowWidth = WINDOWS[function]
    ds.VOILUTFunction = function
    return ds


def _compare(stored: NDArray[np.uint16], ds: Dataset, repetitions: int) -> Comparison:
    ways: tuple[Prepare, Prepare] = (prepare_with_ours, prepare_with_pydicom)
    results = [way(stored, ds).astype(int) for way in ways]  # the warm-up
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repetitions):
        for way, taken in zip(ways, times, strict=True):
            started_s = time.perf_counter()
            way(stored, ds)
            taken.append(1e3 * (time.perf_counter() - started_s))
    ours_ms, pydicom_ms = (statistics.median(taken) for taken in times)
    return Comparison(
        ours_ms=ours_ms,
        pydicom_ms=pydicom_ms,
        ratio=pydicom_ms / ours_ms,
        largest_difference=int(np.abs(results[0] - results[1]).max()),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the scenario from the command line."""
    parser = scenario_parser(__doc__, repetitions=15)
    given = parser.parse_args(arguments)
    deliver_record(measure(repetitions=given.repetitions), given.out)


if __name__ == "__main__":
    main()
