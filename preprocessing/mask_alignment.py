"""Early and late volumes of one patient laid over each other by the masks of lungs and liver: a rigid movement."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.transform import Rotation

from preprocessing.grid import Voxels
from preprocessing.organ_masks import OrganMask, OrganMasks
from preprocessing.unknown import Unknown
from preprocessing.volume import Volume
from specs.mibg import AlignmentRules

_Vectors = NDArray[np.float64]
"""A vector a row, mm, in the order of the axes: to the head, the back, the left."""
_FWHM_PER_SIGMA = 2.3548


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """Where each place of the early volume is in the late one: turned about a center, then shifted.

    Attributes:
        rotation: Orthogonal matrix of determinant 1, of vectors in the order (head, back, left).
        center_mm: Center of the turn in the coordinates of the early volume, same order.
        shift_mm: Way of the center to its place in the coordinates of the late volume.
    """

    rotation: NDArray[np.float64]
    center_mm: _Vectors
    shift_mm: _Vectors

    @property
    def turn_degrees(self) -> float:
        """Angle of the turn, 0 to 180."""
        return float(np.degrees(np.linalg.norm(Rotation.from_matrix(self.rotation).as_rotvec())))

    def moved(self, places_mm: _Vectors) -> _Vectors:
        """Return where places of the early volume are in the late one, shape (places, 3)."""
        return (places_mm - self.center_mm) @ self.rotation.T + self.center_mm + self.shift_mm

    def turned_further(self, step: NDArray[np.float64]) -> Self:
        """Return the movement after a turn about the moved center (rotation vector) and a shift, 3 numbers each."""
        return type(self)(
            rotation=Rotation.from_rotvec(step[:3]).as_matrix() @ self.rotation,
            center_mm=self.center_mm,
            shift_mm=self.shift_mm + step[3:],
        )

    def late_on_early(self, late: Volume, early: Volume, values: Voxels | OrganMask) -> Voxels:
        """Resample values or a mask of the late volume on the grid of the early one, linearly; 0 outside.

        Returns:
            The shape of the early volume; of a mask, shares from 0 to 1.
        """
        matrix = self.rotation * np.array(early.spacing_mm) / np.array(late.spacing_mm)[:, None]
        first = self.moved(_first_mm(early)[None])[0] - _first_mm(late)
        offset = first / np.array(late.spacing_mm)
        sampled = ndimage.affine_transform(
            values.astype(np.float32), matrix, offset, early.values.shape, output=np.float32, order=1
        )
        return np.asarray(sampled, np.float32)


def aligned(
    early: Volume, early_masks: OrganMasks, late: Volume, late_masks: OrganMasks, rules: AlignmentRules
) -> Alignment | Unknown:
    """Find the rigid movement from the early to the late volume that lays lungs on lungs and liver on liver.

    It makes the squared differences of the smoothed masks least, by steps of Gauss and Newton from the movement of
    their centers. What one of the volumes does not show plays no part.

    Returns:
        The movement; unknown where a mask is empty or the aligned masks do not fit.

    Source:
        Our choice: in Saito S et al., EJNMMI Res 2021;11:105, the masks were aligned; how was not found.
    """
    for mask in (early_masks.lungs, early_masks.liver, late_masks.lungs, late_masks.liver):
        if not mask.any():
            return Unknown(reason="lungs or liver were not found, by which early and late are aligned")
    pictures = [_Slopes.of(mask, late, rules) for mask in (late_masks.lungs, late_masks.liver)]
    places, levels = _samples(early, early_masks, rules)
    movement = _by_centers(early, early_masks, late, late_masks)
    start_mm = movement.shift_mm
    for _ in range(rules.most_steps):
        step = _step(movement, places, levels, pictures)
        movement = movement.turned_further(step)
        if np.abs(step[3:]).max() < rules.finished_mm and np.abs(step[:3]).max() * 100 < rules.finished_mm:
            break
    shift_mm = float(np.linalg.norm(movement.shift_mm - start_mm))
    if shift_mm > rules.largest_shift_mm or movement.turn_degrees > rules.largest_turn_degrees:
        return Unknown(reason="the patient would have moved farther between early and late than is believed")
    if _overlap(movement, early, early_masks, late, late_masks) < rules.least_overlap:
        return Unknown(reason="lungs and liver of early and late do not fit on each other")
    return movement


def _first_mm(volume: Volume) -> _Vectors:
    return np.array(volume.position_mm[::-1])


def _center_mm(volume: Volume, mask: OrganMask) -> _Vectors:
    return np.array(ndimage.center_of_mass(mask)) * volume.spacing_mm + _first_mm(volume)


def _by_centers(early: Volume, early_masks: OrganMasks, late: Volume, late_masks: OrganMasks) -> Alignment:
    center_mm = _center_mm(early, early_masks.lungs | early_masks.liver)
    late_mm = _center_mm(late, late_masks.lungs | late_masks.liver)
    return Alignment(rotation=np.eye(3), center_mm=center_mm, shift_mm=late_mm - center_mm)


def _smoothed(mask: OrganMask, volume: Volume, rules: AlignmentRules) -> Voxels:
    sigmas = [rules.smoothing_mm / _FWHM_PER_SIGMA / spacing for spacing in volume.spacing_mm]
    # An organ that the border cuts goes on behind it.
    return np.asarray(ndimage.gaussian_filter(mask.astype(np.float32), sigmas, mode="nearest"), np.float32)


def _samples(early: Volume, masks: OrganMasks, rules: AlignmentRules) -> tuple[_Vectors, NDArray[np.float64]]:
    """Return places of the early volume, and the levels of its smoothed masks there, shape (mask, place)."""
    strides = [max(1, round(rules.coarsest_step_mm / spacing)) for spacing in early.spacing_mm]
    thinned = tuple(slice(None, None, stride) for stride in strides)
    indices = np.stack(np.meshgrid(*[np.arange(size) for size in early.values.shape], indexing="ij"), axis=-1)[thinned]
    levels = [_smoothed(mask, early, rules)[thinned].ravel() for mask in (masks.lungs, masks.liver)]
    return indices.reshape(-1, 3) * np.array(early.spacing_mm) + _first_mm(early), np.array(levels, np.float64)


@dataclass(frozen=True, kw_only=True)
class _Slopes:
    """A smoothed mask of the late volume with its slopes along (head, back, left), per mm."""

    volume: Volume
    level: Voxels
    slopes: list[Voxels]

    @classmethod
    def of(cls, mask: OrganMask, volume: Volume, rules: AlignmentRules) -> Self:
        level = _smoothed(mask, volume, rules)
        return cls(volume=volume, level=level, slopes=list(np.gradient(level, *volume.spacing_mm)))

    def at(self, places_mm: _Vectors) -> tuple[NDArray[np.bool_], NDArray[np.float64], _Vectors]:
        """Return which places lie in the volume, and there the level and the slope."""
        places = (places_mm - _first_mm(self.volume)) / np.array(self.volume.spacing_mm)
        inside = ((places >= 0) & (places <= np.array(self.level.shape) - 1)).all(axis=1)
        level, *slopes = (
            ndimage.map_coordinates(values, places[inside].T, order=1) for values in (self.level, *self.slopes)
        )
        return inside, np.asarray(level, np.float64), np.stack(slopes, axis=1).astype(np.float64)


def _step(
    movement: Alignment, places: _Vectors, levels: NDArray[np.float64], pictures: list[_Slopes]
) -> NDArray[np.float64]:
    """Return the step, three numbers of a rotation vector and three of a shift in mm, that the slopes ask for."""
    moved = movement.moved(places)
    arms = moved - (movement.center_mm + movement.shift_mm)
    normal, pull = np.zeros((6, 6)), np.zeros(6)
    for early_level, picture in zip(levels, pictures, strict=True):
        inside, level, slopes = picture.at(moved)
        # To turn by w moves a place by w x arm, so that the level changes by w . (arm x slope).
        changes = np.concatenate([np.cross(arms[inside], slopes), slopes], axis=1)
        normal += changes.T @ changes
        pull += changes.T @ (early_level[inside] - level)
    return np.asarray(np.linalg.lstsq(normal, pull, rcond=None)[0])


def _overlap(
    movement: Alignment, early: Volume, early_masks: OrganMasks, late: Volume, late_masks: OrganMasks
) -> float:
    """Return the Dice of lungs and liver together, in what both volumes show."""
    seen = movement.late_on_early(late, early, np.ones(late.values.shape, np.bool_)) > 0.99
    both, sizes = 0, 0
    for early_mask, late_mask in ((early_masks.lungs, late_masks.lungs), (early_masks.liver, late_masks.liver)):
        there = movement.late_on_early(late, early, late_mask) >= 0.5
        both += int((early_mask & there & seen).sum())
        sizes += int((early_mask & seen).sum() + (there & seen).sum())
    return 2 * both / sizes if sizes else 0.0
