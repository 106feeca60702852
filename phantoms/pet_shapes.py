"""The voxels of a PET volume and the two shapes that a body is painted with: ellipsoids and tubes.

Positions and lengths are millimeters in the patient, in the order (head, back, left): toward the head, the back and
the patient's left. Volumes have the axes (slice, row, column), which run the same ways, so that slice 0 is the lowest.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatVolume = NDArray[np.float32]
"""One value a voxel, axes (slice, row, column)."""
Mask = NDArray[np.bool_]
"""Whether a voxel belongs, axes (slice, row, column)."""
Triple = tuple[float, float, float]
"""Millimeters (head, back, left)."""
Block = tuple[slice, slice, slice]
"""The slices, rows and columns of a part of a volume."""

_INSIDE: Final = np.float32(0.5)


@dataclass(frozen=True, kw_only=True)
class VolumeGrid:
    """Where the voxels lie.

    Attributes:
        shape: Slices, rows, columns.
        spacing_mm: Distance of voxel centers (head, back, left).
        first_mm: Center of voxel (0, 0, 0).
    """

    shape: tuple[int, int, int]
    spacing_mm: Triple
    first_mm: Triple

    def axis_mm(self, axis: int) -> NDArray[np.float32]:
        """Return the positions of the voxel centers along an axis."""
        steps = np.arange(self.shape[axis], dtype=np.float32)
        return steps * np.float32(self.spacing_mm[axis]) + np.float32(self.first_mm[axis])

    def block(self, lowest_mm: Triple, highest_mm: Triple) -> Block:
        """Return the part of the volume between two corners, with one voxel to spare; empty outside."""
        bounds = []
        for size, step, first, low, high in zip(
            self.shape, self.spacing_mm, self.first_mm, lowest_mm, highest_mm, strict=True
        ):
            start = min(max(math.floor((low - first) / step) - 1, 0), size)
            stop = min(max(math.ceil((high - first) / step) + 2, start), size)
            bounds.append(slice(start, stop))
        return bounds[0], bounds[1], bounds[2]

    def part(self, block: Block) -> "VolumeGrid":
        """Return the grid of a part of the volume."""
        starts = [part.start for part in block]
        first = [at + start * step for at, start, step in zip(self.first_mm, starts, self.spacing_mm, strict=True)]
        return VolumeGrid(
            shape=(
                block[0].stop - block[0].start,
                block[1].stop - block[1].start,
                block[2].stop - block[2].start,
            ),
            spacing_mm=self.spacing_mm,
            first_mm=(first[0], first[1], first[2]),
        )


@dataclass(frozen=True, kw_only=True)
class Blob:
    """An ellipsoid of even uptake.

    Attributes:
        center_mm: Its center.
        semi_mm: Its semi-axes before it is tilted.
        suv: Uptake inside, g/ml.
        tilt_deg: Rotation in the frontal plane, from the head toward the left.
    """

    center_mm: Triple
    semi_mm: Triple
    suv: float
    tilt_deg: float = 0.0

    @property
    def volume_ml(self) -> float:
        """Volume."""
        return 4 / 3 * math.pi * math.prod(self.semi_mm) / 1000


@dataclass(frozen=True, kw_only=True)
class Tube:
    """A body of elliptical cross sections from feet to head, of even uptake.

    Attributes:
        knots: From the feet upward (head, back, left, half depth, half width), in mm; straight between two of them.
        suv: Uptake inside, g/ml.
    """

    knots: tuple[tuple[float, float, float, float, float], ...]
    suv: float


Shape = Blob | Tube


def coverage(grid: VolumeGrid, shape: Shape) -> tuple[Block, FloatVolume]:
    """Return the part of a volume that a shape touches, and how much of each voxel there it fills, 0 to 1."""
    return _blob_coverage(grid, shape) if isinstance(shape, Blob) else _tube_coverage(grid, shape)


def paint(volume: FloatVolume, grid: VolumeGrid, shape: Shape) -> None:
    """Replace what a volume holds by the uptake of a shape, in place; voxels at its edge become a mixture."""
    block, share = coverage(grid, shape)
    region = volume[block]
    region += share * (np.float32(shape.suv) - region)


def _blob_coverage(grid: VolumeGrid, blob: Blob) -> tuple[Block, FloatVolume]:
    reach = max(blob.semi_mm[0], blob.semi_mm[2]) if blob.tilt_deg else 0.0
    extents = [max(semi, 0.0 if axis == 1 else reach) for axis, semi in enumerate(blob.semi_mm)]
    low = [center - extent for center, extent in zip(blob.center_mm, extents, strict=True)]
    high = [center + extent for center, extent in zip(blob.center_mm, extents, strict=True)]
    block = grid.block((low[0], low[1], low[2]), (high[0], high[1], high[2]))
    part = grid.part(block)
    head, back, left = (part.axis_mm(axis) - np.float32(blob.center_mm[axis]) for axis in range(3))
    squares = (back / np.float32(blob.semi_mm[1]))[None, :, None] ** 2
    if blob.tilt_deg:
        cos, sin = math.cos(math.radians(blob.tilt_deg)), math.sin(math.radians(blob.tilt_deg))
        along = (head[:, None] * cos + left[None, :] * sin) / blob.semi_mm[0]
        across = (left[None, :] * cos - head[:, None] * sin) / blob.semi_mm[2]
        squares = squares + (along**2 + across**2).astype(np.float32)[:, None, :]
    else:
        squares = squares + (head / np.float32(blob.semi_mm[0]))[:, None, None] ** 2
        squares = squares + (left / np.float32(blob.semi_mm[2]))[None, None, :] ** 2
    return block, _soft(squares, min(blob.semi_mm) / max(grid.spacing_mm))


def _tube_coverage(grid: VolumeGrid, tube: Tube) -> tuple[Block, FloatVolume]:
    knots = np.array(tube.knots, np.float64)
    reach_back, reach_left = knots[:, 3].max(), knots[:, 4].max()
    block = grid.block(
        (knots[0, 0], knots[:, 1].min() - reach_back, knots[:, 2].min() - reach_left),
        (knots[-1, 0], knots[:, 1].max() + reach_back, knots[:, 2].max() + reach_left),
    )
    part = grid.part(block)
    heads = part.axis_mm(0)
    back, left, half_depth, half_width = (
        np.interp(heads, knots[:, 0], knots[:, column]).astype(np.float32)[:, None] for column in range(1, 5)
    )
    squares = (((part.axis_mm(1)[None] - back) / half_depth) ** 2)[:, :, None]
    squares = squares + (((part.axis_mm(2)[None] - left) / half_width) ** 2)[:, None, :]
    share = _soft(squares, float(knots[:, 3:].min()) / max(grid.spacing_mm))
    step = np.float32(grid.spacing_mm[0])
    # The first and last slice are filled as far as the tube reaches into them.
    ends = np.clip(np.minimum(heads - knots[0, 0], knots[-1, 0] - heads) / step + _INSIDE, 0, 1)
    share *= ends.astype(np.float32)[:, None, None]
    return block, share


def _soft(squares: FloatVolume, voxels: float) -> FloatVolume:
    """Turn normalized squared radii into the share of a voxel inside, for a shape `voxels` wide from its center."""
    share = (np.float32(1) - squares) * np.float32(voxels / 2) + _INSIDE
    clipped: FloatVolume = np.clip(share, 0, 1, out=share)
    return clipped
