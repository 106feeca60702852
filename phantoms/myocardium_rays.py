"""Rays through slices of a phantom of myocardial perfusion, to a detector that stands at an angle."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Slice = NDArray[np.float32]
"""Axes (row, column): front to back, right to left of the patient."""

PER_MM: Final = 0.0138
"""Attenuation of 140 keV in tissue, between that of a broad beam, 0.12 per cm, and of a narrow one, 0.15."""
_FLAGS: Final = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


@dataclass(frozen=True, kw_only=True)
class HalfTurn:
    """Slices turned so that their rows run away from a detector, and their columns as it sees them from outside.

    Attributes:
        shape: Of a volume of the slices.
        angle: Of the detector, from the patient's front to the left, radians.
    """

    shape: tuple[int, ...]
    angle: float

    @cached_property
    def side(self) -> int:
        """Rows and columns of a turned slice: it holds the whole slice, and its middle column is of the same kind."""
        side = math.ceil(math.hypot(*self.shape[1:]))
        return side + (side - self.shape[2]) % 2

    def forth(self, image: Slice) -> Slice:
        """Turn a slice, linearly interpolated, 0 outside."""
        matrix = np.column_stack([self._turn, self._own_middle - self._turn @ self._middle])
        return np.asarray(cv2.warpAffine(image, matrix, (self.side, self.side), flags=_FLAGS), np.float32)

    def back(self, turned: Slice) -> Slice:
        """Turn a slice back."""
        _, rows, columns = self.shape
        matrix = np.column_stack([self._turn.T, self._middle - self._turn.T @ self._own_middle])
        return np.asarray(cv2.warpAffine(turned, matrix, (columns, rows), flags=_FLAGS), np.float32)

    @property
    def _turn(self) -> NDArray[np.float64]:
        """Where the columns and the rows of a turned slice go, in (column, row) of the slice."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.array([[cos, -sin], [sin, cos]])

    @property
    def _middle(self) -> NDArray[np.float64]:
        return np.full(2, (self.side - 1) / 2)

    @property
    def _own_middle(self) -> NDArray[np.float64]:
        return (np.array(self.shape[:0:-1]) - 1) / 2


def passed(density: Slice) -> Slice:
    """Return how much of a turned slice lies between each pixel and the detector, half of its own included."""
    return np.asarray(np.cumsum(density, axis=0) - density / 2, np.float32)
