"""The left ventricle of a phantom of perfusion: half an ellipsoid on a short tube, with a shorter septum.

Places of the wall have the coordinates of a polar map: a ring, 0 at the apex and 1 at the base, linear in the height
along the long axis; and an angle from the lateral wall, counter-clockwise seen from the apex with anterior up.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from phantoms.pet_shapes import Block, FloatVolume, Triple, VolumeGrid
from specs.myocardial_segments import AHA_SEGMENTS, Level

Reals = NDArray[np.float64]

_SEPTUM_DEG: Final = 165.0
"""Where the membranous septum is: by the basal anteroseptal and inferoseptal segments, below the aortic root."""
_MEMBRANE_HALF_WIDTH_DEG: Final = 55.0
_RINGS, _ANGLES = 10, 72
_LARGEST_WALL_MM: Final = 12.0


@dataclass(frozen=True, kw_only=True)
class PerfusedVentricle:
    """A wall about its middle surface; positions and directions are (head, back, left) from the carina.

    Attributes:
        center_mm: On the axis, where the wall begins to narrow.
        axis: Unit vector from the base to the apex.
        apex_mm: From the center to the middle of the wall at the apex.
        radius_mm: Of the middle of the wall where it is widest.
        base_mm: From the center to the base of the lateral wall.
        wall_mm: Thickness of the wall, 8 to 12.
        thinning: Share of the thickness that is missing at the apex.
        membrane_mm: How much shorter the septum is than the lateral wall.
    """

    center_mm: Triple
    axis: Triple
    apex_mm: float
    radius_mm: float
    base_mm: float
    wall_mm: float
    thinning: float
    membrane_mm: float

    @property
    def directions(self) -> tuple[Reals, Reals, Reals]:
        """Unit vectors to the apex, to the anterior wall, which is nearest to the head, and to the lateral wall."""
        axis = np.array(self.axis)
        anterior = np.array([1.0, 0.0, 0.0]) - axis[0] * axis
        anterior /= np.linalg.norm(anterior)
        lateral = np.cross(anterior, axis)
        return axis, anterior, np.asarray(lateral * np.sign(lateral[2]))

    @property
    def length_mm(self) -> float:
        """From the base to the middle of the wall at the apex."""
        return self.apex_mm + self.base_mm

    @property
    def myocardium_ml(self) -> float:
        """Volume of the wall, about: the middle surface of half an ellipsoid and a tube, times the thickness."""
        flat = math.sqrt(1 - (self.radius_mm / self.apex_mm) ** 2)
        half = math.pi * self.radius_mm * (self.radius_mm + self.apex_mm * math.asin(flat) / flat)
        return (half + 2 * math.pi * self.radius_mm * self.base_mm) * self.wall_mm / 1000

    def rings(self, heights_mm: FloatVolume) -> FloatVolume:
        """Return the ring of heights above the center, to the apex."""
        return np.asarray((np.float32(self.apex_mm) - heights_mm) / np.float32(self.length_mm), np.float32)

    def base_at(self, angles: FloatVolume) -> FloatVolume:
        """Return how far behind the center the wall ends, mm, at angles in radians."""
        apart = (angles - np.float32(math.radians(_SEPTUM_DEG)) + np.float32(math.pi)) % np.float32(2 * math.pi)
        share = np.clip((apart - np.float32(math.pi)) / np.float32(math.radians(_MEMBRANE_HALF_WIDTH_DEG)), -1, 1)
        membrane = np.float32(self.membrane_mm) * np.cos(share * np.float32(math.pi / 2)) ** 2
        return np.asarray(np.float32(self.base_mm) - membrane, np.float32)


@dataclass(frozen=True, kw_only=True)
class DrawnWall:
    """A ventricle on a grid.

    Attributes:
        block: The part of the volume that it touches.
        wall: Share of each voxel there that is wall, 0 to 1.
        cavity: Share that is its cavity.
        rings: Where on the polar map each voxel is.
        angles: The same, radians.
    """

    block: Block
    wall: FloatVolume
    cavity: FloatVolume
    rings: FloatVolume
    angles: FloatVolume


@dataclass(frozen=True, kw_only=True)
class WallPlaces:
    """Places on the middle of the wall, as many in each segment of a level, each for about the same area.

    Attributes:
        segments: Number of the segment less 1, shape (places,).
        rings: Where on the polar map, the same shape.
        angles: The same, radians.
        is_wall: Whether there is muscle, not membrane.
        places_mm: Shape (3, places), (head, back, left) from the carina.
    """

    segments: NDArray[np.intp]
    rings: FloatVolume
    angles: FloatVolume
    is_wall: NDArray[np.bool_]
    places_mm: Reals

    def segment_means(self, values: NDArray[np.float32] | Reals) -> Reals:
        """Return the mean of each segment, shape (17,), of values at the places."""
        count = len(AHA_SEGMENTS)
        sums = np.bincount(self.segments, weights=values, minlength=count)
        return np.asarray(sums / np.bincount(self.segments, minlength=count))


def drawn_wall(grid: VolumeGrid, ventricle: PerfusedVentricle) -> DrawnWall:
    """Draw a ventricle on a grid of cubes."""
    reach = max(ventricle.apex_mm, math.hypot(ventricle.radius_mm, ventricle.base_mm)) + _LARGEST_WALL_MM / 2
    head, back, left = ventricle.center_mm
    block = grid.block((head - reach, back - reach, left - reach), (head + reach, back + reach, left + reach))
    height, up, aside = _own_axes(grid.part(block), ventricle)
    across = np.hypot(up, aside)
    angles = np.arctan2(up, aside)
    depth = _depth_mm(ventricle, height, across)
    voxel = np.float32(max(grid.spacing_mm))
    half_wall = np.float32(ventricle.wall_mm / 2) * (
        1 - np.float32(ventricle.thinning) * np.clip(height / np.float32(ventricle.apex_mm), 0, 1) ** 2
    )

    def share(inside_mm: FloatVolume) -> FloatVolume:
        return np.asarray(np.clip(inside_mm / voxel + np.float32(0.5), 0, 1), np.float32)

    whole, cavity = share(depth + half_wall), share(depth - half_wall)
    return DrawnWall(
        block=block,
        wall=(whole - cavity) * share(height + ventricle.base_at(angles)),
        cavity=cavity * share(height + np.float32(ventricle.base_mm)),
        rings=ventricle.rings(height),
        angles=angles,
    )


def wall_places(ventricle: PerfusedVentricle) -> WallPlaces:
    """Return places on the middle of the wall.

    Source:
        Cerqueira MD et al., Circulation 2002;105:539-542: the apex is the cap beyond the end of the cavity, the rest
        equal thirds of the length.
    """
    end = ventricle.wall_mm * (1 - ventricle.thinning) / 2 / ventricle.length_mm
    bounds = np.array([0.0, end, *(end + (1 - end) * np.arange(1, 4) / 3)])
    shares = (np.arange(_RINGS) + 0.5) / _RINGS
    rings = (bounds[:-1, None] + np.diff(bounds)[:, None] * shares).ravel()
    heights = np.repeat((ventricle.apex_mm - rings * ventricle.length_mm).astype(np.float32), _ANGLES)
    angles = np.tile(((np.arange(_ANGLES) + 0.5) * 2 * np.pi / _ANGLES).astype(np.float32), len(rings))
    radii = ventricle.radius_mm * np.sqrt(1 - np.clip(heights / ventricle.apex_mm, 0, 1) ** 2)
    axis, anterior, lateral = (direction[:, None] for direction in ventricle.directions)
    across = anterior * np.sin(angles) + lateral * np.cos(angles)
    return WallPlaces(
        segments=_segments_of_places(),
        rings=np.repeat(rings.astype(np.float32), _ANGLES),
        angles=angles,
        is_wall=heights >= -ventricle.base_at(angles),
        places_mm=np.array(ventricle.center_mm)[:, None] + heights * axis + radii * across,
    )


@cache
def _segments_of_places() -> NDArray[np.intp]:
    """Return the number of each place's segment less 1: the same for every ventricle."""
    degrees = (np.arange(_ANGLES) + 0.5) * 360 / _ANGLES
    numbers = [[_segment_at(level, float(degree)) for degree in degrees] for level in Level for _ in range(_RINGS)]
    return np.array(numbers, np.intp).ravel()


def _segment_at(level: Level, degrees: float) -> int:
    return next(
        segment.number - 1
        for segment in AHA_SEGMENTS
        if segment.level is level
        and (degrees - segment.start_degrees) % 360 < segment.end_degrees - segment.start_degrees
    )


def _own_axes(part: VolumeGrid, ventricle: PerfusedVentricle) -> tuple[FloatVolume, FloatVolume, FloatVolume]:
    """Return where each voxel lies along the axis, and across it to the anterior and the lateral wall, mm."""
    steps = [part.axis_mm(index) - np.float32(ventricle.center_mm[index]) for index in range(3)]

    def along(direction: Reals) -> FloatVolume:
        head, back, left = (np.float32(each) * step for each, step in zip(direction, steps, strict=True))
        return np.asarray(head[:, None, None] + back[:, None] + left, np.float32)

    to_apex, anterior, lateral = ventricle.directions
    return along(to_apex), along(anterior), along(lateral)


def _depth_mm(ventricle: PerfusedVentricle, height: FloatVolume, across: FloatVolume) -> FloatVolume:
    """Return how far within the middle surface places are, mm: exact across the tube and at the apex."""
    apex, radius = np.float32(ventricle.apex_mm), np.float32(ventricle.radius_mm)
    forward = np.maximum(height, 0)
    scaled = np.sqrt((forward / apex) ** 2 + (across / radius) ** 2)
    slope = np.sqrt((forward / apex**2) ** 2 + (across / radius**2) ** 2)
    depth = (1 - scaled) * scaled / np.maximum(slope, np.float32(1e-6))
    # In the middle of the cavity the slope vanishes, and so does what it divides.
    return np.where(scaled < np.float32(0.2), radius * (1 - scaled), depth).astype(np.float32)
