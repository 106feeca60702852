"""The left ventricle of a phantom of cardiac MIBG: a thick cup, open at its base, pointing left, forward and down."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from phantoms.mibg_truth import SympatheticDisease
from phantoms.pet_shapes import Block, FloatVolume, Triple, VolumeGrid

_DEFECT_REACH_DEG: Final = 75.0
"""Half width of a regional defect about the long axis: our choice."""


@dataclass(frozen=True, kw_only=True)
class LeftVentricle:
    """Two half ellipsoids, one in the other, cut off behind their widest place.

    Attributes:
        center_mm: The widest place on the axis, (head, back, left) from the carina.
        axis: Unit vector from the base to the apex, in the same order.
        length_mm: From the widest place to the outside of the apex.
        base_mm: From there to the base.
        radius_mm: Outer radius at the widest place.
        wall_mm: Thickness of the wall.
        defect: Depth of a regional defect of uptake, as a share.
        defect_deg: Where about the axis its middle is; 0 is as far to the head as can be, 90 to the left.
    """

    center_mm: Triple
    axis: Triple
    length_mm: float
    base_mm: float
    radius_mm: float
    wall_mm: float
    defect: float
    defect_deg: float

    @property
    def cavity_ml(self) -> float:
        """Volume of the cavity."""
        return _cut_ellipsoid_ml(self.length_mm - self.wall_mm, self.base_mm, self.radius_mm - self.wall_mm)

    @property
    def wall_ml(self) -> float:
        """Volume of the wall."""
        return _cut_ellipsoid_ml(self.length_mm, self.base_mm, self.radius_mm) - self.cavity_ml


@dataclass(frozen=True, kw_only=True)
class DrawnVentricle:
    """A ventricle on a grid.

    Attributes:
        block: The part of the volume that it touches.
        whole: Share of each voxel there that wall and cavity fill, 0 to 1.
        wall: Share that the wall fills.
        pattern: Uptake of the wall over its mean, about 1; of that mean over the wall 1.
    """

    block: Block
    whole: FloatVolume
    wall: FloatVolume
    pattern: FloatVolume


def _cut_ellipsoid_ml(length_mm: float, base_mm: float, radius_mm: float) -> float:
    """Integrate the circles of an ellipsoid of revolution from the base, behind the widest place, to the apex."""
    along = length_mm + base_mm - (length_mm**3 + base_mm**3) / (3 * length_mm**2)
    return math.pi * radius_mm**2 * along / 1000


def draw_ventricle(
    rng: np.random.Generator, *, disease: SympatheticDisease, defect: float, scale: Triple
) -> LeftVentricle:
    """Draw a left ventricle; in heart failure it is wide.

    Source:
        Our choice throughout, in the range of adult hearts: wall 9 to 13 mm, cavity 40 to 60 mm wide, wider in failure;
        its axis 45 to 60 degrees to the left and about 30 degrees down.
    """
    jitter = rng.normal(0, 1, 8).clip(-2.2, 2.2)
    size = float(np.mean(scale)) * (1 + 0.06 * jitter[0])
    failing = disease is SympatheticDisease.HEART_FAILURE
    widening = float(rng.uniform(1.05, 1.35)) if failing else 1.0
    azimuth, descent = math.radians(50 + 8 * jitter[1]), math.radians(30 + 7 * jitter[2])
    wall_mm = float(np.clip(10.5 + 0.9 * jitter[3], 8, 13.5))
    return LeftVentricle(
        center_mm=(
            -78 * scale[0] + 6 * jitter[4],
            -26 * scale[1] + 4 * jitter[5],
            38 * scale[2] + 5 * jitter[6],
        ),
        axis=(
            -math.sin(descent),
            -math.cos(descent) * math.cos(azimuth),
            math.cos(descent) * math.sin(azimuth),
        ),
        length_mm=52 * size * widening**0.5 + wall_mm / 2,
        base_mm=22 * size,
        radius_mm=22.5 * size * widening + wall_mm,
        wall_mm=wall_mm,
        defect=defect,
        # Inferior and lateral, where defects of innervation are usual: our choice.
        defect_deg=float(150 + 45 * jitter[7]),
    )


def rendered_ventricle(grid: VolumeGrid, ventricle: LeftVentricle) -> DrawnVentricle:
    """Draw a ventricle on a grid."""
    reach = max(ventricle.length_mm, ventricle.radius_mm + ventricle.base_mm)
    low, high = (
        (center[0] + sign * reach, center[1] + sign * reach, center[2] + sign * reach)
        for sign, center in ((-1, ventricle.center_mm), (1, ventricle.center_mm))
    )
    block = grid.block(low, high)
    along, upward, leftward = _own_axes(grid.part(block), ventricle)
    voxel_mm = max(grid.spacing_mm)
    radial = upward**2 + leftward**2
    base = np.clip((along + np.float32(ventricle.base_mm)) / np.float32(voxel_mm) + np.float32(0.5), 0, 1)
    whole = base * _filled(along, radial, ventricle.length_mm, ventricle.radius_mm, voxel_mm=voxel_mm)
    inner = (ventricle.length_mm - ventricle.wall_mm, ventricle.radius_mm - ventricle.wall_mm)
    wall = whole - base * _filled(along, radial, *inner, voxel_mm=voxel_mm)
    angle = np.degrees(np.arctan2(leftward, upward)) - ventricle.defect_deg
    apart = np.abs((angle + 180) % 360 - 180) / _DEFECT_REACH_DEG
    pattern = 1 - ventricle.defect * np.clip(1.25 - apart, 0, 1)
    pattern /= (pattern * wall).sum() / wall.sum()
    return DrawnVentricle(block=block, whole=whole, wall=wall, pattern=pattern.astype(np.float32))


def _own_axes(part: VolumeGrid, ventricle: LeftVentricle) -> tuple[FloatVolume, FloatVolume, FloatVolume]:
    """Return where each voxel lies along the axis, and across it toward the head and toward the left, mm."""
    axis = np.array(ventricle.axis)
    head = np.array([1.0, 0, 0]) - axis[0] * axis
    head /= np.linalg.norm(head)
    left = np.cross(axis, head)
    left *= np.sign(left[2])
    steps = [part.axis_mm(index) - np.float32(ventricle.center_mm[index]) for index in range(3)]

    def along(direction: NDArray[np.float64]) -> FloatVolume:
        parts = [np.float32(part) * step for part, step in zip(direction, steps, strict=True)]
        return np.asarray(parts[0][:, None, None] + parts[1][:, None] + parts[2], np.float32)

    return along(axis), along(head), along(left)


def _filled(
    along: FloatVolume, radial: FloatVolume, length_mm: float, radius_mm: float, *, voxel_mm: float
) -> FloatVolume:
    """Return the share of each voxel inside an ellipsoid of revolution, by its distance from the surface."""
    square = along**2 / np.float32(length_mm**2) + radial / np.float32(radius_mm**2)
    slope = np.sqrt(along**2 / np.float32(length_mm**4) + radial / np.float32(radius_mm**4)) + np.float32(1e-6)
    return np.asarray(np.clip((1 - square) / (2 * slope * np.float32(voxel_mm)) + np.float32(0.5), 0, 1), np.float32)
