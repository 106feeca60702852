"""What a camera and its reconstruction make of an activity of cardiac MIBG: volumes and planar images."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.transform import Rotation

from phantoms.mibg_chest import CHEST_GRID, SIDE_MM
from phantoms.mibg_sites import MibgHabits
from phantoms.nuclear_dicom import StoredCounts
from phantoms.pet_shapes import FloatVolume, Triple

Picture = NDArray[np.float32]
"""Counts of a planar image, axes (row, column): head to feet, the patient's right to left."""

HALF_LIFE_S: Final = 13.2 * 3600
"""Of iodine-123, as the issue has it."""
_FWHM_PER_SIGMA: Final = math.sqrt(8 * math.log(2))
_SCATTER_MM: Final = 45.0
"""Standard deviation of the halo that scatter and penetration leave."""
_PER_MM: Final = 0.0125
"""Attenuation of 159 keV in tissue for a broad beam, about: our choice."""
PLANAR_MATRIX: Final = 128
PLANAR_SIDE_MM: Final = 3.2
_GRAIN: Final = 0.8
"""Smoothness of the noise, of the resolution."""
_PLANAR_MIDDLE_MM: Final = -80.0
"""Height of the middle of a planar image, from the carina."""
_ABOVE_CARINA_MM: Final = 90.0
"""Of the highest slice: our choice, so that the whole heart and most of the liver are seen."""
_MEDIASTINUM: Final = (slice(75, 83), slice(56, 62))
"""Of the frontal view of `CHEST_GRID`: 0 to 28 mm above the carina, from 6 mm right to 14 mm left of the middle."""


@dataclass(frozen=True, kw_only=True)
class MibgTechnique:
    """How one patient is imaged, early and late alike; quantities as in `MibgHabits`."""

    dose_mbq: float
    early_s: float
    late_s: float
    fwhm_mm: float
    scatter: float
    attenuation: float
    noise: float
    conversion: float
    head_first_slice: bool
    seen_from_above: bool

    def stored(self, counts: FloatVolume) -> StoredCounts:
        """Bring counts in patient axes into the order of the file and to whole numbers."""
        whole = np.clip(np.rint(counts), 0, 65_535).astype(np.uint16)
        frames = whole[::-1] if self.head_first_slice else whole
        return np.ascontiguousarray(frames[:, :, ::-1] if self.seen_from_above else frames)


@dataclass(frozen=True, kw_only=True)
class ChestPose:
    """How the patient lies at one acquisition.

    Attributes:
        shift_mm: Of the carina from the place where it is in the middle of the columns, (head, back, left).
        turns_deg: Rotations about the axes of (head, back, left).
    """

    shift_mm: Triple
    turns_deg: Triple

    @property
    def axes(self) -> NDArray[np.float64]:
        """The patient's own axes (head, back, left) as columns, in those of the camera."""
        about_head, about_back, about_left = self.turns_deg
        turn = Rotation.from_euler("zyx", [about_head, about_back, about_left], degrees=True)
        return np.asarray(turn.as_matrix()[::-1, ::-1], np.float64)


@dataclass(frozen=True, kw_only=True)
class MibgFrame:
    """The voxels of a SPECT volume and where the patient lies in it.

    Attributes:
        shape: Numbers of slices, rows and columns.
        spacing_mm: Side of a voxel.
        pose: How the patient lies.
    """

    shape: tuple[int, int, int]
    spacing_mm: float
    pose: ChestPose

    def seen(self, drawn: FloatVolume) -> FloatVolume:
        """Sample a volume on `CHEST_GRID` at the voxels, linearly; 0 outside.

        Returns:
            Axes (slice, row, column): feet to head, front to back, right to left of the patient.
        """
        inverse = self.pose.axes.T
        first_mm = self.first_mm - np.array(self.pose.shift_mm)
        offset = (inverse @ first_mm - np.array(CHEST_GRID.first_mm)) / SIDE_MM
        matrix = inverse * (self.spacing_mm / SIDE_MM)
        sampled = ndimage.affine_transform(drawn, matrix, offset, self.shape, output=np.float32, order=1)
        return np.asarray(sampled, np.float32)

    @property
    def first_mm(self) -> NDArray[np.float64]:
        """Center of voxel (0, 0, 0), (head, back, left) from the middle of rows and columns at the carina's height."""
        slices, rows, columns = self.shape
        highest = _ABOVE_CARINA_MM - (slices - 1) * self.spacing_mm
        return np.array([highest, -(rows - 1) / 2 * self.spacing_mm, -(columns - 1) / 2 * self.spacing_mm])


def draw_technique(rng: np.random.Generator, habits: MibgHabits) -> MibgTechnique:
    """Draw how a patient is imaged; it does not depend on the patient."""
    order, view = rng.random(2)
    return MibgTechnique(
        dose_mbq=round(float(rng.uniform(*habits.dose_mbq)), 1),
        early_s=float(60 * rng.integers(18, 31)),
        late_s=float(60 * round(60 * rng.uniform(*habits.late_hours))),
        fwhm_mm=float(rng.uniform(*habits.fwhm_mm)),
        scatter=float(rng.uniform(*habits.scatter)),
        attenuation=float(rng.uniform(*habits.attenuation)),
        noise=float(rng.uniform(*habits.noise)),
        conversion=float(rng.uniform(*habits.conversion)),
        head_first_slice=bool(order < habits.head_first_slice),
        seen_from_above=bool(view < habits.seen_from_above),
    )


def draw_pose(rng: np.random.Generator) -> ChestPose:
    """Draw how a patient lies; between early and late the patient gets up, so that each time has its own.

    Source:
        Our choice throughout.
    """
    head, back, left = (rng.normal(0, 1, 3).clip(-2.2, 2.2) * (8.0, 5.0, 7.0)).tolist()
    about_head, about_back, about_left = (rng.normal(0, 1, 3).clip(-2.2, 2.2) * (2.5, 1.8, 2.2)).tolist()
    return ChestPose(shift_mm=(head, back, left), turns_deg=(about_head, about_back, about_left))


def spect_counts(
    rng: np.random.Generator, activity: FloatVolume, *, density: FloatVolume, frame: MibgFrame, technique: MibgTechnique
) -> FloatVolume:
    """Reconstruct the counts of an activity.

    Args:
        rng: Of the noise.
        activity: Counts that a voxel would have without blur, on `CHEST_GRID`.
        density: What attenuates, on `CHEST_GRID`.
        frame: The voxels.
        technique: Resolution, noise.

    Returns:
        Counts, 0 and up, axes (slice, row, column) in patient axes: blurred, with a halo, dimmer deep in the body, and
        with noise that grows as the square root of the counts and is as smooth as a reconstruction's.
    """
    sigma_mm = technique.fwhm_mm / _FWHM_PER_SIGMA
    seen = frame.seen(ndimage.gaussian_filter(activity, sigma_mm / SIDE_MM, truncate=3))
    seen += np.float32(technique.scatter) * (_widely_blurred(seen, frame.spacing_mm) - seen)
    seen *= 1 - np.float32(technique.attenuation) * _widely_blurred(frame.seen(density), frame.spacing_mm)
    grain = ndimage.gaussian_filter(rng.standard_normal(seen.shape, np.float32), _GRAIN * sigma_mm / frame.spacing_mm)
    # The variance is in proportion to the counts.
    grain *= np.float32(technique.noise * 10) / grain.std()
    return np.asarray(np.maximum(seen + grain * np.sqrt(np.maximum(seen, 0)), 0), np.float32)


def planar_counts(
    rng: np.random.Generator, activity: FloatVolume, *, density: FloatVolume, pose: ChestPose, technique: MibgTechnique
) -> Picture:
    """Project an activity onto a camera in front of the patient.

    Rays are straight from back to front through the patient's own axes: turns of the body other than in the plane of
    the image are left out.

    Args:
        rng: Of the noise.
        activity: Counts that a voxel would send without attenuation, on `CHEST_GRID`.
        density: What attenuates, on `CHEST_GRID`.
        pose: How the patient lies.
        technique: Resolution, collimator.

    Returns:
        Whole counts, axes (row, column): head to feet, the patient's right to left.
    """
    before = np.cumsum(density, axis=1, dtype=np.float32) - density / 2
    sent = (activity * np.exp(np.float32(-_PER_MM * SIDE_MM) * before)).sum(axis=1)
    sharp = ndimage.gaussian_filter(sent, technique.fwhm_mm / _FWHM_PER_SIGMA / SIDE_MM)
    body = ndimage.gaussian_filter((density.max(axis=1) > 0).astype(np.float32), _SCATTER_MM / SIDE_MM)
    # What penetrates the collimator fills the body evenly; at the level of the mediastinum, so that a ratio to that
    # shows its excess by the conversion coefficient, as calibration phantoms do.
    veil = body * (sharp[_MEDIASTINUM].mean() / body[_MEDIASTINUM].mean())
    seen = technique.conversion * sharp + (1 - technique.conversion) * veil
    expected = _on_planar_matrix(seen, pose) * (PLANAR_SIDE_MM / SIDE_MM) ** 2
    return np.asarray(rng.poisson(np.maximum(expected, 0)), np.float32)


def _on_planar_matrix(seen: Picture, pose: ChestPose) -> Picture:
    """Sample a frontal view, axes (head, left), at the pixels of an image whose first row is at the head."""
    middle = (PLANAR_MATRIX - 1) / 2 * PLANAR_SIDE_MM
    angle = math.radians(pose.turns_deg[1])
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    steps = turn @ np.diag([-PLANAR_SIDE_MM, PLANAR_SIDE_MM]) / SIDE_MM
    top_mm = np.array([_PLANAR_MIDDLE_MM + middle - pose.shift_mm[0], -middle - pose.shift_mm[2]])
    corner_mm = turn @ (top_mm - [_PLANAR_MIDDLE_MM, 0]) + [_PLANAR_MIDDLE_MM, 0]
    first_mm = np.array([CHEST_GRID.first_mm[0], CHEST_GRID.first_mm[2]])
    shape = (PLANAR_MATRIX, PLANAR_MATRIX)
    offset = (corner_mm - first_mm) / SIDE_MM
    # Neck and belly go on beyond what is drawn.
    sampled = ndimage.affine_transform(seen, steps, offset, shape, output=np.float32, order=1, mode="nearest")
    return np.asarray(sampled, np.float32)


def _widely_blurred(values: FloatVolume, spacing_mm: float) -> FloatVolume:
    """Blur by two boxes, whose standard deviation is that of the halo."""
    side = max(1, round(_SCATTER_MM * math.sqrt(6) / spacing_mm))
    return np.asarray(ndimage.uniform_filter(ndimage.uniform_filter(values, side), side), np.float32)
