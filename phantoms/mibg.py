"""Cardiac 123I-MIBG of a synthetic patient: early and late SPECT volumes and planar images, with their truth."""

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
from pydicom.dataset import FileDataset

from phantoms.mibg_camera import (
    HALF_LIFE_S,
    PLANAR_MATRIX,
    ChestPose,
    MibgFrame,
    MibgTechnique,
    Picture,
    draw_pose,
    draw_technique,
    planar_counts,
    spect_counts,
)
from phantoms.mibg_chest import Chest, ChestOrgan, draw_chest
from phantoms.mibg_dicom import MibgAcquisition, MibgIdentity, build_planar, build_spect
from phantoms.mibg_heart import draw_ventricle
from phantoms.mibg_population import draw_disease, draw_patient, draw_uptake
from phantoms.mibg_sites import MIBG_HABITS
from phantoms.mibg_truth import MibgTruth, MibgUptake, OrganTruth
from phantoms.nuclear_dicom import SlicePlaces, StoredCounts
from phantoms.pet_shapes import FloatVolume, Triple
from phantoms.sites import Site
from specs.mibg import MibgTime

_PLANAR_BEFORE_S: Final = 480.0
"""The planar image is acquired before the SPECT: our choice."""
_PLANAR_COUNTS: Final = 1.6
"""Counts of a planar image that a voxel of 64 mm3 and 1 kBq/ml sends: our choice, some 60 a pixel over the heart."""
_INSIDE: Final = 0.5
_SOFT_TISSUE: Final = (ChestOrgan.FAT, ChestOrgan.MUSCLE, ChestOrgan.SPLEEN, ChestOrgan.STOMACH)


@dataclass(frozen=True, kw_only=True)
class MibgPhantom:
    """One synthetic patient with an early and a late SPECT volume and planar image.

    Everything is fixed when it is made; volumes are rendered on first use and then kept.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        site: Where the patient is examined.
        truth: What is true of the examination.
        chest: The patient's chest.
        technique: How it is imaged.
        early_pose: How the patient lies early.
        late_pose: How the patient lies late.
    """

    seed: int
    index: int
    site: Site
    truth: MibgTruth
    chest: Chest
    technique: MibgTechnique
    early_pose: ChestPose
    late_pose: ChestPose

    @cached_property
    def early(self) -> FloatVolume:
        """Counts of the early SPECT, axes (slice, row, column): feet to head, front to back, right to left."""
        return self._counts(MibgTime.EARLY)

    @cached_property
    def late(self) -> FloatVolume:
        """The same of the late SPECT."""
        return self._counts(MibgTime.LATE)

    @cached_property
    def early_organs(self) -> OrganTruth:
        """Masks on the grid of the early SPECT."""
        return self._organs(MibgTime.EARLY)

    @cached_property
    def late_organs(self) -> OrganTruth:
        """Masks on the grid of the late SPECT."""
        return self._organs(MibgTime.LATE)

    @property
    def spacing_mm(self) -> Triple:
        """Distances of slices, rows and columns."""
        side_mm = MIBG_HABITS[self.site].spacing_mm
        return side_mm, side_mm, side_mm

    def planar(self, time: MibgTime) -> Picture:
        """Return the counts of the anterior planar image, axes (row, column): head to feet, right to left."""
        per_uptake = self._bq_per_ml(self.after_s(time) - _PLANAR_BEFORE_S) / 1000 * _PLANAR_COUNTS
        drawn = self.chest.drawn
        return planar_counts(
            self._rng(time, noise=2),
            drawn.activity(self._uptake(time)) * np.float32(per_uptake),
            density=drawn.density,
            pose=self._pose(time),
            technique=self.technique,
        )

    def spect_dataset(self, time: MibgTime) -> FileDataset:
        """Build the DICOM data set of a SPECT volume, Explicit VR Little Endian."""
        habits = MIBG_HABITS[self.site]
        head, back, left = self._frame(time).first_mm.tolist()
        places = SlicePlaces(
            spacing_mm=habits.spacing_mm,
            lowest_mm=(left, back, head),
            head_first_slice=self.technique.head_first_slice,
            seen_from_above=self.technique.seen_from_above,
            attenuation_corrected=habits.attenuation_corrected,
        )
        acquisition = self._acquisition(f"{time} SPECT", 2 if time is MibgTime.EARLY else 4, self.after_s(time))
        stored = self.technique.stored(self._volume(time))
        return build_spect(stored, places, identity=self._identity, acquisition=acquisition)

    def planar_dataset(self, time: MibgTime) -> FileDataset:
        """Build the DICOM data set of a planar image."""
        after_s = self.after_s(time) - _PLANAR_BEFORE_S
        acquisition = self._acquisition(f"{time} planar", 1 if time is MibgTime.EARLY else 3, after_s)
        stored: StoredCounts = np.clip(self.planar(time), 0, 65_535).astype(np.uint16)
        shape = (1, PLANAR_MATRIX, PLANAR_MATRIX)
        return build_planar(stored.reshape(shape), identity=self._identity, acquisition=acquisition)

    def datasets(self) -> tuple[FileDataset, ...]:
        """Build the four data sets of the study."""
        return (
            *(self.spect_dataset(time) for time in MibgTime),
            *(self.planar_dataset(time) for time in MibgTime),
        )

    def write(self, folder: str | PathLike[str]) -> list[Path]:
        """Write the four DICOM files of the study into a folder, which is made where it is absent."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        paths = []
        for ds in self.datasets():
            paths.append(place / f"{ds.SeriesNumber}.dcm")
            ds.save_as(paths[-1], enforce_file_format=True)
        return paths

    def after_s(self, time: MibgTime) -> float:
        """Return the time from the injection to a SPECT, s."""
        return self.technique.early_s if time is MibgTime.EARLY else self.technique.late_s

    @property
    def study_uid(self) -> str:
        """Study Instance UID (0020,000D), known before anything is rendered."""
        return self._identity.uid("study")

    def _uptake(self, time: MibgTime) -> MibgUptake:
        return self.truth.early if time is MibgTime.EARLY else self.truth.late

    def _pose(self, time: MibgTime) -> ChestPose:
        return self.early_pose if time is MibgTime.EARLY else self.late_pose

    def _volume(self, time: MibgTime) -> FloatVolume:
        return self.early if time is MibgTime.EARLY else self.late

    def _rng(self, time: MibgTime, *, noise: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.index, noise, list(MibgTime).index(time)])

    def _frame(self, time: MibgTime) -> MibgFrame:
        habits = MIBG_HABITS[self.site]
        return MibgFrame(
            shape=(habits.slices, habits.matrix, habits.matrix), spacing_mm=habits.spacing_mm, pose=self._pose(time)
        )

    def _bq_per_ml(self, after_s: float) -> float:
        """Return the concentration of an uptake of 1 g/ml so long after the injection."""
        return self.technique.dose_mbq * 1e6 / (1000 * self.truth.weight_kg) * 2 ** (-after_s / HALF_LIFE_S)

    def _counts(self, time: MibgTime) -> FloatVolume:
        per_uptake = self._bq_per_ml(self.after_s(time)) / 1000 * MIBG_HABITS[self.site].sensitivity
        drawn = self.chest.drawn
        return spect_counts(
            self._rng(time, noise=1),
            drawn.activity(self._uptake(time)) * np.float32(per_uptake),
            density=drawn.density,
            frame=self._frame(time),
            technique=self.technique,
        )

    def _organs(self, time: MibgTime) -> OrganTruth:
        frame, drawn = self._frame(time), self.chest.drawn
        wall = np.zeros_like(drawn.heart)
        wall[drawn.block] = drawn.wall
        shares = drawn.shares
        mediastinum = shares[ChestOrgan.MEDIASTINUM] + shares[ChestOrgan.BLOOD]
        rest = np.add.reduce([shares[organ] for organ in _SOFT_TISSUE])
        return OrganTruth(
            heart=frame.seen(drawn.heart) >= _INSIDE,
            wall=frame.seen(wall) >= _INSIDE,
            right_lung=frame.seen(shares[ChestOrgan.RIGHT_LUNG]) >= _INSIDE,
            left_lung=frame.seen(shares[ChestOrgan.LEFT_LUNG]) >= _INSIDE,
            liver=frame.seen(shares[ChestOrgan.LIVER]) >= _INSIDE,
            mediastinum=frame.seen(mediastinum) >= _INSIDE,
            soft_tissue=frame.seen(rest) >= _INSIDE,
        )

    def _acquisition(self, name: str, number: int, after_s: float) -> MibgAcquisition:
        return MibgAcquisition(
            name=name,
            number=number,
            after_s=after_s,
            dose_mbq=self.technique.dose_mbq,
            collimator=MIBG_HABITS[self.site].collimator,
        )

    @property
    def _identity(self) -> MibgIdentity:
        return MibgIdentity(
            seed=self.seed,
            index=self.index,
            age_years=self.truth.age_years,
            sex=self.truth.sex,
            weight_kg=self.truth.weight_kg,
            manufacturer_model=MIBG_HABITS[self.site].manufacturer_model,
            variant=f"{self.site}",
        )


def mibg_phantom(*, seed: int, index: int, site: Site = Site.A) -> MibgPhantom:
    """Make the examination of one synthetic patient.

    The same arguments give the same phantom in any order.

    Args:
        seed: Seed of the cohort, 0 or more.
        index: Number of the patient in the cohort, 0 or more.
        site: Where the patient is examined.

    Raises:
        ValueError: `seed` or `index` is negative.
    """
    if seed < 0 or index < 0:
        raise ValueError(f"A phantom needs a seed and an index of 0 or more; got {seed} and {index}.")
    people, diseases, hearts, chests, uptakes, techniques, early, late = np.random.default_rng([seed, index]).spawn(8)
    person = draw_patient(people)
    disease = draw_disease(diseases)
    technique = draw_technique(techniques, MIBG_HABITS[site])
    late_hours = (technique.late_s - technique.early_s) / 3600
    uptake = draw_uptake(uptakes, age_years=person.age_years, disease=disease, late_hours=late_hours)
    ventricle = draw_ventricle(hearts, disease=disease, defect=uptake.defect, scale=person.organ_scale)
    truth = MibgTruth(
        age_years=person.age_years,
        sex=person.sex,
        weight_kg=person.weight_kg,
        disease=disease,
        early=uptake.early,
        late=uptake.late,
        wall_ml=ventricle.wall_ml,
        cavity_ml=ventricle.cavity_ml,
    )
    return MibgPhantom(
        seed=seed,
        index=index,
        site=site,
        truth=truth,
        chest=draw_chest(chests, person=person, ventricle=ventricle),
        technique=technique,
        early_pose=draw_pose(early),
        late_pose=draw_pose(late),
    )
