"""Uptake of the 17 segments in arrays of short-axis slices of many patients, from where their ventricles are."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evaluation.perfusion_scores import percent_of_highest
from evaluation.polar_map import polar_map, ray_places, segment_values
from preprocessing.grid import Grid
from preprocessing.left_ventricle import LeftVentricle
from preprocessing.short_axis import ShortAxis, short_axis_directions
from specs.left_ventricle import ShortAxisGrid
from specs.myocardial_segments import PolarMapRules
from specs.perfusion_pairing import Role

Facts = Mapping[str, NDArray[np.float64]]
"""As of `VolumePart`: one value a patient under each name."""

Percents = NDArray[np.float64]
"""Axes (patient, state, segment), stress first, % of the highest segment of a patient's state."""

_MEASURES: Final = ("apex_mm", "base_mm", "radius_mm")
_ALONG: Final = (0.0, -1.0, 0.0)
"""Any direction: segments depend on the shape of the ventricle alone."""


def ventricle_facts(state: str, ventricle: LeftVentricle) -> dict[str, float]:
    """Return as facts what polar maps of a state need of its ventricle."""
    return {f"{state}_{name}": float(getattr(ventricle, name)) for name in _MEASURES}


def segment_percents(
    volumes: NDArray[np.float32], facts: Facts, *, grid: ShortAxisGrid, rules: PolarMapRules
) -> Percents:
    """Measure the segments of short-axis slices.

    Args:
        volumes: Uptake in any unit, at least 0, axes (patient, state, slice, row, column).
        facts: Of the same patients: see `ventricle_facts`.
        grid: Spacing of the slices.
        rules: Of the polar map.

    Raises:
        ValueError: a volume has no uptake in the wall.
    """
    measured = [
        [
            segment_values(polar_map(_slices(volume, facts, f"{state}", patient, grid), rules), rules)
            for state, volume in zip(Role, states, strict=True)
        ]
        for patient, states in enumerate(volumes)
    ]
    return percent_of_highest(np.array(measured))


def wall_places(facts: Facts, *, grid: ShortAxisGrid, rules: PolarMapRules, step_mm: float) -> NDArray[np.float32]:
    """Return where the rays of polar maps go through the wall in short-axis slices.

    Args:
        facts: Of the patients: see `ventricle_facts`.
        grid: Spacing and size of the slices.
        rules: Of the polar map.
        step_mm: From place to place on a ray, about.

    Returns:
        Indices of (slice, row, column), shape (patients, states, 4 rings, angles, places of a ray, 3).
    """
    nothing = np.empty((grid.slices, grid.rows, grid.columns), np.float32)
    patients = len(next(iter(facts.values())))
    return np.array(
        [
            [ray_places(_slices(nothing, facts, f"{state}", patient, grid), rules, step_mm=step_mm) for state in Role]
            for patient in range(patients)
        ],
        np.float32,
    )


def _slices(values: NDArray[np.float32], facts: Facts, state: str, patient: int, grid: ShortAxisGrid) -> ShortAxis:
    apex_mm, base_mm, radius_mm = (float(facts[f"{state}_{name}"][patient]) for name in _MEASURES)
    ventricle = LeftVentricle(
        center_mm=(0.0, 0.0, 0.0), axis=_ALONG, apex_mm=apex_mm, base_mm=base_mm, radius_mm=radius_mm
    )
    placed = Grid(
        values=values,
        directions=short_axis_directions(_ALONG),
        spacing_mm=(grid.spacing_mm,) * 3,
        position_mm=(0.0, 0.0, 0.0),
        unit="1",
    )
    return ShortAxis(grid=placed, ventricle=ventricle)
