"""Prepared pixels on disk: one file of images end to end, and a journal of whose they are."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from specs.tensors import Tensor
from training.datasets.errors import NoRoomForPixels


class ImageStore:
    """Images in the order in which they were added, found by a key.

    The pixels of several images are written before the journal's line for them, so a line that is whole stands for
    pixels that are: what a run that was killed left behind them is cut off.
    """

    def __init__(self, folder: Path, tensor: Tensor) -> None:
        self._tensor = tensor
        self._pixels, self._journal = folder / "pixels.bin", folder / "journal.jsonl"
        self.rows: dict[str, int] = {}
        whole_lines_bytes = 0
        for line in self._journal.read_bytes().splitlines(keepends=True) if self._journal.exists() else ():
            if not line.endswith(b"\n"):
                break
            whole_lines_bytes += len(line)
            self._count(json.loads(line))
        for file, length_bytes in ((self._journal, whole_lines_bytes), (self._pixels, len(self.rows) * tensor.size)):
            with file.open("ab") as open_file:
                open_file.truncate(length_bytes)

    def require_room(self, images: int) -> None:
        """Check that so many images more fit on the disk.

        Raises:
            NoRoomForPixels: they do not.
        """
        needed_bytes, free_bytes = images * self._tensor.size, shutil.disk_usage(self._pixels.parent).free
        if needed_bytes > free_bytes:
            raise NoRoomForPixels(needed_bytes=needed_bytes, free_bytes=free_bytes)

    def add(self, images: Mapping[str, NDArray[np.uint8]]) -> None:
        """Append images, each of the tensor's shape."""
        with self._pixels.open("ab") as file:
            file.write(b"".join(pixels.tobytes() for pixels in images.values()))
        with self._journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(list(images)) + "\n")
        self._count(list(images))

    def pixels(self) -> NDArray[np.uint8]:
        """Map all images, shape (images, channel, row, column); what is written to the array stays in memory."""
        shape = (len(self.rows), *self._tensor.shape)
        if not self.rows:
            return np.empty(shape, dtype=np.uint8)  # an empty file cannot be mapped
        return np.memmap(self._pixels, dtype=np.uint8, mode="c", shape=shape)

    def _count(self, keys: list[str]) -> None:
        self.rows.update(zip(keys, range(len(self.rows), len(self.rows) + len(keys)), strict=True))
