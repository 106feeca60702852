"""Values of a grid at any places of the patient."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from preprocessing.grid import Grid
from preprocessing.placed_frames import PATIENT_AXES
from preprocessing.volume import Volume

Points = NDArray[np.float64]
"""Places in the patient, mm, LPS: shape (..., 3)."""
Values = NDArray[np.float64]


def as_grid(volume: Volume) -> Grid:
    """Return a volume as a grid along the axes of the patient; nothing is copied."""
    return Grid(
        values=volume.values,
        directions=PATIENT_AXES,
        spacing_mm=volume.spacing_mm,
        position_mm=volume.position_mm,
        unit=volume.unit,
    )


class Interpolation(IntEnum):
    """Order of the spline."""

    LINEAR = 1
    CUBIC = 3


def sampled(grid: Grid, places_mm: Points, interpolation: Interpolation = Interpolation.LINEAR) -> Values:
    """Interpolate a grid.

    Args:
        grid: Any orientation.
        places_mm: Shape (..., 3), LPS.
        interpolation: Linear is within the range of the neighbors; cubic keeps peaks that are a few voxels wide, and
            may go below 0 beside them.

    Returns:
        Shape (...), the unit of the grid; 0 beyond the centers of its outermost voxels.
    """
    indices = (places_mm - np.array(grid.position_mm)) @ grid.directions.T / np.array(grid.spacing_mm)
    values = ndimage.map_coordinates(
        grid.values, np.moveaxis(indices, -1, 0), output=np.float64, order=int(interpolation), mode="constant", cval=0.0
    )
    return np.asarray(values)


def places_mm(grid: Grid, indices: NDArray[np.float64]) -> Points:
    """Return where voxels are.

    Args:
        grid: Any orientation.
        indices: Shape (..., 3): slice, row, column.
    """
    return np.asarray(np.array(grid.position_mm) + (indices * np.array(grid.spacing_mm)) @ grid.directions)
