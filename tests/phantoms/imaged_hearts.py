"""A few phantoms of myocardial perfusion that are imaged, and their segments as the client measures them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from evaluation.polar_map import polar_map, segment_values
from phantoms import PerfusionPhantom, PerfusionState, PlacedVolume, Site, perfusion_phantom
from preprocessing.grid import Grid
from preprocessing.left_ventricle import LeftVentricle
from preprocessing.sampling import as_grid
from preprocessing.short_axis import short_axis
from preprocessing.volume import Volume
from specs.left_ventricle import SHORT_AXIS_48
from specs.myocardial_segments import PERFUSION_MAP


@cache
def imaged(index: int) -> PerfusionPhantom:
    """Return one of the people who are imaged, half of them at each site."""
    return perfusion_phantom(seed=11, index=index, site=list(Site)[index % 2])


def gridded(volume: PlacedVolume) -> Grid:
    placed = Volume(values=volume.values, spacing_mm=volume.spacing_mm, position_mm=volume.position_mm, unit="CNTS")
    return as_grid(placed)


def true_ventricle(phantom: PerfusionPhantom, state: PerfusionState) -> LeftVentricle:
    true = phantom.ventricle(state)
    return LeftVentricle(
        center_mm=true.center_mm,
        axis=true.axis,
        apex_mm=true.apex_mm,
        base_mm=true.base_mm,
        radius_mm=true.radius_mm,
    )


def measured_percent(volume: PlacedVolume, ventricle: LeftVentricle) -> NDArray[np.float64]:
    """Measure the segments as the client does, % of the highest one."""
    slices = short_axis(gridded(volume), ventricle, SHORT_AXIS_48)
    values = segment_values(polar_map(slices, PERFUSION_MAP), PERFUSION_MAP)
    return np.asarray(100 * values / values.max())
