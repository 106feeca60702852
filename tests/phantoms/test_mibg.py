"""Phantoms of cardiac MIBG: people and diseases as declared, volumes and planar images that show them, DICOM files."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileDataset
from pydicom.filewriter import dcmwrite
from scipy import ndimage

from phantoms import (
    MibgPhantom,
    MibgTime,
    MibgTruth,
    Part,
    Site,
    SympatheticDisease,
    mibg_cohort,
    mibg_phantom,
)
from phantoms.mibg_population import DISEASE_SHARES
from phantoms.mibg_sites import MIBG_HABITS
from preprocessing import NotEligible
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from preprocessing.volume import Volume, read_volume
from specs.series import SPECT_SERIES
from tests.judges import complaints

PEOPLE = 800
"""Whose truth is drawn and whose volumes are not: a second."""

SITES = pytest.mark.parametrize("site", list(Site))


@pytest.fixture(scope="module")
def truths() -> list[MibgTruth]:
    """Return what is true of many people."""
    return [mibg_phantom(seed=7, index=index).truth for index in range(PEOPLE)]


@pytest.fixture(scope="module", params=list(Site))
def phantom(request: pytest.FixtureRequest) -> MibgPhantom:
    """Return one patient of each site whose heart is well seen."""
    cohort = mibg_cohort(Part.TEST, count=40, site=request.param)
    return next(each for each in cohort if each.truth.disease is SympatheticDisease.NONE)


def read(ds: FileDataset) -> Volume:
    """Write an image and read it as the client does."""
    content = BytesIO()
    dcmwrite(content, ds, enforce_file_format=True)
    volume = read_volume(Series.of([read_dataset(content.getvalue())]), SPECT_SERIES)
    assert not isinstance(volume, NotEligible), volume.reason
    return volume


def test_diseases_are_as_frequent_as_declared(truths: list[MibgTruth]) -> None:
    for disease, share in DISEASE_SHARES.items():
        found = sum(truth.disease is disease for truth in truths)
        assert abs(found - share * PEOPLE) < 4 * np.sqrt(PEOPLE * share * (1 - share))


def test_disease_lowers_uptake_and_raises_washout(truths: list[MibgTruth]) -> None:
    def middle(disease: SympatheticDisease) -> tuple[float, float]:
        found = [truth for truth in truths if truth.disease is disease]
        ratios = [truth.heart_to_mediastinum(truth.late) for truth in found]
        return float(np.median(ratios)), float(np.median([truth.washout_percent for truth in found]))

    none, failing, lewy = (middle(disease) for disease in SympatheticDisease)
    assert none[0] > 1.8 * failing[0] > 1.8 * 1.5 * lewy[0]
    assert 5 < none[1] < 12  # PMC2709219: 6 to 10 % until 3 hours
    assert min(failing[1], lewy[1]) > 2 * none[1]


def test_hearts_with_almost_no_uptake_are_in_every_cohort_and_only_in_lewy_body_disease(
    truths: list[MibgTruth],
) -> None:
    faint = [truth for truth in truths if truth.nearly_no_uptake]
    assert 0.08 < len(faint) / PEOPLE < 0.25
    assert {truth.disease for truth in faint} <= {SympatheticDisease.LEWY_BODY, SympatheticDisease.HEART_FAILURE}
    assert max(truth.heart_to_mediastinum(truth.late) for truth in faint) < 2


def test_nothing_but_the_heart_tells_the_disease(truths: list[MibgTruth]) -> None:
    ill = np.array([truth.disease is not SympatheticDisease.NONE for truth in truths], float)
    for name in ("age_years", "weight_kg"):
        values = [getattr(truth, name) for truth in truths]
        assert abs(np.corrcoef(ill, values)[0, 1]) < 4 / np.sqrt(PEOPLE)
    for organ in ("lungs", "liver", "blood", "mediastinum", "muscle"):
        values = [getattr(truth.late, organ) for truth in truths]
        assert abs(np.corrcoef(ill, values)[0, 1]) < 4 / np.sqrt(PEOPLE)


@SITES
def test_a_phantom_is_always_the_same_and_its_site_does_not_change_the_person(site: Site) -> None:
    first, again = (mibg_phantom(seed=3, index=5, site=site) for _ in range(2))
    np.testing.assert_array_equal(first.late, again.late)
    np.testing.assert_array_equal(first.planar(MibgTime.LATE), again.planar(MibgTime.LATE))
    other = mibg_phantom(seed=3, index=5, site=next(each for each in Site if each != site))
    assert (first.truth.disease, first.truth.early, first.truth.wall_ml, first.early_pose) == (
        other.truth.disease,
        other.truth.early,
        other.truth.wall_ml,
        other.early_pose,
    )
    assert first.study_uid != other.study_uid


@SITES
@settings(max_examples=3)
@given(index=st.integers(0, 500), time=st.sampled_from(list(MibgTime)))
def test_the_reader_finds_the_volume_in_patient_axes_however_it_is_stored(
    site: Site, index: int, time: MibgTime
) -> None:
    phantom = mibg_phantom(seed=1, index=index, site=site)
    volume = read(phantom.spect_dataset(time))
    np.testing.assert_array_equal(volume.values, np.rint(getattr(phantom, time.value)))
    np.testing.assert_allclose(volume.spacing_mm, phantom.spacing_mm)
    slices, _, columns = volume.values.shape
    side_mm = phantom.spacing_mm[0]
    right_mm, _, lowest_mm = volume.position_mm
    assert right_mm == pytest.approx(-(columns - 1) / 2 * side_mm, abs=1e-3)  # in the middle, to the patient's right
    assert lowest_mm + (slices - 1) * side_mm == pytest.approx(90, abs=1e-3)  # of the highest slice


def test_organs_lie_where_they_do_in_people(phantom: MibgPhantom) -> None:
    organs = phantom.early_organs
    heart, liver, right, left = (
        np.array(ndimage.center_of_mass(getattr(organs, name)))
        for name in ("heart", "liver", "right_lung", "left_lung")
    )
    assert right[2] < heart[2] < left[2]
    assert liver[2] < heart[2]
    assert liver[0] < heart[0]
    assert heart[1] < (right[1] + left[1]) / 2  # before the middle of the lungs


def test_no_voxel_is_of_two_organs_and_masks_have_the_drawn_volumes(phantom: MibgPhantom) -> None:
    organs = phantom.late_organs
    named = [organs.heart, organs.right_lung, organs.left_lung, organs.liver, organs.mediastinum, organs.soft_tissue]
    assert np.sum(named, axis=0).max() == 1
    assert (organs.heart | organs.wall == organs.heart).mean() > 0.999
    drawn_ml = phantom.truth.wall_ml + phantom.truth.cavity_ml
    assert organs.heart.sum() * np.prod(phantom.spacing_mm) / 1000 == pytest.approx(drawn_ml, rel=0.06)


def test_liver_and_sound_heart_are_brighter_than_their_surroundings(phantom: MibgPhantom) -> None:
    means = {
        name: float(phantom.early[getattr(phantom.early_organs, name)].mean())
        for name in ("wall", "heart", "liver", "lungs", "mediastinum", "soft_tissue")
    }
    assert means["liver"] > 3 * means["mediastinum"]
    assert means["wall"] > means["heart"] > 1.5 * max(means["lungs"], means["mediastinum"])


def test_late_counts_are_fewer_by_decay_and_washout() -> None:
    phantom = mibg_phantom(seed=4, index=2)
    organs = (phantom.early_organs.liver, phantom.late_organs.liver)
    early, late = (
        float(volume[ndimage.binary_erosion(liver, iterations=2)].mean())
        for volume, liver in zip((phantom.early, phantom.late), organs, strict=True)
    )
    hours = (phantom.technique.late_s - phantom.technique.early_s) / 3600
    kept = phantom.truth.late.liver / phantom.truth.early.liver
    assert late / early == pytest.approx(kept * 2 ** (-hours / 13.2), rel=0.05)


def test_the_patient_lies_differently_late_than_early() -> None:
    apart = [
        np.linalg.norm(np.subtract(phantom.early_pose.shift_mm, phantom.late_pose.shift_mm))
        for phantom in mibg_cohort(Part.VALIDATION, count=200)
    ]
    assert np.median(apart) > 8
    assert max(apart) < 60


@SITES
def test_the_planar_image_shows_the_patient_s_right_at_the_left_and_the_head_above(site: Site) -> None:
    picture = mibg_phantom(seed=2, index=3, site=site).planar(MibgTime.EARLY)
    smooth = ndimage.gaussian_filter(picture, 3)
    row, column = np.unravel_index(int(smooth.argmax()), smooth.shape)
    assert column < smooth.shape[1] / 2  # the liver
    assert row > smooth.shape[0] / 2


@SITES
def test_headers_say_what_quantities_need(site: Site) -> None:
    phantom = mibg_phantom(seed=2, index=1, site=site)
    early, late, *planar = phantom.datasets()
    assert len({ds.SOPInstanceUID for ds in (early, late, *planar)}) == 4
    assert len({ds.StudyInstanceUID for ds in (early, late, *planar)}) == 1
    for ds in (early, late, *planar):
        tracer = ds.RadiopharmaceuticalInformationSequence[0]
        assert tracer.RadionuclideTotalDose == phantom.technique.dose_mbq
        assert ds.PatientWeight == phantom.truth.weight_kg
        assert ds.DetectorInformationSequence[0].CollimatorGridName == MIBG_HABITS[site].collimator
        assert str(ds.PatientName).startswith("PHANTOM")
        assert "not a patient" in ds.SeriesDescription
        assert ds.QualityControlImage == "YES"
    assert int(early.AcquisitionTime[:2]) < int(late.AcquisitionTime[:2])


@SITES
def test_dciodvfy_finds_no_error(site: Site, tmp_path: Path) -> None:
    for file in mibg_phantom(seed=2, index=1, site=site).write(tmp_path):
        assert complaints(file) == []


def test_no_two_parts_and_no_two_sites_share_a_person() -> None:
    studies = [mibg_cohort(part, count=1, site=site)[0].study_uid for part in Part for site in Site]
    assert len(set(studies)) == len(studies)


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (0, -1)])
def test_a_negative_seed_or_index_is_refused(seed: int, index: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        mibg_phantom(seed=seed, index=index)
