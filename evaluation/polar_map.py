"""The wall of the left ventricle unrolled to a polar map, and the values of its 17 segments."""

from typing import Protocol, assert_never

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from specs.myocardial_segments import AHA_SEGMENTS, AlongRadius, Level, OverSegment, PolarMapRules, Segment

Reals = NDArray[np.float64]
PolarMap = NDArray[np.float64]
"""Axes (ring, angle): rings from the tip of the apex outward to the base, so many for each of apex, apical, mid and
basal; angles counter-clockwise from the lateral wall, seen with anterior up and septum left. In the values' unit."""

_STEP_MM = 1.0


class VentricleSlices(Protocol):
    """Short-axis slices and where the ventricle is in them, as `preprocessing.short_axis.ShortAxis` has them."""

    @property
    def values(self) -> NDArray[np.float32]:
        """Axes (slice, row, column): apex to base, anterior to inferior, septum to lateral wall."""

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Between slices, rows and columns."""

    @property
    def center(self) -> tuple[float, float]:
        """Row and column of the long axis."""

    @property
    def apex_slice(self) -> float:
        """Where the middle of the wall is at the apex."""

    @property
    def widest_slice(self) -> float:
        """From where the wall narrows to the apex as an ellipsoid; beyond, to the base, it is a cylinder."""

    @property
    def base_slice(self) -> float:
        """Last slice of the base."""

    @property
    def radius_mm(self) -> float:
        """Of the middle of the wall where it is widest."""


def polar_map(slices: VentricleSlices, rules: PolarMapRules) -> PolarMap:
    """Unroll the wall.

    Returns:
        Shape (4 rings, angles): see `PolarMap`.

    Raises:
        ValueError: the base is not beyond the end of the cavity.
    """
    places = np.moveaxis(ray_places(slices, rules, step_mm=_STEP_MM), -1, 0)
    values = ndimage.map_coordinates(slices.values, places, output=np.float64, order=1, mode="nearest")
    match rules.along_radius:
        case AlongRadius.MAXIMUM:
            return np.asarray(values.max(axis=-1))
        case AlongRadius.MEAN:
            return np.asarray(values.mean(axis=-1))
        case _:
            assert_never(rules.along_radius)


def ray_places(slices: VentricleSlices, rules: PolarMapRules, *, step_mm: float) -> Reals:
    """Return where the rays of a polar map go through the wall.

    From the end of the cavity to the base there are equal thirds; the apex is looked at from the end of the cavity, by
    rays that go from the axis to where the apical third begins.

    Args:
        slices: Where the ventricle is.
        rules: How many rays, and how far they go.
        step_mm: From place to place on a ray, about.

    Returns:
        Indices of (slice, row, column), shape (4 rings, angles, places of a ray from the inside to the outside, 3).

    Raises:
        ValueError: the base is not beyond the end of the cavity.
    """
    slice_mm = slices.spacing_mm[0]
    cavity_end = slices.apex_slice + rules.wall_mm / 2 / slice_mm
    if not cavity_end < slices.base_slice:
        raise ValueError("The base must be beyond the end of the cavity")
    heights = cavity_end + (np.arange(3 * rules.rings) + 0.5) / (3 * rules.rings) * (slices.base_slice - cavity_end)
    tilts = _cap_tilts(rules)
    end_mm = float(_radius_mm(slices, np.array([cavity_end]))[0])
    cap_mm = 1 / np.sqrt((np.cos(tilts) / (rules.wall_mm / 2)) ** 2 + (np.sin(tilts) / end_mm) ** 2)
    return _along_rays(
        slices,
        rules,
        origins=np.concatenate([np.full(tilts.shape, cavity_end), heights]),
        tilts=np.concatenate([tilts, np.full(heights.shape, np.pi / 2)]),
        wall_mm=np.concatenate([cap_mm, _radius_mm(slices, heights)]),
        step_mm=step_mm,
    )


def _cap_tilts(rules: PolarMapRules) -> Reals:
    """Return the angles between the rays of the cap and the axis."""
    return np.asarray((np.arange(rules.rings) + 0.5) / rules.rings * np.pi / 2)


def _radius_mm(slices: VentricleSlices, heights: Reals) -> Reals:
    """Return how far from the axis the middle of the wall is."""
    share = np.clip((slices.widest_slice - heights) / (slices.widest_slice - slices.apex_slice), 0.0, 1.0)
    return np.asarray(slices.radius_mm * np.sqrt(1 - share**2))


def _along_rays(
    slices: VentricleSlices, rules: PolarMapRules, *, origins: Reals, tilts: Reals, wall_mm: Reals, step_mm: float
) -> Reals:
    """Follow rays from the axis through the wall, a ring of them from each origin.

    Args:
        slices: Where the axis is.
        rules: How far to go.
        origins: Slice of the axis that the rays of a ring start at, shape (rings,).
        tilts: Between the rays and the direction to the apex, radians, the same shape.
        wall_mm: From the origin to the middle of the wall, the same shape.
        step_mm: From place to place, about.
    """
    angles = (np.arange(rules.angles) + 0.5) * 2 * np.pi / rules.angles
    reach_mm = rules.reach_mm if rules.along_radius is AlongRadius.MAXIMUM else rules.wall_mm / 2
    steps_mm = np.linspace(-reach_mm, reach_mm, 2 * round(reach_mm / step_mm) + 1)
    distances = np.maximum(wall_mm[:, None] + steps_mm, 0.0)[:, None, :]
    slice_mm, row_mm, column_mm = slices.spacing_mm
    across = distances * np.sin(tilts)[:, None, None]
    depths = origins[:, None, None] - distances * np.cos(tilts)[:, None, None] / slice_mm
    rows = slices.center[0] - across * np.sin(angles)[:, None] / row_mm
    columns = slices.center[1] + across * np.cos(angles)[:, None] / column_mm
    return np.stack([np.broadcast_to(depths, rows.shape), rows, columns], axis=-1)


def long_axis_shares(slices: VentricleSlices, rules: PolarMapRules) -> Reals:
    """Return how far each ring of a polar map is from the apex, as a share of the way to the base, shape (4 rings,)."""
    length = slices.base_slice - slices.apex_slice
    end = rules.wall_mm / 2 / slices.spacing_mm[0] / length
    thirds = end + (np.arange(3 * rules.rings) + 0.5) / (3 * rules.rings) * (1 - end)
    return np.concatenate([end * (1 - np.cos(_cap_tilts(rules))), thirds])


def place_weights(rules: PolarMapRules) -> PolarMap:
    """Return how much of the wall each place stands for, the shape of a map: as `segment_values` has it."""
    weights = np.ones((4 * rules.rings, rules.angles))
    weights[: rules.rings] = np.sin(_cap_tilts(rules))[:, None]
    return weights


def segment_places(segment: Segment, rules: PolarMapRules) -> NDArray[np.bool_]:
    """Return which places of a polar map belong to a segment, the shape of the map."""
    angles = (np.arange(rules.angles) + 0.5) * 360 / rules.angles
    is_within = (angles - segment.start_degrees) % 360 < segment.end_degrees - segment.start_degrees
    is_level = np.repeat([level is segment.level for level in Level], rules.rings)
    return is_level[:, None] & is_within


def segment_values(values: PolarMap, rules: PolarMapRules) -> Reals:
    """Return the representative value of each segment, in the order of their numbers, shape (17,).

    In a mean each part of the wall counts by its size: rings of the cap by the sine of their angle to the axis.
    """
    weights = place_weights(rules)
    return np.array([_representative(values, weights, segment_places(each, rules), rules) for each in AHA_SEGMENTS])


def _representative(values: PolarMap, weights: PolarMap, places: NDArray[np.bool_], rules: PolarMapRules) -> float:
    match rules.over_segment:
        case OverSegment.MEAN:
            return float(np.average(values[places], weights=weights[places]))
        case OverSegment.MAXIMUM:
            return float(values[places].max())
        case _:
            assert_never(rules.over_segment)
