"""Images of phantoms of myocardial perfusion: the truth comes back from PET, SPECT errs where it does in people."""

import numpy as np
import pytest
from numpy.typing import NDArray

from phantoms import PerfusionState, Sex, Site, perfusion_phantom, true_short_axis
from preprocessing.left_ventricle import find_left_ventricle
from preprocessing.short_axis import short_axis
from specs.left_ventricle import PERFUSED_VENTRICLE, SHORT_AXIS_48
from specs.myocardial_segments import AHA_SEGMENTS, Level
from tests.phantoms.imaged_hearts import gridded, imaged, measured_percent, true_ventricle

IMAGED = 20
INFERIOR = (4, 10, 15)
STRESS, REST = PerfusionState

STATES = pytest.mark.parametrize("state", list(PerfusionState))


@pytest.fixture(scope="module")
def spect_errors() -> dict[Sex, NDArray[np.float64]]:
    """Return what SPECT shows less what PET shows, of people of each sex: % of the highest segment, shape (_, 17)."""
    errors: dict[Sex, list[NDArray[np.float64]]] = {sex: [] for sex in Sex}
    for index in range(IMAGED):
        phantom, state = imaged(index), list(PerfusionState)[index // 2 % 2]
        shown = measured_percent(phantom.spect(state), true_ventricle(phantom, state))
        errors[phantom.truth.sex].append(shown - phantom.pet_percent(state))
    return {sex: np.array(rows) for sex, rows in errors.items()}


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


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (0, -1)])
def test_a_negative_seed_or_index_is_refused(seed: int, index: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        perfusion_phantom(seed=seed, index=index)
