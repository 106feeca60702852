"""The chest of a phantom of myocardial perfusion: what each voxel takes up and how it attenuates."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from phantoms.myocardium_perfusion import Perfusion
from phantoms.myocardium_population import Habitus
from phantoms.myocardium_tracers import Tissue, TracerLevels
from phantoms.myocardium_truth import PerfusionState
from phantoms.myocardium_ventricle import DrawnWall, PerfusedVentricle, drawn_wall
from phantoms.pet_body import ScannedPerson, place, scaled, trunk
from phantoms.pet_lesions import LEFT_LUNG, RIGHT_LUNG
from phantoms.pet_shapes import Blob, Block, FloatVolume, Shape, Triple, Tube, VolumeGrid, coverage

SIDE_MM: Final = 4.0
PERFUSION_GRID: Final = VolumeGrid(
    shape=(72, 76, 116), spacing_mm=(SIDE_MM, SIDE_MM, SIDE_MM), first_mm=(-240.0, -162.0, -230.0)
)
"""Belly to carina of the heaviest person, with breasts; (head, back, left) from the carina."""
LUNG_DENSITY: Final = 0.22
"""Of lungs with their air over that of tissue."""
_DEEP_DENSITY: Final = 0.4
"""Of tissue other than the breast and what lies below the diaphragm, over theirs: our choice. With 1 the whole base is
dimmed by its depth as much as the inferior wall is by the diaphragm, which is not what readers of SPECT see."""
_RIGHT_WALL_MM: Final = 4.0
_DOME_MM: Final = 50.0
"""Height of the dome of the diaphragm."""
_SHIELDING: Final = (Tissue.BREAST, Tissue.ABDOMEN, Tissue.LIVER, Tissue.BOWEL)
"""What hides one wall of the heart more than the others."""


@dataclass(frozen=True, kw_only=True)
class PerfusedChest:
    """One patient's chest; positions are (head, back, left) from the carina.

    Attributes:
        person: Whose.
        habitus: What lies about the heart.
        ventricle: The left ventricle.
        perfusion: How evenly its wall takes up.
        hot_below_mm: How far liver and bowel are below the lowest place of the heart.
    """

    person: ScannedPerson
    habitus: Habitus
    ventricle: PerfusedVentricle
    perfusion: Perfusion
    hot_below_mm: float

    @cached_property
    def wall(self) -> DrawnWall:
        """The left ventricle on `PERFUSION_GRID`; drawn on first use and then kept."""
        return drawn_wall(PERFUSION_GRID, self.ventricle)

    @cached_property
    def density(self) -> FloatVolume:
        """How much each voxel of `PERFUSION_GRID` attenuates against breast and diaphragm, 0 to 1."""
        levels = dict.fromkeys(Tissue, _DEEP_DENSITY) | dict.fromkeys(_SHIELDING, 1.0)
        levels[Tissue.LUNG] = LUNG_DENSITY * _DEEP_DENSITY
        return self._painted(levels, _DEEP_DENSITY, _DEEP_DENSITY)

    def activity(self, levels: TracerLevels, state: PerfusionState) -> FloatVolume:
        """Return the concentration of each voxel of `PERFUSION_GRID` over that of healthy wall."""
        uptake = self.perfusion.at(self.wall.rings, self.wall.angles, state)
        return self._painted({tissue: levels.of(tissue) for tissue in Tissue}, uptake, levels.blood)

    def _painted(self, levels: dict[Tissue, float], wall: FloatVolume | float, cavity: float) -> FloatVolume:
        painted = np.zeros(PERFUSION_GRID.shape, np.float32)
        for tissue, block, share in self._coverages:
            region = painted[block]
            region += share * (np.float32(levels[tissue]) - region)
        region = painted[self.wall.block]
        region *= 1 - self.wall.wall - self.wall.cavity
        region += self.wall.wall * np.asarray(wall, np.float32) + self.wall.cavity * np.float32(cavity)
        return painted

    @cached_property
    def _coverages(self) -> tuple[tuple[Tissue, Block, FloatVolume], ...]:
        return tuple((tissue, *coverage(PERFUSION_GRID, shape)) for tissue, shape in self._shapes())

    def _shapes(self) -> Iterator[tuple[Tissue, Shape]]:
        """Yield what fills the chest, in the order to draw it."""
        yield from ((Tissue.BREAST, breast) for breast in self._breasts())
        yield Tissue.MUSCLE, trunk(self.person, suv=0)
        scale = self.person.organ_scale
        for lung in (RIGHT_LUNG, LEFT_LUNG):
            head, back, left = scaled(lung.semi_mm, scale)
            size = self.habitus.lung_size
            yield Tissue.LUNG, replace(place(lung, scale), semi_mm=(head * size, back * size, left * size))
        yield Tissue.MUSCLE, _blob((-20, -4, 4), (112, 62, 36), scale)
        yield from self._abdomen()
        yield from self._heart()

    def _breasts(self) -> Iterator[Blob]:
        _, back, left = self.person.outline_scale
        thickness_mm = self.habitus.breast_mm
        for side in (-1, 1):
            center = (-40 * self.person.length_scale, -84 * back, side * 92 * left)
            yield Blob(center_mm=center, semi_mm=(46.0, thickness_mm + 6, 62.0), suv=0)

    def _abdomen(self) -> Iterator[tuple[Tissue, Shape]]:
        """Yield what lies below the diaphragm, whose dome holds the lowest part of the heart."""
        _, back, left = self.person.organ_scale
        lowest_mm = self._lowest_of_heart_mm
        dome_mm = lowest_mm + self.habitus.dome_mm
        hot_mm = lowest_mm - self.hot_below_mm
        for side, higher_mm in ((-1, 8.0), (1, 0.0)):
            center = (dome_mm + higher_mm - _DOME_MM, 0.0, side * 64 * left)
            yield Tissue.ABDOMEN, Blob(center_mm=center, semi_mm=(_DOME_MM, 92 * back, 92 * left), suv=0)
        below = dome_mm - _DOME_MM
        belly = ((-330.0, 0.0, 0.0, 92 * back, 140 * left), (below, 0.0, 0.0, 92 * back, 140 * left))
        yield Tissue.ABDOMEN, Tube(knots=belly, suv=0)
        liver = (min(dome_mm + 6, hot_mm + 25) - 72, -4 * back, -78 * left)
        yield Tissue.LIVER, Blob(center_mm=liver, semi_mm=(72.0, 80 * back, 66 * left), suv=0)
        left_lobe = (hot_mm - 30, -46 * back, -10 * left)
        yield Tissue.LIVER, Blob(center_mm=left_lobe, semi_mm=(30.0, 34 * back, 54 * left), suv=0)
        bowel = (hot_mm - 32, -8 * back, 68 * left)
        yield Tissue.BOWEL, Blob(center_mm=bowel, semi_mm=(30.0, 34 * back, 32 * left), suv=0)

    @property
    def _lowest_of_heart_mm(self) -> float:
        ventricle = self.ventricle
        down = ventricle.axis[0]
        reach = np.hypot(ventricle.apex_mm * down, ventricle.radius_mm * np.sqrt(1 - down**2))
        return float(ventricle.center_mm[0] - reach - ventricle.wall_mm / 2)

    def _heart(self) -> Iterator[tuple[Tissue, Shape]]:
        """Yield the great vessels and the chambers of the heart other than the left ventricle."""
        _, back, left = self.person.organ_scale
        aorta = ((-330.0, 40.0 * back, 2.0, 11.0, 11.0), (40.0, 44.0 * back, 20.0 * left, 11.0, 11.0))
        yield Tissue.BLOOD, Tube(knots=aorta, suv=0)
        radius_mm = self.ventricle.radius_mm
        atrium = self._beside(along_mm=-self.ventricle.base_mm - 0.9 * radius_mm, lateral_mm=-6.0)
        yield Tissue.BLOOD, Blob(center_mm=atrium, semi_mm=(radius_mm, 0.9 * radius_mm, radius_mm), suv=0)
        outer = self._beside(along_mm=-2.0, lateral_mm=-1.15 * radius_mm)
        semi = (1.15 * radius_mm, 1.15 * radius_mm, 1.05 * radius_mm)
        inner = (semi[0] - _RIGHT_WALL_MM, semi[1] - _RIGHT_WALL_MM, semi[2] - _RIGHT_WALL_MM)
        yield Tissue.RIGHT_WALL, Blob(center_mm=outer, semi_mm=semi, suv=0)
        yield Tissue.BLOOD, Blob(center_mm=outer, semi_mm=inner, suv=0)

    def _beside(self, *, along_mm: float, lateral_mm: float) -> Triple:
        """Return a place by its distance from the center of the left ventricle, to the apex and to the lateral wall."""
        to_apex, _, lateral = self.ventricle.directions
        head, back, left = (np.array(self.ventricle.center_mm) + along_mm * to_apex + lateral_mm * lateral).tolist()
        return head, back, left


def _blob(center_mm: Triple, semi_mm: Triple, scale: Triple) -> Blob:
    return Blob(center_mm=scaled(center_mm, scale), semi_mm=scaled(semi_mm, scale), suv=0)
