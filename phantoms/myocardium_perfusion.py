"""How evenly the wall of a phantom's left ventricle takes up a perfusion agent: natural variation and defects."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from phantoms.myocardium_truth import PerfusionDefect, PerfusionState
from phantoms.myocardium_ventricle import WallPlaces
from phantoms.pet_shapes import FloatVolume

_EDGE: Final = np.float32(0.14)
"""Width of the edge of a defect, of the radius of the polar map: our choice, some 1 cm."""
_HALF_FILLED: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class Perfusion:
    """Uptake over the polar map of one patient.

    Attributes:
        defects: Where it is reduced.
        slopes: Of the natural variation, along the polar map's (right, up), and of its (right squared less up squared,
            right times up), at stress.
        rest_slopes: The same at rest.
    """

    defects: tuple[PerfusionDefect, ...]
    slopes: tuple[float, float, float, float]
    rest_slopes: tuple[float, float, float, float]

    def at(self, rings: FloatVolume, angles: FloatVolume, state: PerfusionState) -> FloatVolume:
        """Return the uptake of the wall, about 1 where it is healthy.

        Args:
            rings: 0 at the apex, 1 at the base; any shape.
            angles: From the lateral wall, counter-clockwise, radians, the same shape.
            state: Stress or rest.
        """
        right, up = _on_map(rings, angles)
        slopes = self.slopes if state is PerfusionState.STRESS else self.rest_slopes
        first, second, third, fourth = (np.float32(slope) for slope in slopes)
        uptake = 1 + first * right + second * up + third * (right**2 - up**2) + fourth * right * up
        for defect in self.defects:
            depth = np.float32(defect.depth(state))
            if depth > 0:
                uptake *= 1 - depth * filled(defect, right, up)
        return np.asarray(uptake, np.float32)

    def segment_percent(self, places: WallPlaces, state: PerfusionState) -> NDArray[np.float64]:
        """Return the mean uptake of the 17 segments, % of the highest one; that of the membranous septum is none."""
        means = places.segment_means(self.at(places.rings, places.angles, state) * places.is_wall)
        return np.asarray(100 * means / means.max())


def located(defects: Sequence[PerfusionDefect], places: WallPlaces) -> tuple[PerfusionDefect, ...]:
    """Return defects with the segments and the share of the polar map that they fill."""
    right, up = _on_map(places.rings, places.angles)
    found = []
    for defect in defects:
        is_filled = filled(defect, right, up) >= _HALF_FILLED
        shares = places.segment_means(is_filled.astype(np.float32))
        numbers = (np.flatnonzero(shares >= _HALF_FILLED) + 1).tolist()
        extent = float(np.average(is_filled, weights=_areas(places.rings)))
        found.append(replace(defect, segments=tuple(numbers), extent_percent=100 * extent))
    return tuple(found)


def defect_shares(defect: PerfusionDefect, rings: FloatVolume, angles: FloatVolume) -> FloatVolume:
    """Return the share of its full depth that a defect has at places of the wall.

    Args:
        defect: Which one.
        rings: 0 at the apex, 1 at the base; any shape.
        angles: From the lateral wall, counter-clockwise, radians, the same shape.
    """
    return filled(defect, *_on_map(rings, angles))


def filled(defect: PerfusionDefect, right: FloatVolume, up: FloatVolume) -> FloatVolume:
    """Return the share of its full depth that a defect has at places of the polar map: 1 within, 0 without."""
    angle = math.radians(defect.angle_degrees)
    middle_right, middle_up = defect.ring * math.cos(angle), defect.ring * math.sin(angle)
    apart = np.hypot(right - np.float32(middle_right), up - np.float32(middle_up))
    share = np.clip((np.float32(defect.radius) - apart) / _EDGE + np.float32(0.5), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _on_map(rings: FloatVolume, angles: FloatVolume) -> tuple[FloatVolume, FloatVolume]:
    within = np.clip(rings, 0, np.float32(1.2))
    return within * np.cos(angles), within * np.sin(angles)


def _areas(rings: FloatVolume) -> FloatVolume:
    """Return what part of the polar map each place stands for: it has the same number of places in each ring."""
    distinct, inverse, counts = np.unique(rings, return_inverse=True, return_counts=True)
    edges = np.concatenate([[0.0], (distinct[1:] + distinct[:-1]) / 2, [1.0]])
    return np.asarray((np.diff(edges**2) / counts)[inverse], np.float32)
