"""A frontal chest radiograph of a synthetic patient: its truth, its stored pixels and its DICOM data set."""

from dataclasses import dataclass, replace
from functools import cached_property
from os import PathLike
from typing import TypedDict, Unpack

import numpy as np
from pydicom.dataset import FileDataset

from phantoms.anatomy import ChestAnatomy
from phantoms.aorta import calcium_thickness, place_aorta
from phantoms.bones import bone_thickness
from phantoms.detector import Exposure, draw_exposure, expose
from phantoms.devices import Devices, draw_devices, gastric_air_depth, metal_thickness
from phantoms.disease import HeartDisease, draw_disease
from phantoms.encoding import Encoding, draw_encoding
from phantoms.heart import HeartShapes, heart_thickness, place_heart
from phantoms.measurement import measure
from phantoms.population import Patient, draw_anatomy, draw_patient
from phantoms.radiograph_dicom import RadiographIdentity, build_dataset
from phantoms.shapes import FloatImage
from phantoms.sites import HABITS, Site
from phantoms.thorax import (
    airway_depth,
    body_thickness,
    breast_thickness,
    lung_depth,
    mediastinum_thickness,
    outline_lungs,
)
from phantoms.transfer import StoredImage, transfer
from phantoms.truth import ChestTruth, Grade
from phantoms.vessels import parenchyma, vessel_thickness
from phantoms.view import View, draw_view

_WATER_PER_MM = np.float32(0.0185)
"""Attenuation of soft tissue for the hardened beam of a chest examination near 120 kV, 1/mm. Our choice."""
_BONE_PER_MM = np.float32(0.030)
"""What cortical bone adds to the soft tissue it replaces, 1/mm. Our choice."""
_AIR_SHARE = np.float32(0.74)
"""Part of inflated lung that is air. Our choice."""
_VESSEL_OVERLAP = np.float32(4.0)
"""Vessels drawn once stand for the several that lie behind one another. Our choice, by eye."""


@dataclass(frozen=True, kw_only=True)
class RadiographPhantom:
    """One synthetic patient with one radiograph.

    Everything is fixed when it is made; the picture is rendered on first use and then kept.

    Attributes:
        seed: Seed of the cohort.
        index: Number of the patient in it.
        site: Where the patient is examined.
        truth: What is true of the radiograph.
        patient: The person.
        anatomy: The person's chest.
        view: Positioning.
        exposure: Technique and processing.
        encoding: How the picture is stored.
        devices: Foreign objects.
    """

    seed: int
    index: int
    site: Site
    truth: ChestTruth
    patient: Patient
    anatomy: ChestAnatomy
    view: View
    exposure: Exposure
    encoding: Encoding
    devices: Devices

    @cached_property
    def heart(self) -> HeartShapes:
        """The heart as this view projects it."""
        return place_heart(self.anatomy, self.view)

    @cached_property
    def picture(self) -> FloatImage:
        """Brightness as a workstation would show it, shape (rows, columns), 0 (black) to 1 (white)."""
        streams = _render_streams(self.seed, self.index)
        attenuation = _attenuation(self, streams)
        return expose(streams[2], attenuation=attenuation, exposure=self.exposure)

    @cached_property
    def stored(self) -> StoredImage:
        """Stored values, shape (rows, columns), 0 to 2 ** bits_stored - 1."""
        return self.encoding.store(self.picture)

    def dataset(self) -> FileDataset:
        """Build the DICOM data set, Explicit VR Little Endian, with its file meta information."""
        return build_dataset(self.stored, identity=self._identity, encoding=self.encoding)

    def datasets(self) -> tuple[FileDataset, ...]:
        """Build every data set of the examination: one."""
        return (self.dataset(),)

    @property
    def instance_uid(self) -> str:
        """SOP Instance UID (0008,0018), known before the picture is rendered."""
        return self._identity.uid("instance")

    @property
    def _identity(self) -> RadiographIdentity:
        return RadiographIdentity(
            seed=self.seed,
            index=self.index,
            age_years=self.truth.age_years,
            sex=self.truth.sex,
            projection=self.truth.projection,
            spacing_mm=self.view.grid.spacing_mm,
            manufacturer_model=HABITS[self.site].manufacturer_model,
            variant=f"{self.site} {self.patient.age_years} {self._disease} {self.encoding.polarity}",
        )

    @property
    def _disease(self) -> str:
        truth = self.truth
        grades = f"{truth.mitral_regurgitation.name} {truth.aortic_stenosis.name}"
        return f"{grades} {truth.ejection_fraction_percent:.3f}"

    def write(self, path: str | PathLike[str]) -> None:
        """Write a DICOM file (PS3.10) in the transfer syntax of the phantom's encoding."""
        ds = self.dataset()
        transfer(ds, self.encoding.transfer_syntax, stored=self.stored)
        ds.save_as(path, enforce_file_format=True)


class Given(TypedDict, total=False):
    """What may be given instead of drawn; the rest of the person stays the same.

    Attributes:
        mitral_regurgitation: Grade of mitral regurgitation.
        aortic_stenosis: Grade of aortic stenosis.
        ejection_fraction_percent: Ejection fraction of the left ventricle, 15 to 75 %.
        age_years: Age, 20 to 90.
    """

    mitral_regurgitation: Grade
    aortic_stenosis: Grade
    ejection_fraction_percent: float
    age_years: int


def radiograph_phantom(*, seed: int, index: int, site: Site = Site.A, **given: Unpack[Given]) -> RadiographPhantom:
    """Make the radiograph of one synthetic patient.

    The same arguments give the same phantom in any order, pixel for pixel with the same releases of NumPy and
    OpenCV.

    Args:
        seed: Seed of the cohort, 0 or more.
        index: Number of the patient in the cohort, 0 or more.
        site: Where the patient is examined.
        given: A disease's degree or an age: the same person is examined with this instead of what was drawn.

    Returns:
        The phantom; its picture is rendered on first use.

    Raises:
        ValueError: `seed` or `index` is negative.
    """
    if seed < 0 or index < 0:
        raise ValueError(f"A phantom needs a seed and an index of 0 or more; got {seed} and {index}.")
    diseases, people, bodies, views, techniques = np.random.default_rng([seed, index]).spawn(5)
    patient, disease = draw_patient(people), draw_disease(diseases)
    patient = replace(patient, age_years=given.get("age_years", patient.age_years))
    disease = _with_given(disease, given)
    anatomy = draw_anatomy(bodies, patient=patient, disease=disease)
    habits = HABITS[site]
    view = draw_view(views, habits)
    return RadiographPhantom(
        seed=seed,
        index=index,
        site=site,
        truth=measure(anatomy, disease=disease, patient=patient, view=view),
        patient=patient,
        anatomy=anatomy,
        view=view,
        exposure=draw_exposure(techniques, habits),
        encoding=draw_encoding(techniques, habits),
        devices=draw_devices(techniques, view),
    )


def _with_given(drawn: HeartDisease, given: Given) -> HeartDisease:
    return HeartDisease(
        mitral_regurgitation=given.get("mitral_regurgitation", drawn.mitral_regurgitation),
        aortic_stenosis=given.get("aortic_stenosis", drawn.aortic_stenosis),
        ejection_fraction_percent=given.get("ejection_fraction_percent", drawn.ejection_fraction_percent),
    )


def _render_streams(seed: int, index: int) -> list[np.random.Generator]:
    return np.random.default_rng([seed, index, 1]).spawn(5)


def _attenuation(phantom: RadiographPhantom, streams: list[np.random.Generator]) -> FloatImage:
    """Sum the line integrals of tissue, air, bone and metal; unit 1, shape (rows, columns)."""
    grid, anatomy, view = phantom.view.grid, phantom.anatomy, phantom.view
    lungs = outline_lungs(grid, anatomy, view)
    body_mm = body_thickness(grid, anatomy.thorax)
    lung_mm = lung_depth(grid, lungs, anatomy.thorax)
    lung_mm -= heart_thickness(grid, phantom.heart)
    aorta = place_aorta(anatomy, view, phantom.heart)
    lung_mm -= mediastinum_thickness(grid, anatomy, view, aorta)
    np.maximum(lung_mm, np.float32(0), out=lung_mm)
    density = np.float32(1 - anatomy.lungs.haze) - parenchyma(streams[0], grid=grid, lungs=anatomy.lungs)
    air_mm = lung_mm * density * _AIR_SHARE
    vessels_mm = vessel_thickness(streams[1], grid=grid, anatomy=anatomy, view=view)
    air_mm -= vessels_mm * _VESSEL_OVERLAP * np.minimum(lung_mm * np.float32(1 / 30), np.float32(1))
    air_mm += airway_depth(grid, anatomy, view)
    air_mm += gastric_air_depth(streams[2], grid=grid, anatomy=anatomy, view=view)
    tissue_mm = body_mm + breast_thickness(grid, anatomy.thorax)
    tissue_mm -= np.minimum(air_mm, tissue_mm)
    attenuation = tissue_mm * _WATER_PER_MM
    bone_mm = bone_thickness(streams[3], grid=grid, thorax=anatomy.thorax, view=view)
    bone_mm += calcium_thickness(streams[4], grid=grid, anatomy=anatomy, aorta=aorta)
    attenuation += bone_mm * _BONE_PER_MM
    attenuation += metal_thickness(streams[2], grid=grid, devices=phantom.devices, anatomy=anatomy, view=view)
    return attenuation
