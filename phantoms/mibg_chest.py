"""The chest of a phantom of cardiac MIBG: which organ fills how much of each voxel, before any camera sees it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cached_property
from typing import Final

import numpy as np

from phantoms.mibg_heart import LeftVentricle, rendered_ventricle
from phantoms.mibg_truth import MibgUptake
from phantoms.pet_body import ScannedPerson, place, scaled, trunk
from phantoms.pet_lesions import LEFT_LUNG, LIVER, RIGHT_LUNG, SPLEEN
from phantoms.pet_shapes import Blob, Block, FloatVolume, Shape, Triple, Tube, VolumeGrid, coverage

SIDE_MM: Final = 4.0
CHEST_GRID: Final = VolumeGrid(
    shape=(110, 74, 116), spacing_mm=(SIDE_MM, SIDE_MM, SIDE_MM), first_mm=(-300.0, -146.0, -230.0)
)
"""Belly to neck of the heaviest person; (head, back, left) from the carina."""
_FAT_UPTAKE: Final = 0.3
"""Of fat, over that of muscle: our choice."""
_LIVER_SIZE: Final = 0.88
"""Gives livers of about 1.6 L, where those of the FDG phantoms have 2.4."""
LUNG_DENSITY: Final = 0.3
"""Of lungs with their air over that of tissue."""


class ChestOrgan(Enum):
    """What the chest is made of."""

    FAT = auto()
    MUSCLE = auto()
    RIGHT_LUNG = auto()
    LEFT_LUNG = auto()
    MEDIASTINUM = auto()
    BLOOD = auto()
    LIVER = auto()
    SPLEEN = auto()
    STOMACH = auto()


_LEFT_LOBE: Final = Blob(center_mm=(-150, -46, -8), semi_mm=(38, 38, 62), suv=0)
_STOMACH: Final = Blob(center_mm=(-188, -24, 62), semi_mm=(40, 32, 34), suv=0)
_MEDIASTINUM: Final = Blob(center_mm=(-20, -4, 4), semi_mm=(112, 62, 36), suv=0)
_BLOOD: Final = (
    Tube(knots=((-330.0, 30.0, 2.0, 8.0, 8.0), (-60.0, 44.0, 20.0, 12.0, 12.0), (32.0, 30.0, 20.0, 12.0, 12.0)), suv=0),
    Blob(center_mm=(36, -4, 8), semi_mm=(18, 42, 16), suv=0),
    Blob(center_mm=(-70, -26, 4), semi_mm=(48, 42, 48), suv=0),
)
"""Descending aorta, aortic arch and great vessels, the heart's other chambers."""


@dataclass(frozen=True, kw_only=True)
class Chest:
    """One patient's chest; positions are (head, back, left) from the carina.

    Attributes:
        person: Whose.
        ventricle: The left ventricle.
        lung_size: Size of the lungs against the average.
        liver_size: Size of the liver against that of the FDG phantoms.
    """

    person: ScannedPerson
    ventricle: LeftVentricle
    lung_size: float
    liver_size: float

    @cached_property
    def drawn(self) -> "DrawnChest":
        """The chest on `CHEST_GRID`; drawn on first use and then kept."""
        return _draw(self)


@dataclass(frozen=True, kw_only=True)
class DrawnChest:
    """Shares of voxels, each of the shape of `CHEST_GRID`, 0 to 1 and in sum at most 1.

    Attributes:
        shares: Of each organ but the left ventricle.
        block: The part of the volume that the left ventricle touches.
        cavity: Of the cavity of the left ventricle, in the block.
        wall: Of its wall, in the block.
        pattern: Uptake of the wall over its mean, in the block.
    """

    shares: Mapping[ChestOrgan, FloatVolume]
    block: Block
    cavity: FloatVolume
    wall: FloatVolume
    pattern: FloatVolume

    def activity(self, uptake: MibgUptake) -> FloatVolume:
        """Return the concentration of each voxel, g/ml."""
        levels = {
            ChestOrgan.FAT: _FAT_UPTAKE * uptake.muscle,
            ChestOrgan.MUSCLE: uptake.muscle,
            ChestOrgan.RIGHT_LUNG: uptake.lungs,
            ChestOrgan.LEFT_LUNG: uptake.lungs,
            ChestOrgan.MEDIASTINUM: uptake.mediastinum,
            ChestOrgan.BLOOD: uptake.blood,
            ChestOrgan.LIVER: uptake.liver,
            ChestOrgan.SPLEEN: uptake.spleen,
            ChestOrgan.STOMACH: 0.8 * uptake.muscle,
        }
        activity = np.zeros(CHEST_GRID.shape, np.float32)
        for organ, share in self.shares.items():
            activity += np.float32(levels[organ]) * share
        heart = activity[self.block]
        heart += np.float32(uptake.blood) * self.cavity
        heart += np.float32(uptake.wall) * self.pattern * self.wall
        return activity

    @property
    def density(self) -> FloatVolume:
        """How much each voxel attenuates against tissue, 0 to 1."""
        density = np.sum(list(self.shares.values()), axis=0, dtype=np.float32)
        lungs = self.shares[ChestOrgan.RIGHT_LUNG] + self.shares[ChestOrgan.LEFT_LUNG]
        density -= np.float32(1 - LUNG_DENSITY) * lungs
        density[self.block] += self.cavity + self.wall
        return density

    @property
    def heart(self) -> FloatVolume:
        """Share of each voxel that the left ventricle with its cavity fills."""
        heart = np.zeros(CHEST_GRID.shape, np.float32)
        heart[self.block] = self.cavity + self.wall
        return heart


def _draw(chest: Chest) -> DrawnChest:
    shares = {organ: np.zeros(CHEST_GRID.shape, np.float32) for organ in ChestOrgan}
    for organ, shape in _shapes(chest):
        block, share = coverage(CHEST_GRID, shape)
        _fill(shares, block, 1 - share)
        shares[organ][block] += share
    ventricle = rendered_ventricle(CHEST_GRID, chest.ventricle)
    _fill(shares, ventricle.block, 1 - ventricle.whole)
    return DrawnChest(
        shares=shares,
        block=ventricle.block,
        cavity=ventricle.whole - ventricle.wall,
        wall=ventricle.wall,
        pattern=ventricle.pattern,
    )


def _fill(shares: Mapping[ChestOrgan, FloatVolume], block: Block, left: FloatVolume) -> None:
    """Leave of what was drawn before only the share of each voxel that a new shape does not fill, in place."""
    for share in shares.values():
        share[block] *= left


def _shapes(chest: Chest) -> Iterator[tuple[ChestOrgan, Shape]]:
    """Yield what fills the chest, in the order to draw it."""
    person = chest.person
    yield ChestOrgan.FAT, trunk(person, suv=0)
    yield ChestOrgan.MUSCLE, trunk(person, suv=0, inset_mm=max(6.0, 14.0 * person.girth_scale**3))
    scale = person.organ_scale
    for organ, lung in ((ChestOrgan.RIGHT_LUNG, RIGHT_LUNG), (ChestOrgan.LEFT_LUNG, LEFT_LUNG)):
        yield organ, _grown(lung, scale, chest.lung_size)
    yield ChestOrgan.MEDIASTINUM, _grown(_MEDIASTINUM, scale, 1.0)
    for shape in _BLOOD:
        yield ChestOrgan.BLOOD, _tube(shape, scale) if isinstance(shape, Tube) else _grown(shape, scale, 1.0)
    for organ, blob in ((ChestOrgan.STOMACH, _STOMACH), (ChestOrgan.SPLEEN, SPLEEN)):
        yield organ, _grown(blob, scale, 1.0)
    for lobe in (LIVER, _LEFT_LOBE):
        yield ChestOrgan.LIVER, _grown(lobe, scale, chest.liver_size)


def _grown(blob: Blob, scale: Triple, size: float) -> Blob:
    head, back, left = scaled(blob.semi_mm, scale)
    return replace(place(blob, scale), semi_mm=(head * size, back * size, left * size))


def _tube(tube: Tube, scale: Triple) -> Tube:
    knots = tuple(
        (knot[0] * scale[0], knot[1] * scale[1], knot[2] * scale[2], knot[3] * scale[1], knot[4] * scale[2])
        for knot in tube.knots
    )
    return replace(tube, knots=knots)


def draw_chest(rng: np.random.Generator, *, person: ScannedPerson, ventricle: LeftVentricle) -> Chest:
    """Draw how large lungs and liver are; nothing of it depends on the disease.

    Source:
        Our choice.
    """
    lungs, liver = np.exp(rng.normal(0, (0.05, 0.07))).clip(0.85, 1.18).tolist()
    return Chest(person=person, ventricle=ventricle, lung_size=lungs, liver_size=_LIVER_SIZE * liver)
