"""How a patient stands before the detector: projection, rotation, depth of breath, distance, matrix."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from phantoms.shapes import DetectorGrid
from phantoms.sites import Habits
from phantoms.truth import Projection

HEART_MAGNIFICATION: Final = {Projection.POSTERO_ANTERIOR: 1.0, Projection.ANTERO_POSTERIOR: 1.10}
"""The heart lies in front: in an AP view it is farther from the detector and larger. Our choice."""


@dataclass(frozen=True, kw_only=True)
class View:
    """Positioning of one exposure.

    Attributes:
        projection: PA or AP.
        rotation_deg: Rotation about the body's long axis; structures in front of the spine move sideways.
        elevation_mm: How much higher than in full inspiration the diaphragm stands, 0 to 45.
        grid: The detector and the patient's place on it.
    """

    projection: Projection
    rotation_deg: float
    elevation_mm: float
    grid: DetectorGrid

    def shift_mm(self, depth_mm: float) -> float:
        """Return how far rotation moves a structure sideways.

        Args:
            depth_mm: How far the structure lies in front of the middle of the trunk; negative behind it.
        """
        return depth_mm * math.sin(math.radians(self.rotation_deg))


def draw_view(rng: np.random.Generator, habits: Habits) -> View:
    """Draw the positioning of one exposure; it does not depend on the patient.

    Source:
        Our choice throughout.
    """
    projection = Projection.ANTERO_POSTERIOR if rng.random() < habits.antero_posterior else Projection.POSTERO_ANTERIOR
    supine = projection is Projection.ANTERO_POSTERIOR
    elevation_mm = float(np.clip(rng.gamma(2.0, 7.0) + (8 if supine else 0), 0, 45))
    return View(
        projection=projection,
        rotation_deg=float(np.clip(rng.normal(0, 4.5 if supine else 3.0), -10, 10)),
        elevation_mm=elevation_mm,
        grid=_draw_grid(rng, habits, elevation_mm),
    )


def _draw_grid(rng: np.random.Generator, habits: Habits, elevation_mm: float) -> DetectorGrid:
    least, greatest = habits.rows
    rows = int(rng.integers(least, greatest + 1))
    columns = int(np.clip(round(rows * rng.uniform(0.82, 1.18)), least, greatest))
    field_mm = float(np.clip(rng.normal(372, 22), 325, 430))
    spacing_mm = round(field_mm / min(math.sqrt(rows * columns), rows), 4)
    carina_row_mm = -38 + 0.3 * elevation_mm + float(rng.normal(0, 15))
    return DetectorGrid(
        rows=rows,
        columns=columns,
        spacing_mm=spacing_mm,
        carina_row=rows / 2 + carina_row_mm / spacing_mm,
        carina_column=columns / 2 + float(rng.normal(0, 13)) / spacing_mm,
        tilt_rad=math.radians(float(np.clip(rng.normal(0, 1.6), -4, 4))),
    )
