"""Phantoms of myocardial perfusion: the truth comes back from PET, SPECT errs where it does in people, DICOM files."""

from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.filewriter import dcmwrite

from evaluation.polar_map import polar_map, segment_values
from phantoms import (
    CoronaryArtery,
    MyocardialTruth,
    Part,
    PerfusionPhantom,
    PerfusionState,
    PlacedVolume,
    Sex,
    Site,
    perfusion_cohort,
    perfusion_phantom,
    true_short_axis,
)
from phantoms.myocardium_population import DEFECT_COUNTS, KIND_SHARES, MALE_SHARE, TERRITORIES
from phantoms.myocardium_sites import PERFUSION_HABITS, PerfusionProtocol
from phantoms.myocardium_ventricle import wall_places
from preprocessing import NotEligible
from preprocessing.grid import Grid
from preprocessing.left_ventricle import LeftVentricle, find_left_ventricle
from preprocessing.reading import read_dataset
from preprocessing.reconstruction import reconstruct_series
from preprocessing.sampling import as_grid
from preprocessing.series import Series
from preprocessing.short_axis import short_axis
from preprocessing.volume import Volume, read_volume
from specs.left_ventricle import PERFUSED_VENTRICLE, SHORT_AXIS_48
from specs.myocardial_segments import AHA_SEGMENTS, PERFUSION_MAP, Level
from specs.reconstruction import CARDIAC_FILTERED_BACK_PROJECTION
from specs.series import SPECT_SERIES
from tests.judges import complaints

PEOPLE = 500
"""Whose truth is drawn and whose volumes are not: a second."""
IMAGED = 20
INFERIOR = (4, 10, 15)
STRESS, REST = PerfusionState

SITES = pytest.mark.parametrize("site", list(Site))
STATES = pytest.mark.parametrize("state", list(PerfusionState))


@pytest.fixture(scope="module")
def truths() -> list[MyocardialTruth]:
    """Return what is true of many people."""
    return [phantom.truth for phantom in perfusion_cohort(Part.TRAINING, count=PEOPLE)]


@cache
def imaged(index: int) -> PerfusionPhantom:
    """Return one of the people who are imaged, half of them at each site."""
    return perfusion_phantom(seed=11, index=index, site=list(Site)[index % 2])


@pytest.fixture(scope="module")
def spect_errors() -> dict[Sex, NDArray[np.float64]]:
    """Return what SPECT shows less what PET shows, of people of each sex: % of the highest segment, shape (_, 17)."""
    errors: dict[Sex, list[NDArray[np.float64]]] = {sex: [] for sex in Sex}
    for index in range(IMAGED):
        phantom, state = imaged(index), list(PerfusionState)[index // 2 % 2]
        shown = measured_percent(phantom.spect(state), true_ventricle(phantom, state))
        errors[phantom.truth.sex].append(shown - phantom.pet_percent(state))
    return {sex: np.array(rows) for sex, rows in errors.items()}


def gridded(volume: PlacedVolume) -> Grid:
    placed = Volume(values=volume.values, spacing_mm=volume.spacing_mm, position_mm=volume.position_mm, unit="CNTS")
    return as_grid(placed)


def true_ventricle(phantom: PerfusionPhantom, state: PerfusionState) -> LeftVentricle:
    true = phantom.ventricle(state)
    return LeftVentricle(
        center_mm=true.center_mm,
        axis=true.axis,
        apex_mm=true.apex_mm,
        base_mm=true.base_mm,
        radius_mm=true.radius_mm,
    )


def measured_percent(volume: PlacedVolume, ventricle: LeftVentricle) -> NDArray[np.float64]:
    """Measure the segments as the client does, % of the highest one."""
    slices = short_axis(gridded(volume), ventricle, SHORT_AXIS_48)
    values = segment_values(polar_map(slices, PERFUSION_MAP), PERFUSION_MAP)
    return np.asarray(100 * values / values.max())


def read(ds: FileDataset) -> Volume:
    """Write an image and read it as the client does."""
    content = BytesIO()
    dcmwrite(content, ds, enforce_file_format=True)
    volume = read_volume(Series.of([read_dataset(content.getvalue())]), SPECT_SERIES)
    assert not isinstance(volume, NotEligible), volume.reason
    return volume


def frequent(found: int, share: float, *, of: int) -> bool:
    return bool(abs(found - share * of) < 4 * np.sqrt(of * share * (1 - share)))


def test_sexes_and_defects_are_as_frequent_as_declared(truths: list[MyocardialTruth]) -> None:
    assert frequent(sum(truth.sex is Sex.MALE for truth in truths), MALE_SHARE, of=PEOPLE)
    for count, share in enumerate(DEFECT_COUNTS):
        assert frequent(sum(len(truth.defects) == count for truth in truths), share, of=PEOPLE)
    single = [truth.defects[0] for truth in truths if len(truth.defects) == 1]
    for artery, territory in TERRITORIES.items():
        assert frequent(sum(defect.artery is artery for defect in single), territory.share, of=len(single))
    defects = [defect for truth in truths for defect in truth.defects]
    kinds = [
        sum(defect.rest_depth == 0 for defect in defects),
        sum(defect.reversible_depth == 0 for defect in defects),
        sum(0 < defect.rest_depth < defect.stress_depth for defect in defects),
    ]
    for found, share in zip(kinds, KIND_SHARES, strict=True):
        assert frequent(found, share, of=len(defects))


@pytest.mark.parametrize(
    ("artery", "published"),
    [
        (CoronaryArtery.LEFT_ANTERIOR_DESCENDING, {1, 2, 7, 8, 13, 14, 17}),
        (CoronaryArtery.LEFT_CIRCUMFLEX, {5, 6, 11, 12, 16}),
        (CoronaryArtery.RIGHT_CORONARY, {3, 4, 9, 10, 15}),
    ],
)
def test_defects_lie_in_the_published_territory_of_their_artery(
    truths: list[MyocardialTruth], artery: CoronaryArtery, published: set[int]
) -> None:
    """Cerqueira MD et al., Circulation 2002;105:539-542, figure 5."""
    numbers = [
        number for truth in truths for defect in truth.defects if defect.artery is artery for number in defect.segments
    ]
    assert sum(number in published for number in numbers) / len(numbers) > 0.75


def test_nothing_but_the_wall_tells_the_disease(truths: list[MyocardialTruth]) -> None:
    ill = np.array([truth.diseased for truth in truths], float)
    for name in ("age_years", "weight_kg", "height_m", "breast_mm"):
        values = [getattr(truth, name) for truth in truths]
        assert abs(np.corrcoef(ill, values)[0, 1]) < 4 / np.sqrt(PEOPLE)


def test_a_defect_dims_its_segments_by_its_depth_and_is_as_deep_at_rest_as_it_is_fixed(
    truths: list[MyocardialTruth],
) -> None:
    for truth in truths:
        for state in PerfusionState:
            percent = np.array(truth.percent(state))
            assert percent.max() == pytest.approx(100)
            for defect in truth.defects:
                assert 0 <= defect.rest_depth <= defect.stress_depth < 0.9
                for number in defect.segments:
                    # At least half of the segment has at least half of the depth, beside natural variation of 12 %.
                    assert percent[number - 1] < 100 * 1.12 * (1 - 0.25 * defect.depth(state))


def test_a_reversible_defect_is_gone_at_rest_and_a_fixed_one_stays(truths: list[MyocardialTruth]) -> None:
    single = [truth for truth in truths if len(truth.defects) == 1 and truth.defects[0].segments]
    gains: dict[bool, list[float]] = {True: [], False: []}
    for truth in single:
        (defect,) = truth.defects
        places = [number - 1 for number in defect.segments]
        gain = np.subtract(truth.rest_percent, truth.stress_percent)[places].mean()
        if defect.rest_depth == 0:
            assert gain > 100 * 0.25 * defect.stress_depth - 4
        gains[defect.rest_depth == 0].append(float(gain) if defect.rest_depth in (0, defect.stress_depth) else np.nan)
    assert np.nanmean(gains[True]) > 25
    assert abs(np.nanmean(gains[False])) < 2


def test_uptake_is_even_where_there_is_no_defect_but_in_the_membranous_septum(truths: list[MyocardialTruth]) -> None:
    healthy = np.array([truth.stress_percent for truth in truths if not truth.diseased])
    means = healthy.mean(axis=0)
    membranous = [segment - 1 for segment in (2, 3)]
    assert means[membranous].max() < 90
    assert np.delete(means, membranous).min() > 93
    assert healthy.std(axis=0).max() < 7


def test_places_of_the_wall_are_cut_to_segments_as_published() -> None:
    """Equal thirds of the length beyond the cap, sixths and quarters about the axis, anterior at 90 degrees."""
    ventricle = imaged(0).chest.ventricle
    places = wall_places(ventricle)
    rings = places.segment_means(places.rings)
    for level, number in ((Level.BASAL, 6), (Level.MID, 6), (Level.APICAL, 4)):
        assert np.ptp([rings[each.number - 1] for each in AHA_SEGMENTS if each.level is level]) < 1e-5
        assert sum(each.level is level for each in AHA_SEGMENTS) == number
    assert rings[0] - rings[6] == pytest.approx(rings[6] - rings[12], rel=1e-4)
    up = places.segment_means(places.places_mm[0])
    for top, bottom in ((1, 4), (7, 10), (13, 15)):
        assert up[top - 1] - up[bottom - 1] > ventricle.radius_mm  # toward the head
    left = places.segment_means(places.places_mm[2])
    for septum, lateral in ((3, 6), (9, 12), (14, 16)):
        assert left[lateral - 1] > left[septum - 1] + 10


@STATES
@pytest.mark.parametrize("index", range(4))
def test_segments_measured_on_pet_without_noise_are_the_true_ones(state: PerfusionState, index: int) -> None:
    phantom = imaged(index)
    measured = measured_percent(phantom.pet(state, noisy=False), true_ventricle(phantom, state))
    assert np.abs(measured - phantom.pet_percent(state)).max() < 4
    # The blur of 5 mm blunts the edge of the wall at the base and fills the membranous septum.
    beyond_base = slice(6, 17)
    assert np.abs(measured - phantom.truth.percent(state))[beyond_base].max() < 7


def test_noise_of_pet_is_low_and_without_bias() -> None:
    phantom = imaged(0)
    noisy, clean = (phantom.pet(STRESS, noisy=each).values for each in (True, False))
    in_wall = clean > 0.7
    ratios = noisy[in_wall] / clean[in_wall]
    assert 0.01 < ratios.std() < 0.06
    assert ratios.mean() == pytest.approx(1, abs=0.01)


def test_spect_is_too_low_in_the_inferior_wall_and_less_so_elsewhere(
    spect_errors: dict[Sex, NDArray[np.float64]],
) -> None:
    mean = np.concatenate(list(spect_errors.values())).mean(axis=0)
    for level, inferior in ((Level.BASAL, 4), (Level.MID, 10), (Level.APICAL, 15)):
        others = [each.number - 1 for each in AHA_SEGMENTS if each.level is level and each.number != inferior]
        assert mean[inferior - 1] < mean[others].min()
        assert mean[inferior - 1] < mean[others].mean() - 3
    assert mean[[number - 1 for number in INFERIOR]].mean() < -8


def test_the_diaphragm_dims_men_and_the_breast_women(spect_errors: dict[Sex, NDArray[np.float64]]) -> None:
    def tilt(sex: Sex) -> float:
        mean = spect_errors[sex].mean(axis=0)
        return float(mean[[0, 6, 12]].mean() - mean[[3, 9, 14]].mean())

    assert tilt(Sex.MALE) > tilt(Sex.FEMALE) + 3
    assert tilt(Sex.MALE) > 10


def test_what_is_transmitted_falls_with_depth_and_smoothly() -> None:
    transmitted, density = imaged(0)._transmitted, imaged(0).chest.density
    inside = density > 0
    assert 0 < transmitted[inside].min() < 0.3
    assert transmitted.max() <= 1 + 1e-6
    assert np.abs(np.diff(transmitted, axis=0))[inside[1:]].max() < 0.15


@STATES
def test_phantom_s_own_short_axis_slices_are_those_of_the_client(state: PerfusionState) -> None:
    phantom = imaged(1)
    volume = phantom.pet(state)
    own = true_short_axis(volume, phantom.ventricle(state), SHORT_AXIS_48)
    theirs = short_axis(gridded(volume), true_ventricle(phantom, state), SHORT_AXIS_48).values
    assert own.shape == theirs.shape
    np.testing.assert_allclose(own, theirs, atol=1e-3)


def test_the_ventricle_is_found_in_nearly_every_spect() -> None:
    found = 0
    for index in range(IMAGED):
        phantom, state = imaged(index), list(PerfusionState)[index // 2 % 2]
        true = phantom.ventricle(state)
        ventricle = find_left_ventricle(gridded(phantom.spect(state)), PERFUSED_VENTRICLE)
        degrees = np.degrees(np.arccos(np.dot(ventricle.axis, true.axis)))
        aside_mm = np.linalg.norm(np.cross(np.subtract(ventricle.center_mm, true.center_mm), true.axis))
        found += bool(degrees < 12 and aside_mm < 6)
    assert found >= 0.95 * IMAGED


@SITES
@settings(max_examples=3)
@given(index=st.integers(0, 500), state=st.sampled_from(list(PerfusionState)))
def test_the_reader_finds_the_volume_in_patient_axes_however_it_is_stored(
    site: Site, index: int, state: PerfusionState
) -> None:
    phantom = perfusion_phantom(seed=1, index=index, site=site)
    volume, drawn = read(phantom.dataset(state)), phantom.spect(state)
    np.testing.assert_array_equal(volume.values, np.rint(drawn.values))
    np.testing.assert_allclose(volume.spacing_mm, drawn.spacing_mm)
    np.testing.assert_allclose(volume.position_mm, drawn.position_mm, atol=1e-3)


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("head_first", [False, True])
def test_in_a_written_file_the_apex_is_left_of_the_base_and_the_liver_on_the_right(
    above: bool, head_first: bool
) -> None:
    phantom = imaged(2)
    technique = replace(phantom.technique, seen_from_above=above, head_first_slice=head_first)
    volume = read(replace(phantom, technique=technique).dataset(REST))
    true = phantom.ventricle(REST)
    found = find_left_ventricle(as_grid(volume), PERFUSED_VENTRICLE)
    assert np.dot(found.axis, true.axis) > 0.97
    assert found.axis[0] > 0.3 > -0.3 > found.axis[1]  # to the left and the front
    below = volume.values[: volume.values.shape[0] // 4]
    middle = round(-volume.position_mm[0] / volume.spacing_mm[2])
    assert below[:, :, :middle].sum() > 1.5 * below[:, :, middle:].sum()


def test_the_same_arguments_give_the_same_phantom_in_any_order() -> None:
    first, other, again = (perfusion_phantom(seed=3, index=index) for index in (5, 6, 5))
    for state in reversed(PerfusionState):
        np.testing.assert_array_equal(again.spect(state).values, first.spect(state).values)
        np.testing.assert_array_equal(again.pet(state).values, first.pet(state).values)
    assert first.truth == again.truth != other.truth
    assert not np.array_equal(first.spect(STRESS).values, first.spect(REST).values)


def test_the_site_changes_the_camera_and_not_the_person() -> None:
    first, other = (perfusion_phantom(seed=3, index=5, site=site) for site in Site)
    assert first.truth == other.truth
    assert first.ventricle(STRESS) == other.ventricle(STRESS)
    np.testing.assert_array_equal(first.pet(REST).values, other.pet(REST).values)
    assert first.study_uid != other.study_uid
    assert first.technique.fwhm_mm < other.technique.fwhm_mm


def test_stress_and_rest_are_told_apart_by_times_doses_and_the_drug() -> None:
    protocols = set()
    for index in range(12):
        for site in Site:
            phantom = perfusion_phantom(seed=5, index=index, site=site)
            stress, rest = phantom.technique.stress, phantom.technique.rest
            protocol = phantom.technique.protocol
            protocols.add(protocol)
            assert protocol in PERFUSION_HABITS[site].protocols
            assert (stress.injection_s < rest.injection_s) == (protocol is not PerfusionProtocol.REST_FIRST)
            first, second = sorted((stress, rest), key=lambda timing: timing.injection_s)
            assert first.injection_s < first.image_s < second.injection_s < second.image_s
            apart = second.dose_mbq / first.dose_mbq
            assert apart == pytest.approx(1 if protocol is PerfusionProtocol.TWO_DAYS else 3, rel=0.01)
    assert protocols == set(PerfusionProtocol)


def test_slices_reconstructed_from_raw_projections_hold_the_ventricle_where_it_is() -> None:
    phantom = imaged(0)
    content = BytesIO()
    dcmwrite(content, phantom.projection_dataset(REST), enforce_file_format=True)
    series = Series.of([read_dataset(content.getvalue())])
    volume = reconstruct_series(series, CARDIAC_FILTERED_BACK_PROJECTION)
    assert not isinstance(volume, NotEligible), volume.reason
    np.testing.assert_allclose(volume.position_mm, phantom.spect(REST).position_mm, atol=1e-3)
    found, true = find_left_ventricle(as_grid(volume), PERFUSED_VENTRICLE), phantom.ventricle(REST)
    assert np.dot(found.axis, true.axis) > 0.97
    assert np.linalg.norm(np.cross(np.subtract(found.center_mm, true.center_mm), true.axis)) < 5


@SITES
def test_headers_say_what_pairing_needs(site: Site) -> None:
    phantom = perfusion_phantom(seed=2, index=1, site=site)
    stress, rest = phantom.datasets()
    assert stress.StudyInstanceUID == rest.StudyInstanceUID == phantom.study_uid
    assert stress.SeriesInstanceUID != rest.SeriesInstanceUID
    assert stress.FrameOfReferenceUID != rest.FrameOfReferenceUID
    assert stress.InterventionDrugInformationSequence[0].InterventionDrugName == "Adenosine"
    assert "InterventionDrugInformationSequence" not in rest
    for ds, state in ((stress, STRESS), (rest, REST)):
        timing = phantom.technique.timing(state)
        tracer = ds.RadiopharmaceuticalInformationSequence[0]
        assert tracer.RadionuclideTotalDose == timing.dose_mbq
        assert seconds(tracer.RadiopharmaceuticalStartTime) == timing.injection_s % 86_400
        assert seconds(ds.AcquisitionTime) == timing.image_s % 86_400
        assert ds.AcquisitionDate == f"2020010{1 + int(timing.image_s // 86_400)}"
        assert ds.SeriesDescription.startswith(state.value)
        assert "not a patient" in ds.SeriesDescription
        assert str(ds.PatientName).startswith("PHANTOM")


def seconds(time: str) -> float:
    return 3600 * int(time[:2]) + 60 * int(time[2:4]) + int(time[4:6])


@SITES
def test_dciodvfy_finds_no_error(site: Site, tmp_path: Path) -> None:
    phantom = perfusion_phantom(seed=2, index=1, site=site)
    raw = tmp_path / "raw.dcm"
    phantom.projection_dataset(STRESS).save_as(raw, enforce_file_format=True)
    for file in (*phantom.write(tmp_path), raw):
        assert complaints(file) == []


def test_no_two_parts_and_no_two_sites_share_a_person() -> None:
    cohorts = [perfusion_cohort(part, count=3, site=site) for part in Part for site in Site]
    truths = [phantom.truth.stress_percent for cohort in cohorts for phantom in cohort]
    assert len(set(truths)) == len(truths)
    assert len({cohort.name for cohort in cohorts}) == len(cohorts)
    assert len({phantom.study_uid for cohort in cohorts for phantom in cohort}) == len(truths)


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (0, -1)])
def test_a_negative_seed_or_index_is_refused(seed: int, index: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        perfusion_phantom(seed=seed, index=index)
