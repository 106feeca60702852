"""Masks of heart, lungs and liver on the grid of a volume."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

OrganMask = NDArray[np.bool_]
"""What belongs to an organ, axes (slice, row, column) of its volume in patient axes."""


@dataclass(frozen=True, kw_only=True)
class OrganMasks:
    """What belongs to each organ; all of one shape. The lungs are one mask.

    Raises:
        ValueError: the shapes differ.
    """

    heart: OrganMask
    lungs: OrganMask
    liver: OrganMask

    def __post_init__(self) -> None:
        if not self.heart.shape == self.lungs.shape == self.liver.shape:
            raise ValueError("The masks of the organs have different shapes")

    def of(self, organ: Literal["heart", "lungs", "liver"]) -> OrganMask:
        """What belongs to one organ, by its name."""
        mask: OrganMask = getattr(self, organ)
        return mask

    @property
    def any_organ(self) -> OrganMask:
        """What belongs to one of them."""
        organs: OrganMask = self.heart | self.lungs | self.liver
        return organs
