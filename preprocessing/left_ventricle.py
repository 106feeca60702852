"""The left ventricle in cardiac SPECT or PET: its long axis, and where it ends at apex and base."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from preprocessing.ellipsoid import Ellipsoid, Freedom, across, fitted_ellipsoid
from preprocessing.grid import Grid
from preprocessing.hollow_balls import hollow_centers, smoothed_values
from preprocessing.sampling import Points, sampled
from specs.left_ventricle import VentricleRules

Reals = NDArray[np.float64]

_RAYS, _STEP_MM, _ROUNDS = 500, 1.0, 4
_FIRST_REACH = 2
"""How much farther rays are followed in the first round, when nothing of the shape is known."""
_MIDDLE_MM = 15.0
"""How far from the center of the ellipsoid a slice is still one of the middle."""
_MEETING_LEVEL = 90
"""Percentile of the maxima along rays that is the level of the wall: some rays meet a hot neighbor."""


class VentricleUnknown(ValueError):
    """The left ventricle was not found; the message says why, in the words of a reason."""


@dataclass(frozen=True, kw_only=True)
class LeftVentricle:
    """Where the left ventricle is; LPS, mm.

    Attributes:
        center_mm: On the long axis, in the middle of the wall's ellipsoid.
        axis: Unit vector from base to apex.
        apex_mm: How far the middle of the wall at the apex is from the center.
        base_mm: How far the last slice of the base is from the center, to the other side.
        radius_mm: Of the middle of the wall where it is widest.
    """

    center_mm: tuple[float, float, float]
    axis: tuple[float, float, float]
    apex_mm: float
    base_mm: float
    radius_mm: float


@dataclass(frozen=True, kw_only=True)
class GivenVentricle:
    """What a person says of the left ventricle instead of having it found; LPS, mm. None is found."""

    center_mm: tuple[float, float, float] | None = None
    axis: tuple[float, float, float] | None = None


def axis_of_angles(*, azimuth_degrees: float, elevation_degrees: float) -> tuple[float, float, float]:
    """Return the direction from base to apex, a unit vector in LPS.

    Args:
        azimuth_degrees: Seen from the feet, from the patient's front to the left.
        elevation_degrees: To the head; below 0 to the feet, as is usual.
    """
    azimuth, elevation = np.radians([azimuth_degrees, elevation_degrees])
    level = np.cos(elevation)
    return float(level * np.sin(azimuth)), float(-level * np.cos(azimuth)), float(np.sin(elevation))


def find_left_ventricle(grid: Grid, rules: VentricleRules, given: GivenVentricle | None = None) -> LeftVentricle:
    """Find the left ventricle.

    Args:
        grid: Counts of a perfusion agent, any orientation.
        rules: What to look for.
        given: What is not to be looked for.

    Raises:
        VentricleUnknown: nothing is a hollow body of its size, or none that points as a left ventricle does.
    """
    given = given or GivenVentricle()
    smooth = replace(grid, values=smoothed_values(grid, fwhm_mm=rules.smoothing_mm).astype(np.float32))
    centers = hollow_centers(grid, rules) if given.center_mm is None else np.array([given.center_mm])
    if len(centers) == 0:
        raise VentricleUnknown("nothing in it is a hollow body as the left ventricle is")
    reasons = []
    for center in centers:
        try:
            return _ventricle_about(center, smooth, rules, given)
        except VentricleUnknown as error:
            reasons.append(str(error))
    raise VentricleUnknown(reasons[0])


def _ventricle_about(center: Reals, smooth: Grid, rules: VentricleRules, given: GivenVentricle) -> LeftVentricle:
    axis = np.array(given.axis or rules.typical_apex)
    free = Freedom(center=given.center_mm is None, axis=given.axis is None, elongation=rules.typical_elongation)
    ellipsoid = Ellipsoid(center_mm=center, axis=axis / np.linalg.norm(axis), short_mm=28.0, long_mm=40.0)
    for turn in range(_ROUNDS):
        points, levels = _wall(smooth, ellipsoid, rules, is_first=turn == 0)
        if len(points) < _RAYS // 4:
            raise VentricleUnknown("what is most like the left ventricle is no closed wall")
        ellipsoid = fitted_ellipsoid(points, levels / levels.max(), ellipsoid, free)
    if free.axis:
        ellipsoid = _pointing(ellipsoid, rules)
    return _measured(smooth, ellipsoid, rules)


def _pointing(ellipsoid: Ellipsoid, rules: VentricleRules) -> Ellipsoid:
    """Turn the axis to the apex; a defect may open the apex, so that not the missing wall but the body decides."""
    cosine = float(ellipsoid.axis @ np.array(rules.typical_apex))
    deviation = np.degrees(np.arccos(min(abs(cosine), 1.0)))
    if deviation > rules.largest_deviation_degrees:
        raise VentricleUnknown(f"its long axis would be {deviation:.0f} degrees from where an apex points")
    return ellipsoid if cosine > 0 else ellipsoid.flipped()


def _wall(smooth: Grid, ellipsoid: Ellipsoid, rules: VentricleRules, *, is_first: bool) -> tuple[Points, Reals]:
    """Return where rays from the center are brightest, and how bright: those that are as bright as the wall.

    A ray is followed near to the ellipsoid only, so that it ends in no neighbor.
    """
    directions = _even_directions(_RAYS)
    distances = np.arange(rules.reach_mm[0], rules.reach_mm[1], _STEP_MM)
    values = sampled(smooth, ellipsoid.center_mm + directions[:, None] * distances[:, None])
    near_mm = (_FIRST_REACH if is_first else 1) * rules.wall_mm
    is_near = np.abs(distances - ellipsoid.distance_mm(directions)[:, None]) <= near_mm
    values = np.where(is_near, values, 0.0)
    levels = values.max(axis=1)
    is_wall = levels >= max(rules.wall_level * float(np.percentile(levels, _MEETING_LEVEL)), np.finfo(float).tiny)
    ends = ellipsoid.center_mm + directions * distances[values.argmax(axis=1)][:, None]
    return ends[is_wall], levels[is_wall]


def _even_directions(count: int) -> Points:
    """Return unit vectors that are evenly spread over all directions: a Fibonacci spiral."""
    turns = np.arange(count) + 0.5
    height, azimuth = 1 - 2 * turns / count, np.pi * (1 + np.sqrt(5)) * turns
    level = np.sqrt(1 - height**2)
    return np.stack([level * np.cos(azimuth), level * np.sin(azimuth), height], axis=-1)


def _measured(smooth: Grid, ellipsoid: Ellipsoid, rules: VentricleRules) -> LeftVentricle:
    """Find the base, once the wall is known to be brighter than what it holds and what lies about it."""
    heights_mm = np.arange(-2.0 * ellipsoid.long_mm, 0.5 * ellipsoid.long_mm, _STEP_MM)
    rings = _rings(smooth, ellipsoid, rules, heights_mm)
    is_middle = np.abs(heights_mm) <= ellipsoid.long_mm / 2
    level = float(np.percentile(rings.brightest[is_middle], _MEETING_LEVEL))
    neighbors = max(float(rings.cavity[is_middle].mean()), float(rings.outside[is_middle].mean()))
    if not float(np.median(rings.middle[is_middle])) - neighbors >= rules.least_contrast * level > 0:
        raise VentricleUnknown("what is most like the left ventricle is no brighter than what lies about it")
    is_ring = (rings.brightest >= rules.wall_level * level).mean(axis=1) >= rules.base_ring
    base_mm = _base_mm(heights_mm, is_ring)
    least, largest = rules.length_mm
    if not least <= base_mm + ellipsoid.long_mm <= largest:
        raise VentricleUnknown(f"it would be {base_mm + ellipsoid.long_mm:.0f} mm long")
    center, axis = ellipsoid.center_mm, ellipsoid.axis
    return LeftVentricle(
        center_mm=(float(center[0]), float(center[1]), float(center[2])),
        axis=(float(axis[0]), float(axis[1]), float(axis[2])),
        apex_mm=ellipsoid.long_mm,
        base_mm=base_mm,
        radius_mm=ellipsoid.short_mm,
    )


def _base_mm(heights_mm: Reals, is_ring: NDArray[np.bool_]) -> float:
    """Return how far the wall goes on from its middle to the base without a break: a neighbor is no part of it."""
    in_middle = np.flatnonzero(is_ring & (np.abs(heights_mm) <= _MIDDLE_MM))
    if len(in_middle) == 0:
        raise VentricleUnknown("no slice shows wall about enough of its circumference")
    gaps = np.flatnonzero(~is_ring[: in_middle[0]])
    return -float(heights_mm[gaps[-1] + 1 if len(gaps) else 0])


@dataclass(frozen=True, kw_only=True)
class _Rings:
    """What slices across the long axis hold: the brightest and the middle of the wall, and what is within and without.

    Shape (heights, angles), of the cavity (heights, 1).
    """

    brightest: Reals
    middle: Reals
    cavity: Reals
    outside: Reals


def _rings(smooth: Grid, ellipsoid: Ellipsoid, rules: VentricleRules, heights_mm: Reals) -> _Rings:
    """Sample slices: to the apex the wall narrows as the ellipsoid, to the base it is a cylinder."""
    first, second = across(ellipsoid.axis)
    angles = np.radians(np.arange(0, 360, 10))
    ways = np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second
    share = np.clip(heights_mm / ellipsoid.long_mm, 0.0, 1.0)
    surface_mm = (ellipsoid.short_mm * np.sqrt(1 - share**2))[:, None]
    steps_mm = np.arange(-rules.wall_mm, rules.wall_mm + _STEP_MM, _STEP_MM)
    axis_mm = (ellipsoid.center_mm + heights_mm[:, None] * ellipsoid.axis)[:, None, None]

    def at(radii_mm: Reals) -> Reals:
        return sampled(smooth, axis_mm + radii_mm[:, None, :, None] * ways[:, None])

    return _Rings(
        brightest=at(np.maximum(surface_mm + steps_mm, 0.0)).max(axis=-1),
        middle=at(surface_mm)[..., 0],
        cavity=at(np.zeros((len(heights_mm), 1)))[:, :1, 0],
        outside=at(surface_mm + 2 * rules.wall_mm)[..., 0],
    )
