"""Values of a grid at any places of the patient."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from preprocessing.grid import Grid
from preprocessing.placed_frames import PATIENT_AXES
from preprocessing.volume import Volume

Points = NDArray[np.float64]
"""Places in the patient, mm, LPS: shape (..., 3)."""
Values = NDArray[np.float64]
SplineOrder = Literal[1, 3]
LINEAR: Final = 1
CUBIC: Final = 3


def as_grid(volume: Volume) -> Grid:
    """Return a volume as a grid along the axes of the patient; nothing is copied."""
    return Grid(
        values=volume.values,
        directions=PATIENT_AXES,
        spacing_mm=volume.spacing_mm,
        position_mm=volume.position_mm,
        unit=volume.unit,
    )


def sampled(grid: Grid, places_mm: Points, order: SplineOrder = LINEAR) -> Values:
    """Interpolate a grid.

    Args:
        grid: Any orientation.
        places_mm: Shape (..., 3), LPS.
        order: Linear is within the range of the neighbors; cubic keeps peaks that are a few voxels wide, and
            may go below 0 beside them.

    Returns:
        Shape (...), the unit of the grid; 0 beyond the centers of its outermost voxels.
    """
    indices = (places_mm - np.array(grid.position_mm)) @ grid.directions.T / np.array(grid.spacing_mm)
    places: NDArray[np.float64] = np.moveaxis(indices, -1, 0)
    return np.asarray(ndimage.map_coordinates(grid.values, places, output=np.float64, order=order))


def places_mm(grid: Grid, indices: NDArray[np.float64]) -> Points:
    """Return where voxels are.

    Args:
        grid: Any orientation.
        indices: Shape (..., 3): slice, row, column.
    """
    return np.asarray(np.array(grid.position_mm) + (indices * np.array(grid.spacing_mm)) @ grid.directions)
