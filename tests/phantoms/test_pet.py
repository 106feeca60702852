"""Phantoms of FDG PET: diseases as published, scans that show them, files that are DICOM."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileDataset
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from phantoms import GranulomaOrLymphoma, LesionSite, Part, PetPhantom, PetTruth, Site, pet_cohort, pet_phantom
from phantoms.pet_disease import SITE_FREQUENCIES
from preprocessing import NotEligible, Prepared, prepare
from preprocessing.series import Series
from preprocessing.suv import suv_volume
from preprocessing.volume import Volume, read_volume
from specs.fdg_projections import FDG_PROJECTIONS_256
from specs.series import PET_SERIES
from specs.uptake import FDG_UPTAKE
from tests.judges import complaints

PEOPLE = 3000
"""Whose truth is drawn and whose volume is not: seconds."""

SITES = pytest.mark.parametrize("site", list(Site))


@pytest.fixture(scope="module")
def people() -> list[PetPhantom]:
    """Return many people, of whom no volume is drawn."""
    return [pet_phantom(seed=7, index=index) for index in range(PEOPLE)]


@pytest.fixture(scope="module")
def truths(people: list[PetPhantom]) -> list[PetTruth]:
    """Return what is true of them."""
    return [phantom.truth for phantom in people]


def uptake_of(datasets: tuple[FileDataset, ...]) -> Volume:
    """Read a series as the client does, to SUV."""
    series = Series.of(datasets)
    volume = read_volume(series, PET_SERIES)
    assert not isinstance(volume, NotEligible), volume.reason
    uptake = suv_volume(volume, series, FDG_UPTAKE)
    assert not isinstance(uptake, NotEligible), uptake.reason
    return uptake


@pytest.mark.slow
@pytest.mark.parametrize("disease", list(GranulomaOrLymphoma))
def test_sites_are_positive_as_often_as_published(truths: list[PetTruth], disease: GranulomaOrLymphoma) -> None:
    patients = [truth for truth in truths if truth.disease is disease]
    assert all(truth.positive_sites for truth in patients)
    for site, share in SITE_FREQUENCIES[disease].items():
        found = sum(site in truth.positive_sites for truth in patients)
        assert abs(found - share * len(patients)) <= 4 * np.sqrt(len(patients) * share * (1 - share))


def known(phantom: PetPhantom) -> list[float]:
    """Return what a perfect measurement could tell: first which sites are positive, then how they are at each."""
    details = []
    for site in LesionSite:
        volumes = [(blob.volume_ml, np.sign(blob.center_mm[2])) for blob in phantom.lesions.get(site, ())]
        left, right = (sum(volume for volume, side in volumes if side == wanted) for wanted in (1, -1))
        balance = min(left, right) / max(left, right) if volumes and max(left, right) > 0 else 1.0
        largest = max((volume for volume, _ in volumes), default=0.0)
        details += [float(len(volumes)), float(np.log1p(left + right)), float(np.log1p(largest)), balance]
    return [*(float(site in phantom.truth.positive_sites) for site in LesionSite), *details]


def test_neither_the_sites_alone_nor_a_perfect_measurement_tells_every_patient(people: list[PetPhantom]) -> None:
    table = np.array([known(phantom) for phantom in people])
    sarcoidosis = np.array([phantom.truth.sarcoidosis for phantom in people])
    half = PEOPLE // 2

    def area(columns: slice) -> float:
        fit = LogisticRegression(max_iter=5000).fit(table[:half, columns], sarcoidosis[:half])
        return float(roc_auc_score(sarcoidosis[half:], fit.decision_function(table[half:, columns])))

    assert area(slice(len(LesionSite))) == pytest.approx(0.887, abs=0.03)
    assert area(slice(None)) == pytest.approx(0.95, abs=0.02)


def test_nothing_of_the_person_tells_the_disease(truths: list[PetTruth]) -> None:
    sarcoidosis = np.array([truth.sarcoidosis for truth in truths])
    assert sarcoidosis.mean() == pytest.approx(0.5, abs=0.05)
    for of in ("age_years", "weight_kg", "height_m"):
        assert roc_auc_score(sarcoidosis, [getattr(truth, of) for truth in truths]) == pytest.approx(0.5, abs=0.05)


@SITES
def test_a_phantom_is_always_the_same(site: Site) -> None:
    first, again = (pet_phantom(seed=3, index=5, site=site) for _ in range(2))
    assert first == again
    np.testing.assert_array_equal(first.uptake, again.uptake)


def test_the_same_person_has_the_same_disease_at_both_sites() -> None:
    first, second = (pet_phantom(seed=3, index=5, site=site).truth for site in Site)
    assert (first.disease, first.positive_sites) == (second.disease, second.positive_sites)


@SITES
@settings(max_examples=3)
@given(index=st.integers(0, 500), seed=st.integers(0, 100))
def test_the_reader_gives_back_the_uptake_in_any_order_of_files(site: Site, index: int, seed: int) -> None:
    phantom = pet_phantom(seed=1, index=index, site=site)
    datasets = list(phantom.datasets())
    np.random.default_rng(seed).shuffle(datasets)
    volume = uptake_of(tuple(datasets))
    assert volume.values.shape == phantom.uptake.shape
    by_slice = phantom.uptake.max(axis=(1, 2), keepdims=True)
    assert (np.abs(volume.values - phantom.uptake) <= 1e-4 * by_slice + 1e-3).all()
    np.testing.assert_allclose(volume.spacing_mm, phantom.grid.spacing_mm)


def mean_uptake(phantom: PetPhantom, volume: Volume, center_mm: tuple[float, float, float], radius_mm: float) -> float:
    """Return the mean of a ball about a place of the patient, (head, back, left) from the carina."""
    axes = [phantom.grid.axis_mm(axis) - center for axis, center in enumerate(center_mm)]
    head, back, left = np.meshgrid(*axes, indexing="ij", sparse=True)
    return float(volume.values[head**2 + back**2 + left**2 <= radius_mm**2].mean())


@SITES
def test_the_liver_lies_on_the_right_with_its_own_uptake_and_brain_and_bladder_glow(site: Site) -> None:
    phantom = pet_phantom(seed=2, index=0, site=site)
    volume = uptake_of(phantom.datasets())
    length, inner, _ = phantom.person.organ_scale
    liver = mean_uptake(phantom, volume, (-172 * length, -8 * inner, -90 * inner), 25)
    opposite = mean_uptake(phantom, volume, (-215 * length, -8 * inner, 120 * inner), 12)
    brain = mean_uptake(phantom, volume, (300 * length, -12, 0), 40)
    assert 1.5 < liver < 4.5
    assert liver > 1.4 * opposite
    assert brain > 1.4 * liver


@SITES
def test_lesions_are_brighter_than_what_is_about_them(site: Site) -> None:
    phantom = next(p for p in pet_cohort(Part.TEST, count=20, site=site) if p.truth.suv_max > 8)
    volume, mask = uptake_of(phantom.datasets()), phantom.lesion_mask
    assert mask.any()
    assert volume.values[mask].mean() > 3 * volume.values[~mask & (volume.values > 0.2)].mean()


@SITES
def test_the_recipe_accepts_it_and_a_mirrored_patient_has_the_mirrored_projections(site: Site) -> None:
    datasets = pet_phantom(seed=2, index=4, site=site).datasets()
    prepared = prepare(datasets, FDG_PROJECTIONS_256)
    assert isinstance(prepared, Prepared)
    assert prepared.pixels.shape == FDG_PROJECTIONS_256.pixels.shape
    for ds in datasets:
        stored = np.frombuffer(ds.PixelData, "<u2").reshape(ds.Rows, ds.Columns)
        ds.PixelData = stored[:, ::-1].tobytes()
    mirrored = prepare(datasets, FDG_PROJECTIONS_256)
    assert isinstance(mirrored, Prepared)
    np.testing.assert_array_equal(mirrored.pixels[0], prepared.pixels[0][:, ::-1])
    np.testing.assert_array_equal(mirrored.pixels[1], prepared.pixels[1])


@SITES
def test_dciodvfy_finds_no_error(site: Site, tmp_path: Path) -> None:
    files = pet_phantom(seed=2, index=1, site=site).write(tmp_path)
    assert complaints(files[70]) == []


def test_a_phantom_says_that_it_is_none_of_a_patient() -> None:
    ds = pet_phantom(seed=2, index=1).datasets()[0]
    assert str(ds.PatientName).startswith("PHANTOM")
    assert "not a patient" in ds.SeriesDescription
    assert ds.QualityControlImage == "YES"


def test_no_two_parts_and_no_two_sites_share_a_person() -> None:
    scans = [pet_cohort(part, count=1, site=site)[0].series_uid for part in Part for site in Site]
    assert len(set(scans)) == len(scans)


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (0, -1)])
def test_a_negative_seed_or_index_is_refused(seed: int, index: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        pet_phantom(seed=seed, index=index)
