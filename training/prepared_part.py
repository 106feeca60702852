"""One part of a data set as training reads it: pixels that may stay on disk, and what is known of each study."""

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol, Self, overload

import numpy as np
from numpy.typing import NDArray

_HASHED_AT_A_TIME = 256


class Pixels(Protocol):
    """Wire pixels of studies, shape (studies, channel, row, column), taken some at a time."""

    def __len__(self) -> int: ...

    def __getitem__(self, studies: slice, /) -> NDArray[np.uint8]: ...


class ChosenPixels:
    """Some of the images of an array, in an order of its own, read when they are asked for."""

    def __init__(self, stored: NDArray[np.uint8], rows: NDArray[np.intp]) -> None:
        self._stored, self._rows = stored, rows

    @classmethod
    def all_of(cls, stored: NDArray[np.uint8]) -> Self:
        """Take every image, shape (images, channel, row, column)."""
        return cls(stored, np.arange(len(stored)))

    def chosen(self, studies: NDArray[np.intp]) -> "ChosenPixels":
        """Take some of these images; none is copied."""
        return ChosenPixels(self._stored, self._rows[studies])

    @property
    def shape(self) -> tuple[int, ...]:
        """(studies, channel, row, column)."""
        return (len(self._rows), *self._stored.shape[1:])

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, studies: int, /) -> NDArray[np.uint8]: ...

    @overload
    def __getitem__(self, studies: slice, /) -> NDArray[np.uint8]: ...

    def __getitem__(self, studies: int | slice, /) -> NDArray[np.uint8]:
        return self._stored[self._rows[studies]]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self[:], dtype=dtype, copy=copy)


@dataclass(frozen=True, kw_only=True)
class PreparedPart:
    """One part of a data set.

    Attributes:
        name: Name for records.
        seed: Seed of its phantoms, or of the split.
        pixels: As on the wire, shape (studies, 1, row, column).
        truth: Shape (studies,): 1 where the finding is present and 0 where not, or the quantity in its unit.
        measurements: Those of phantoms that a network's spec names, each in its own unit, shape (studies,
            measurements).
    """

    name: str
    seed: int
    pixels: ChosenPixels
    truth: NDArray[np.float32]
    measurements: NDArray[np.float32]

    def chosen(self, studies: NDArray[np.intp], *, name: str) -> "PreparedPart":
        """Take some of the studies, by their numbers, under another name; no pixels are copied."""
        return PreparedPart(
            name=name,
            seed=self.seed,
            pixels=self.pixels.chosen(studies),
            truth=self.truth[studies],
            measurements=self.measurements[studies],
        )

    def sha256(self) -> str:
        """Return a digest of all that training reads; half a second for 10,000 radiographs that are in memory."""
        digest = hashlib.sha256(self.truth.tobytes())
        digest.update(self.measurements.tobytes())
        for start in range(0, len(self.pixels), _HASHED_AT_A_TIME):
            digest.update(self.pixels[start : start + _HASHED_AT_A_TIME].tobytes())
        return digest.hexdigest()
