"""Dopamine-transporter SPECT of a synthetic patient: its truth, its stored counts and its DICOM data set."""

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Final

import numpy as np
from pydicom.dataset import FileDataset

from phantoms.dopamine_anatomy import HeadAnatomy, draw_head
from phantoms.dopamine_camera import CAMERAS, Acquisition, StoredVolume, draw_acquisition, image
from phantoms.dopamine_dicom import ScanIdentity, build_dataset
from phantoms.dopamine_head import Activity, Pose, VoxelGrid, brain_depth, head_activity
from phantoms.dopamine_population import draw_age_and_sex, draw_binding, draw_condition
from phantoms.dopamine_truth import DopamineTruth
from phantoms.sites import Site

_HEAD_ROOM_MM: Final = (240.0, 190.0)
"""Of rows and of columns: beyond it there is nothing but air, and nothing is drawn."""
_STRIATA_ABOVE_FLOOR_MM: Final = 76.0


@dataclass(frozen=True, kw_only=True)
class DopaminePhantom:
    """One synthetic patient with one reconstructed volume.

    Everything is fixed when it is made; the volume is rendered on first use and then kept.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        site: Where the patient is examined.
        truth: What is true of the examination.
        head: The patient's head.
        pose: How it lies.
        acquisition: Technique.
    """

    seed: int
    index: int
    site: Site
    truth: DopamineTruth
    head: HeadAnatomy
    pose: Pose
    acquisition: Acquisition

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distances of slices, rows and columns."""
        side_mm = self.acquisition.spacing_mm
        return side_mm, side_mm, side_mm

    @cached_property
    def volume(self) -> Activity:
        """What the camera makes of the activity, in units of gray matter's nonspecific concentration, 0 and up.

        Axes (slice, row, column): feet to head, front to back, right to left of the patient.
        """
        grid = self._head_grid
        activity = head_activity(grid, pose=self.pose, head=self.head, left=self.truth.left, right=self.truth.right)
        seen = image(
            np.random.default_rng([self.seed, self.index, 1]),
            activity,
            depth=brain_depth(grid, pose=self.pose, head=self.head),
            acquisition=self.acquisition,
        )
        volume = np.zeros(self.acquisition.shape, np.float32)
        window = tuple(slice(int(start), int(start) + size) for start, size in zip(grid.start, grid.shape, strict=True))
        volume[window] = seen
        return volume

    @cached_property
    def stored(self) -> StoredVolume:
        """Stored counts, axes (frame, row, column) as the file has them."""
        return self.acquisition.stored(self.volume)

    def dataset(self) -> FileDataset:
        """Build the DICOM data set, Explicit VR Little Endian, with its file meta information."""
        return build_dataset(self.stored, identity=self._identity, acquisition=self.acquisition)

    def datasets(self) -> tuple[FileDataset, ...]:
        """Build every data set of the examination: one."""
        return (self.dataset(),)

    def write(self, path: str | PathLike[str]) -> None:
        """Write a DICOM file (PS3.10)."""
        self.dataset().save_as(path, enforce_file_format=True)

    @property
    def instance_uid(self) -> str:
        """SOP Instance UID (0008,0018), known before the volume is rendered."""
        return self._identity.uid("instance")

    @property
    def _head_grid(self) -> VoxelGrid:
        """The part of the volume in which the head lies: all slices."""
        side_mm = self.acquisition.spacing_mm
        slices, rows, columns = self.acquisition.shape
        height, width = (min(round(room / side_mm), rows) for room in _HEAD_ROOM_MM)
        return VoxelGrid(
            start=(0, (rows - height) // 2, (columns - width) // 2),
            shape=(slices, height, width),
            spacing_mm=self.spacing_mm,
        )

    @property
    def _identity(self) -> ScanIdentity:
        return ScanIdentity(
            seed=self.seed,
            index=self.index,
            age_years=self.truth.age_years,
            sex=self.truth.sex,
            manufacturer_model=CAMERAS[self.site].manufacturer_model,
            variant=f"{self.site} {self.truth.condition}",
        )


def dopamine_phantom(*, seed: int, index: int, site: Site = Site.A) -> DopaminePhantom:
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
    people, conditions, heads, bindings, poses, techniques = np.random.default_rng([seed, index]).spawn(6)
    age_years, sex = draw_age_and_sex(people)
    condition = draw_condition(conditions)
    head = draw_head(heads, age_years=age_years, sex=sex, condition=condition)
    left, right = draw_binding(bindings, age_years=age_years, sex=sex, condition=condition, head=head)
    acquisition = draw_acquisition(techniques, CAMERAS[site])
    return DopaminePhantom(
        seed=seed,
        index=index,
        site=site,
        truth=DopamineTruth(age_years=age_years, sex=sex, condition=condition, left=left, right=right),
        head=head,
        pose=draw_pose(poses, acquisition),
        acquisition=acquisition,
    )


def draw_pose(rng: np.random.Generator, acquisition: Acquisition) -> Pose:
    """Draw how the head lies; it depends on neither the patient nor the site.

    Source:
        Our choice throughout: a head in a holder.
    """
    pitch_deg, roll_deg, yaw_deg = np.clip(rng.normal(0, 1, 3), -2.5, 2.5) * (6.0, 3.5, 4.0)
    up_mm, back_mm, left_mm = np.clip(rng.normal(0, 1, 3), -2.5, 2.5) * (3.0, 5.0, 4.0)
    middle_mm = (np.array(acquisition.shape[1:]) - 1) / 2 * acquisition.spacing_mm
    return Pose(
        pitch_deg=float(pitch_deg),
        roll_deg=float(roll_deg),
        yaw_deg=float(yaw_deg),
        center_mm=(
            _STRIATA_ABOVE_FLOOR_MM + float(up_mm),
            float(middle_mm[0]) - 8.0 + float(back_mm),
            float(middle_mm[1]) + float(left_mm),
        ),
    )
