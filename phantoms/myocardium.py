"""Myocardial perfusion of a synthetic patient at stress and rest: SPECT, the PET that it misses, and the truth."""

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from scipy import ndimage

from phantoms.myocardium_camera import (
    PerfusionFrame,
    collimated,
    pet_activity,
    pet_noise,
    spect_counts,
    stored,
    transmission,
)
from phantoms.myocardium_chest import PERFUSION_GRID, PerfusedChest
from phantoms.myocardium_dicom import PerfusionAcquisition, PerfusionIdentity, build_projections, build_slices
from phantoms.myocardium_population import draw_habitus, draw_patient, draw_perfusion, draw_ventricle
from phantoms.myocardium_projections import ViewPlaces, project
from phantoms.myocardium_sites import PERFUSION_HABITS, PerfusionTechnique, draw_technique
from phantoms.myocardium_slices import PlacedVolume
from phantoms.myocardium_tracers import PerfusionTracers, draw_tracers
from phantoms.myocardium_truth import MyocardialTruth, PerfusionState, TrueVentricle
from phantoms.myocardium_ventricle import wall_places
from phantoms.nuclear_dicom import SlicePlaces
from phantoms.pet_shapes import FloatVolume, Triple
from phantoms.sites import Range, Site

_SHIFT_MM: Final = (9.0, 5.0, 7.0)
_HOT_BELOW_MM: Final[Range] = (-4.0, 10.0)


@dataclass(frozen=True, kw_only=True)
class PerfusionPhantom:
    """One synthetic patient with SPECT and PET at stress and rest.

    Everything is fixed when it is made; nothing that is rendered is kept but what both states share. PET of a state is
    in the coordinates of its SPECT: our choice, for how the source registered them was not found.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        site: Where the patient is examined.
        truth: What is true of the examination.
        chest: The patient's chest.
        tracers: What else takes up.
        technique: How it is imaged.
        stress_shift_mm: Where the carina is at stress, (head, back, left).
        rest_shift_mm: The same at rest.
    """

    seed: int
    index: int
    site: Site
    truth: MyocardialTruth
    chest: PerfusedChest
    tracers: PerfusionTracers
    technique: PerfusionTechnique
    stress_shift_mm: Triple
    rest_shift_mm: Triple

    def spect(self, state: PerfusionState) -> PlacedVolume:
        """Render a SPECT volume that is not corrected for attenuation, in the unit of the file before rounding."""
        frame = self._frame(state)
        values = spect_counts(
            self._rng(state, noise=1),
            self.chest.activity(self.tracers.of(state), state),
            transmitted=self._transmitted,
            frame=frame,
            technique=self.technique,
            dose_mbq=self.technique.timing(state).dose_mbq,
        )
        head, back, left = frame.first_mm.tolist()
        return PlacedVolume(values=values, spacing_mm=(frame.spacing_mm,) * 3, position_mm=(left, back, head))

    def pet(self, state: PerfusionState, *, noisy: bool = True) -> PlacedVolume:
        """Render the PET volume that SPECT is to become, over the uptake of healthy wall."""
        values = pet_activity(self.chest.activity(self.tracers.pet, state), fwhm_mm=self.tracers.pet_fwhm_mm)
        if noisy:
            noise = pet_noise(self._rng(state, noise=2), values, noise=self.tracers.pet_noise)
            values = np.maximum(values + noise, 0)
        head, back, left = np.add(PERFUSION_GRID.first_mm, self._shift_mm(state)).tolist()
        return PlacedVolume(values=values, spacing_mm=PERFUSION_GRID.spacing_mm, position_mm=(left, back, head))

    def pet_percent(self, state: PerfusionState) -> NDArray[np.float64]:
        """Return what PET without noise shows in the middle of the wall.

        Returns:
            Means of the 17 segments in the order of their numbers, % of the highest one.
        """
        places = wall_places(self.chest.ventricle)
        first_mm, spacing_mm = (
            np.array(each)[:, None] for each in (PERFUSION_GRID.first_mm, PERFUSION_GRID.spacing_mm)
        )
        indices = (places.places_mm - first_mm) / spacing_mm
        means = places.segment_means(ndimage.map_coordinates(self.pet(state, noisy=False).values, indices, order=1))
        return np.asarray(100 * means / means.max())

    def ventricle(self, state: PerfusionState) -> TrueVentricle:
        """Return where the left ventricle is in SPECT and PET of a state."""
        ventricle = self.chest.ventricle
        head, back, left = np.add(ventricle.center_mm, self._shift_mm(state)).tolist()
        up, backward, leftward = ventricle.axis
        return TrueVentricle(
            center_mm=(left, back, head),
            axis=(leftward, backward, up),
            apex_mm=ventricle.apex_mm,
            base_mm=ventricle.base_mm,
            radius_mm=ventricle.radius_mm,
        )

    def dataset(self, state: PerfusionState) -> FileDataset:
        """Build the DICOM data set of a SPECT volume, Explicit VR Little Endian."""
        volume = self.spect(state)
        places = SlicePlaces(
            spacing_mm=volume.spacing_mm[0],
            lowest_mm=volume.position_mm,
            head_first_slice=self.technique.head_first_slice,
            seen_from_above=self.technique.seen_from_above,
            attenuation_corrected=False,
        )
        acquisition = self._acquisition(state, raw=False)
        return build_slices(
            stored(volume.values, self.technique), places, identity=self._identity, acquisition=acquisition
        )

    def projection_dataset(self, state: PerfusionState) -> FileDataset:
        """Build the DICOM data set of raw projections, which `datasets` does not have: slices may be made of them."""
        frame = self._frame(state)
        sent = collimated(
            self.chest.activity(self.tracers.of(state), state),
            frame=frame,
            technique=self.technique,
            dose_mbq=self.technique.timing(state).dose_mbq,
        )
        rng = self._rng(state, noise=3)
        counts = project(rng, sent, density=frame.seen(self.chest.density), spacing_mm=frame.spacing_mm)
        highest_mm = float(frame.first_mm[0]) + (frame.shape[0] - 1) * frame.spacing_mm
        views = ViewPlaces(pixel_mm=frame.spacing_mm, highest_mm=highest_mm)
        acquisition = self._acquisition(state, raw=True)
        return build_projections(counts, views, identity=self._identity, acquisition=acquisition)

    def datasets(self) -> tuple[FileDataset, ...]:
        """Build the two data sets of the study, stress and rest."""
        return tuple(self.dataset(state) for state in PerfusionState)

    def write(self, folder: str | PathLike[str]) -> list[Path]:
        """Write the two DICOM files of the study into a folder, which is made where it is absent."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        paths = []
        for ds in self.datasets():
            paths.append(place / f"{ds.SeriesNumber}.dcm")
            ds.save_as(paths[-1], enforce_file_format=True)
        return paths

    @property
    def study_uid(self) -> str:
        """Study Instance UID (0020,000D), known before anything is rendered."""
        return self._identity.uid("study")

    @cached_property
    def _transmitted(self) -> FloatVolume:
        return transmission(self.chest.density)

    def _shift_mm(self, state: PerfusionState) -> Triple:
        return self.stress_shift_mm if state is PerfusionState.STRESS else self.rest_shift_mm

    def _rng(self, state: PerfusionState, *, noise: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.index, noise, list(PerfusionState).index(state)])

    def _frame(self, state: PerfusionState) -> PerfusionFrame:
        habits = PERFUSION_HABITS[self.site]
        return PerfusionFrame(
            shape=(habits.slices, habits.matrix, habits.matrix),
            spacing_mm=habits.spacing_mm,
            shift_mm=self._shift_mm(state),
        )

    def _acquisition(self, state: PerfusionState, *, raw: bool) -> PerfusionAcquisition:
        return PerfusionAcquisition(
            state=state,
            raw=raw,
            timing=self.technique.timing(state),
            study_start_s=min(self.technique.stress.injection_s, self.technique.rest.injection_s),
        )

    @property
    def _identity(self) -> PerfusionIdentity:
        return PerfusionIdentity(
            seed=self.seed,
            index=self.index,
            age_years=self.truth.age_years,
            sex=self.truth.sex,
            height_m=self.truth.height_m,
            weight_kg=self.truth.weight_kg,
            manufacturer_model=PERFUSION_HABITS[self.site].manufacturer_model,
            collimator=PERFUSION_HABITS[self.site].collimator,
            variant=f"{self.site}",
        )


def perfusion_phantom(*, seed: int, index: int, site: Site = Site.A) -> PerfusionPhantom:
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
    people, hearts, wholes, chests, tracers, techniques, poses = np.random.default_rng([seed, index]).spawn(7)
    person = draw_patient(people)
    habitus = draw_habitus(chests, person)
    ventricle = draw_ventricle(hearts, person)
    perfusion = draw_perfusion(wholes, ventricle)
    places = wall_places(ventricle)
    stress, rest = (tuple(perfusion.segment_percent(places, state).tolist()) for state in PerfusionState)
    truth = MyocardialTruth(
        age_years=person.age_years,
        sex=person.sex,
        height_m=person.height_m,
        weight_kg=person.weight_kg,
        breast_mm=habitus.breast_mm,
        defects=perfusion.defects,
        stress_percent=stress,
        rest_percent=rest,
    )
    stress_shift_mm, rest_shift_mm = _draw_shifts(poses)
    return PerfusionPhantom(
        seed=seed,
        index=index,
        site=site,
        truth=truth,
        chest=PerfusedChest(
            person=person,
            habitus=habitus,
            ventricle=ventricle,
            perfusion=perfusion,
            hot_below_mm=float(chests.uniform(*_HOT_BELOW_MM)),
        ),
        tracers=draw_tracers(tracers),
        technique=draw_technique(techniques, PERFUSION_HABITS[site]),
        stress_shift_mm=stress_shift_mm,
        rest_shift_mm=rest_shift_mm,
    )


def _draw_shifts(rng: np.random.Generator) -> tuple[Triple, Triple]:
    """Draw where the patient lies at stress and at rest; between them the patient gets up."""
    shifts = (rng.normal(0, 1, (2, 3)).clip(-2.2, 2.2) * _SHIFT_MM).tolist()
    (first, second, third), (fourth, fifth, sixth) = shifts
    return (first, second, third), (fourth, fifth, sixth)
