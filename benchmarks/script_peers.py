"""Peers from files to answers: what published example scripts do, and the same with PyTorch's own means of speed.

Needs the training tools (torch). Both read and decode with pydicom's defaults, carry out its grayscale functions on the
full matrix, and resize once; they differ from the client in how, not in what.
"""

import time
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import pydicom
import torch
from numpy.typing import NDArray
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from benchmarks.passes import Window
from client.sources import Source
from preprocessing.processors import available_processors
from specs.recipe import CHEST_RADIOGRAPH_320

BATCH = 16

Network = Callable[[torch.Tensor], tuple[torch.Tensor, ...]]
"""From wire pixels, axes (batch, channel, row, column), to the answer first."""


def prepared_by_pydicom(source: Source) -> NDArray[np.uint8]:
    """Read, decode and prepare a file with pydicom, on the full matrix.

    Returns:
        The input tensor of the recipe, axes (channel, row, column), 0 (black) to 255 (white).
    """
    ds = pydicom.dcmread(source.path)
    displayed = apply_voi_lut(apply_modality_lut(ds.pixel_array, ds), ds).astype(np.float32)
    displayed -= displayed.min()
    displayed /= max(float(displayed.max()), 1.0)
    if ds.PhotometricInterpretation == "MONOCHROME1":
        displayed = 1 - displayed
    _, rows, columns = CHEST_RADIOGRAPH_320.pixels.shape
    scale = min(rows / displayed.shape[0], columns / displayed.shape[1])
    height, width = (round(side * scale) for side in displayed.shape)
    small = np.asarray(cv2.resize(displayed, (width, height), interpolation=cv2.INTER_AREA))
    tensor = np.zeros((1, rows, columns), dtype=np.uint8)
    top, left = (rows - height) // 2, (columns - width) // 2
    tensor[0, top : top + height, left : left + width] = np.rint(255 * small)
    return tensor


def eager_loop(sources: Sequence[Source], network: Network, window: Window) -> list[float]:
    """Take one file after the other through PyTorch eager; returns when each was done, s since the start."""
    done_s, origin_s = [], time.perf_counter()
    with torch.inference_mode():
        for source in window.repeated(sources):
            float(network(torch.from_numpy(prepared_by_pydicom(source))[None])[0])
            done_s.append(time.perf_counter() - origin_s)
    return done_s


def compiled_loader_rate_per_s(sources: Sequence[Source], compiled: Network, window: Window) -> float:
    """Prepare in the workers of a DataLoader, one a processor, and run batches through torch.compile; studies a second.

    Counted from the first batch of every worker to the last one of every worker, for batches of several workers come
    together. The network is compiled before the time runs.

    Args:
        sources: Files, over and over.
        compiled: The network, compiled when it is first called.
        window: The pass ends once a round is complete and its end has come.
    """
    workers = available_processors()
    loader = DataLoader(_Repeated(sources), batch_size=BATCH, num_workers=workers, multiprocessing_context="forkserver")
    counted_from_s = 0.0
    with torch.inference_mode():
        compiled(torch.zeros((BATCH, *CHEST_RADIOGRAPH_320.pixels.shape), dtype=torch.uint8))
        origin_s = time.perf_counter()
        for number, batch in enumerate(loader, start=1):
            compiled(batch)[0].tolist()
            now_s = time.perf_counter() - origin_s
            if number == workers:
                counted_from_s = now_s
            if now_s >= window.end_s and number > workers and number % workers == 0:
                return BATCH * (number - workers) / (now_s - counted_from_s)
    raise AssertionError("the loader has no end")


class _Repeated(IterableDataset[torch.Tensor]):
    """Files over and over without an end, each worker its share."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def __iter__(self) -> Iterator[torch.Tensor]:
        worker = get_worker_info()
        number, count = (worker.id, worker.num_workers) if worker else (0, 1)
        while True:
            for source in (self._sources[number::count]) or self._sources:
                yield torch.from_numpy(prepared_by_pydicom(source))
