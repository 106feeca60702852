"""Raw projections of a phantom of myocardial perfusion: what the camera counts over half a turn."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from phantoms.myocardium_rays import PER_MM, HalfTurn, passed
from phantoms.nuclear_dicom import StoredCounts
from phantoms.pet_shapes import FloatVolume

VIEWS: Final = 60
STEP_DEG: Final = 3.0
START_DEG: Final = 225.0
"""Of the detector as PS3.3 C.8.4.11 has it: 0 at the back, 90 at the left, so that the turn goes, clockwise, from 45
degrees right anterior oblique to 45 degrees left posterior oblique. Numbers of views are our choice."""
_COUNTS: Final = 5.0 / VIEWS
"""Counts of a view for each that a reconstructed voxel has: our choice, some 100 where the wall is seen edge on."""


@dataclass(frozen=True, kw_only=True)
class ViewPlaces:
    """Where the pixels of views lie.

    Attributes:
        pixel_mm: Side of a pixel.
        highest_mm: Height of the first row, LPS.
    """

    pixel_mm: float
    highest_mm: float


def project(rng: np.random.Generator, sent: FloatVolume, *, density: FloatVolume, spacing_mm: float) -> StoredCounts:
    """Project a volume onto a detector that turns about its middle.

    Args:
        rng: Of the noise.
        sent: Counts that each voxel sends, blurred by the collimator, axes (slice, row, column).
        density: Of what attenuates, the same shape.
        spacing_mm: Side of a voxel.

    Returns:
        Poisson counts, axes (view, row, column), rows head to feet; as many columns as `sent` has.
    """
    path = np.float32(-PER_MM * spacing_mm)
    columns = sent.shape[2]
    views = np.empty((VIEWS, sent.shape[0], columns), np.float32)
    for index in range(VIEWS):
        turn = HalfTurn(shape=sent.shape, angle=math.radians(180 - START_DEG + STEP_DEG * index))
        first = (turn.side - columns) // 2
        for place, (image, attenuating) in enumerate(zip(sent, density, strict=True)):
            reached = turn.forth(image) * np.exp(path * passed(turn.forth(attenuating)))
            views[index, -1 - place] = reached.sum(axis=0)[first : first + columns]
    return np.asarray(rng.poisson(np.maximum(views, 0) * _COUNTS), np.uint16)
