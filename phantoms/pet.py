"""A whole-body FDG PET scan of a synthetic patient: its truth, its volume and its DICOM files."""

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np
from pydicom.dataset import FileDataset

from phantoms.pet_body import ScannedPerson, draw_person
from phantoms.pet_dicom import PetIdentity, build_slices
from phantoms.pet_disease import draw_appearance, draw_disease, draw_sites
from phantoms.pet_lesions import Lesions, balance, draw_lesions
from phantoms.pet_organs import draw_organs, draw_physiology
from phantoms.pet_scanner import HALF_LIFE_S, PET_HABITS, DecayCorrection, Examination, draw_examination
from phantoms.pet_shapes import FloatVolume, Mask, Shape, VolumeGrid
from phantoms.pet_truth import GranulomaOrLymphoma, LesionSite, PetTruth
from phantoms.pet_volume import lesion_mask, render_uptake, scan_grid
from phantoms.sites import Site


@dataclass(frozen=True, kw_only=True)
class PetPhantom:
    """One synthetic patient with one scan.

    Everything is fixed when it is made; the volume is rendered on first use and then kept.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        site: Where the patient is examined.
        truth: What is true of the scan.
        person: Who is scanned.
        organs: What takes up tracer without disease, in the order to paint it.
        lesions: What takes it up with disease.
        examination: How the person is scanned.
    """

    seed: int
    index: int
    site: Site
    truth: PetTruth
    person: ScannedPerson
    organs: tuple[Shape, ...]
    lesions: Lesions
    examination: Examination

    @property
    def grid(self) -> VolumeGrid:
        """Where the voxels lie."""
        return scan_grid(self.examination, PET_HABITS[self.site])

    @cached_property
    def uptake(self) -> FloatVolume:
        """SUV by body weight as the scanner shows it, g/ml.

        Axes (slice, row, column): feet to head, front to back, right to left of the patient.
        """
        shapes = [*self.organs, *(blob for blobs in self.lesions.values() for blob in blobs)]
        shown = render_uptake(
            np.random.default_rng([self.seed, self.index, 1]), shapes, grid=self.grid, examination=self.examination
        )
        return shown * np.float32(self.examination.calibration)

    @property
    def lesion_mask(self) -> Mask:
        """Which voxels are of lesions, axes as of `uptake`."""
        return lesion_mask([blob for blobs in self.lesions.values() for blob in blobs], self.grid)

    def datasets(self) -> tuple[FileDataset, ...]:
        """Build the data sets, one a slice, Explicit VR Little Endian."""
        habits = PET_HABITS[self.site]
        per_suv = self._dose_bq / (1000 * self.person.weight_kg)
        return build_slices(
            self.uptake * np.float32(per_suv),
            self.grid,
            identity=self._identity,
            habits=habits,
            examination=self.examination,
        )

    def write(self, folder: str | PathLike[str]) -> list[Path]:
        """Write a DICOM file a slice into a folder, which is made where it is absent."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        paths = []
        for number, ds in enumerate(self.datasets()):
            paths.append(place / f"slice_{number:04d}.dcm")
            ds.save_as(paths[-1], enforce_file_format=True)
        return paths

    @property
    def series_uid(self) -> str:
        """Series Instance UID (0020,000E), known before the volume is rendered."""
        return self._identity.uid("series")

    @property
    def _dose_bq(self) -> float:
        """What is left of the dose at the moment that the pixel values stand for."""
        match PET_HABITS[self.site].decay_correction:
            case DecayCorrection.START:
                return float(self.examination.dose_bq * 2 ** (-self.examination.uptake_s / HALF_LIFE_S))
            case DecayCorrection.ADMINISTRATION:
                return float(self.examination.dose_bq)

    @property
    def _identity(self) -> PetIdentity:
        return PetIdentity(
            seed=self.seed,
            index=self.index,
            age_years=self.truth.age_years,
            sex=self.truth.sex,
            weight_kg=self.truth.weight_kg,
            height_m=self.truth.height_m,
            variant=f"{self.site} {self.truth.disease}",
        )


def pet_phantom(*, seed: int, index: int, site: Site = Site.A) -> PetPhantom:
    """Make the scan of one synthetic patient.

    The same arguments give the same phantom in any order; at another site the same person with the same disease is
    scanned in another way.

    Args:
        seed: Seed of the cohort, 0 or more.
        index: Number of the patient in the cohort, 0 or more.
        site: Where the patient is examined.

    Raises:
        ValueError: `seed` or `index` is negative.
    """
    if seed < 0 or index < 0:
        raise ValueError(f"A phantom needs a seed and an index of 0 or more; got {seed} and {index}.")
    people, illnesses, looks, places, healths, organs, techniques = np.random.default_rng([seed, index]).spawn(7)
    person = draw_person(people, arms_up=PET_HABITS[site].arms_up)
    disease = draw_disease(illnesses)
    sites = draw_sites(illnesses, disease)
    lesions = draw_lesions(places, sites=sites, appearance=draw_appearance(looks, disease), person=person)
    return PetPhantom(
        seed=seed,
        index=index,
        site=site,
        truth=_truth(person, disease, lesions),
        person=person,
        organs=tuple(draw_organs(organs, person, draw_physiology(healths, person))),
        lesions=lesions,
        examination=draw_examination(techniques, person=person, habits=PET_HABITS[site]),
    )


def _truth(person: ScannedPerson, disease: GranulomaOrLymphoma, lesions: Lesions) -> PetTruth:
    blobs = [blob for of_site in lesions.values() for blob in of_site]
    return PetTruth(
        disease=disease,
        positive_sites=frozenset(site for site in LesionSite if lesions.get(site)),
        age_years=person.age_years,
        sex=person.sex,
        weight_kg=person.weight_kg,
        height_m=person.height_m,
        lesion_count=len(blobs),
        lesion_volume_ml=sum(blob.volume_ml for blob in blobs),
        suv_max=max(blob.suv for blob in blobs),
        left_right_balance=balance(lesions),
        largest_lesion_ml=max(blob.volume_ml for blob in blobs),
    )
