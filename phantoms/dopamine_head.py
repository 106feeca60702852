"""What a head holds of the tracer: a map of activity, before any camera sees it.

The unit of activity is the nonspecific concentration of gray matter, so that a nucleus of binding ratio b holds 1 + b.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from phantoms.dopamine_anatomy import HeadAnatomy, Nucleus, Striatum
from phantoms.dopamine_truth import StriatumBinding

Activity = NDArray[np.float32]
"""Values of a volume, axes (slice, row, column): feet to head, front to back, right to left of the patient."""
_Vector = NDArray[np.float64]

_BRAIN_CENTER_MM: Final = (15.0, 10.0, 0.0)
_BRAIN_HALF_MM: Final = (65.0, 84.0, 67.0)
"""Our choice: a brain of 1.4 L after the fluid between the gyri is taken off."""
_CORTEX_MM: Final = 9.0
_SKULL_MM, _SCALP_MM = 8.0, 6.0
_FLUID: Final = 0.05
"""Activity of cerebrospinal fluid."""
_FINENESS: Final = 2
"""Nuclei are drawn on voxels of half the side and averaged."""


@dataclass(frozen=True, kw_only=True)
class Pose:
    """How the head lies in the volume.

    Attributes:
        pitch_deg: The face downward above 0.
        roll_deg: The head's top toward the patient's left above 0.
        yaw_deg: The face toward the patient's left above 0.
        center_mm: The middle between the striata, (up, back, left) from the middle of voxel (0, 0, 0).
    """

    pitch_deg: float
    roll_deg: float
    yaw_deg: float
    center_mm: tuple[float, float, float]

    @property
    def axes(self) -> _Vector:
        """The head's own axes (up, back, left) as rows, in the axes of the volume."""
        # Of LPS, whose x, y and z run to the left, the back and the head.
        turn = Rotation.from_euler("zyx", [self.yaw_deg, self.roll_deg, self.pitch_deg], degrees=True)
        return np.asarray(turn.as_matrix()[::-1, ::-1].T, np.float64)


@dataclass(frozen=True, kw_only=True)
class VoxelGrid:
    """A part of a volume.

    Attributes:
        start: Index of its first voxel, in fractions of a voxel of the whole where it is finer.
        shape: Numbers of slices, rows and columns.
        spacing_mm: Distances of the voxels, in the same order.
    """

    start: tuple[float, float, float]
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class _Body:
    """An ellipsoid in the head's own axes."""

    center_mm: tuple[float, float, float]
    half_mm: tuple[float, float, float]


class _Places:
    """The voxels of a grid in the head's own axes, each component of the shape of the grid, mm."""

    def __init__(self, grid: VoxelGrid, pose: Pose) -> None:
        self.voxel_mm = float(np.mean(grid.spacing_mm))
        steps = [
            (np.arange(count, dtype=np.float32) + np.float32(start)) * np.float32(spacing) - np.float32(center)
            for count, start, spacing, center in zip(
                grid.shape, grid.start, grid.spacing_mm, pose.center_mm, strict=True
            )
        ]
        slices, rows, columns = steps[0][:, None, None], steps[1][None, :, None], steps[2][None, None, :]
        self.components = tuple(
            np.float32(axis[0]) * slices + np.float32(axis[1]) * rows + np.float32(axis[2]) * columns
            for axis in pose.axes
        )

    def coverage(self, body: _Body) -> Activity:
        """Return the share of each voxel inside an ellipsoid, 0 to 1."""
        return self._covered(
            [
                (component - np.float32(center)) / np.float32(half)
                for component, center, half in zip(self.components, body.center_mm, body.half_mm, strict=True)
            ],
            body.half_mm,
        )

    def depth_mm(self, body: _Body) -> Activity:
        """Return how deep each voxel lies below the surface of an ellipsoid, about; below 0 outside."""
        normal = [
            (component - np.float32(center)) / np.float32(half)
            for component, center, half in zip(self.components, body.center_mm, body.half_mm, strict=True)
        ]
        return _depth_mm(normal, body.half_mm)

    def nucleus(self, nucleus: Nucleus, side: int) -> tuple[Activity, Activity]:
        """Return the coverage of a nucleus, and where along it each voxel lies: -1 in front to 1 behind.

        `side` is 1 on the left and -1 on the right.
        """
        up, back, left = self.components
        angle = math.radians(nucleus.angle_deg)
        behind = back - np.float32(nucleus.back_mm)
        outward = left * np.float32(side) - np.float32(nucleus.lateral_mm)
        along = behind * np.float32(math.cos(angle)) + outward * np.float32(math.sin(angle))
        across = outward * np.float32(math.cos(angle)) - behind * np.float32(math.sin(angle))
        along /= np.float32(nucleus.half_length_mm)
        across += np.float32(nucleus.bend_mm) * (along * along - np.float32(0.2))
        halves = (nucleus.half_height_mm, nucleus.half_length_mm, nucleus.half_width_mm)
        normal = [(up - np.float32(nucleus.up_mm)) / np.float32(halves[0]), along, across / np.float32(halves[2])]
        return self._covered(normal, halves), np.clip(along, -1, 1)

    def _covered(self, normal: list[Activity], half_mm: tuple[float, float, float]) -> Activity:
        share = _depth_mm(normal, half_mm) * np.float32(1 / self.voxel_mm) + np.float32(0.5)
        return np.clip(share, 0, 1, out=share)


def _depth_mm(normal: list[Activity], half_mm: tuple[float, float, float]) -> Activity:
    """Return the distance to the surface to first order: (1 - r²) / |gradient of r²|."""
    square = sum(component * component for component in normal)
    slope = sum((component / np.float32(half)) ** 2 for component, half in zip(normal, half_mm, strict=True))
    return np.asarray((1 - square) / (2 * np.sqrt(slope) + np.float32(1e-6)), np.float32)


def head_activity(
    grid: VoxelGrid, *, pose: Pose, head: HeadAnatomy, left: StriatumBinding, right: StriatumBinding
) -> Activity:
    """Draw the activity of a head.

    Returns:
        Activity in units of gray matter's nonspecific concentration, 0 and up, of the grid's shape.
    """
    activity = _background(_Places(grid, pose), head)
    for side, striatum, binding in ((1, head.left, left), (-1, head.right, right)):
        _add_striatum(activity, grid, pose=pose, side=side, striatum=striatum, binding=binding)
    return activity


def brain_depth(grid: VoxelGrid, *, pose: Pose, head: HeadAnatomy) -> Activity:
    """Return how deep each voxel lies in the brain: 0 on its surface and outside, 1 in its middle."""
    depth = _Places(grid, pose).depth_mm(_brain(head))
    share: Activity = np.clip(depth / np.float32(min(_BRAIN_HALF_MM) * head.size), 0, 1)
    return share


def _brain(head: HeadAnatomy, *, beyond_mm: float = 0.0) -> _Body:
    up, back, left = (half * head.size + beyond_mm for half in _BRAIN_HALF_MM)
    return _Body(center_mm=_BRAIN_CENTER_MM, half_mm=(up, back, left))


def _background(places: _Places, head: HeadAnatomy) -> Activity:
    depth = places.depth_mm(_brain(head))
    inside = np.clip(depth / np.float32(places.voxel_mm) + np.float32(0.5), 0, 1)
    cortex = np.clip((np.float32(_CORTEX_MM) - depth) * np.float32(0.25), 0, 1)
    # The cortical rim thins to fluid from outside inward.
    rim = cortex * (1 - np.float32(head.atrophy) * np.clip(1.5 - depth / np.float32(_CORTEX_MM), 0, 1.5))
    activity = inside * (rim + (1 - cortex) * np.float32(head.white_matter))
    scale = head.size
    for center, half, level in (
        ((0, 0, 0), (26, 42, 46), 1.0),  # insula, claustrum and the gray matter around the striata
        ((2, 16, 0), (10, 13, 17), head.thalamus),
        ((-22, 16, 0), (16, 10, 12), head.thalamus),
    ):
        share = places.coverage(_scaled(center, half, scale))
        activity += share * (np.float32(level) - activity)
    for body in _fluid(head):
        activity += places.coverage(body) * (np.float32(_FLUID) - activity)
    scalp = places.coverage(_brain(head, beyond_mm=_SKULL_MM + _SCALP_MM))
    scalp -= places.coverage(_brain(head, beyond_mm=_SKULL_MM))
    activity += scalp * np.float32(head.scalp)
    for side in (-1, 1):
        share = places.coverage(_scaled((-66, 0, 60 * side), (16, 15, 11), scale))
        activity += share * np.float32(head.glands)
    return np.asarray(activity, np.float32)


def _scaled(center: tuple[float, float, float], half: tuple[float, float, float], scale: float) -> _Body:
    return _Body(
        center_mm=(center[0] * scale, center[1] * scale, center[2] * scale),
        half_mm=(half[0] * scale, half[1] * scale, half[2] * scale),
    )


def _fluid(head: HeadAnatomy) -> list[_Body]:
    """Return the lateral ventricles and the third."""
    width = head.ventricles
    taller = math.sqrt(width)
    lateral_mm = 5 + 2.2 * width
    return [
        _scaled((16 + 2 * taller, 2, side * lateral_mm), (6 * taller, 34 * math.sqrt(taller), 3.2 * width), head.size)
        for side in (-1, 1)
    ] + [_scaled((0, 8, 0), (10, 14, 2.0 * width), head.size)]


def _add_striatum(
    activity: Activity, grid: VoxelGrid, *, pose: Pose, side: int, striatum: Striatum, binding: StriatumBinding
) -> None:
    """Add the specific activity of one striatum, in place."""
    window, fine = _window(grid, pose, side)
    places = _Places(fine, pose)
    caudate, _ = places.nucleus(striatum.caudate, side)
    putamen, along = places.nucleus(striatum.putamen, side)
    middle, slope = binding.putamen, (binding.putamen_posterior - binding.putamen_anterior) / 2
    bound = caudate * np.float32(binding.caudate)
    bound += putamen * (np.float32(middle) + np.float32(slope) * along)
    slices, rows, columns = (size // _FINENESS for size in bound.shape)
    blocks = bound.reshape(slices, _FINENESS, rows, _FINENESS, columns, _FINENESS)
    activity[window] += blocks.mean(axis=(1, 3, 5))


def _window(grid: VoxelGrid, pose: Pose, side: int) -> tuple[tuple[slice, ...], VoxelGrid]:
    """Return where one striatum lies in the grid, and the finer voxels of this part."""
    center = np.array(pose.center_mm) + pose.axes.T @ np.array([2.0, -2.0, 21.0 * side])
    half = np.array([22.0, 34.0, 26.0])
    spacing, start = np.array(grid.spacing_mm), np.array(grid.start)
    first = np.clip(np.floor((center - half) / spacing - start), 0, np.array(grid.shape) - 1).astype(int)
    last = np.clip(np.ceil((center + half) / spacing - start) + 1, first + 1, grid.shape).astype(int)
    fine_start = start + first - (0.5 - 0.5 / _FINENESS)
    shape = (last - first) * _FINENESS
    fine = VoxelGrid(
        start=tuple((fine_start * _FINENESS).tolist()),
        shape=tuple(shape.tolist()),
        spacing_mm=tuple((spacing / _FINENESS).tolist()),
    )
    return tuple(slice(int(low), int(high)) for low, high in zip(first, last, strict=True)), fine
