"""Uptake of the striata: what is bound comes out, whatever blurs it, wherever it lies, and on the side where it is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from phantoms import DopaminePhantom, Part, Site, dopamine_cohort
from preprocessing.striatum import StriatalUptake, UptakeUnknown, striatal_uptake
from preprocessing.volume import Volume
from specs.striatum import SOUTHAMPTON

SPACING_MM = (3.0, 3.0, 3.0)
SHAPE = (56, 72, 64)
COUNTS = 100.0
STRIATUM_ML = 4 / 3 * np.pi * 7 * 18 * 9 / 1000
"""Of the ellipsoids that `drawn` draws, half axes 7, 18 and 9 mm."""


def drawn(
    *, left: float, right: float, fwhm_mm: float = 0.0, moved_mm: tuple[float, float, float] = (0, 0, 0)
) -> Volume:
    """Draw an even brain with two striata of known binding, blurred: no noise, no fluid, no white matter."""
    fine = 2  # samples a voxel and axis
    axes = [
        ((np.arange(count * fine) + 0.5) / fine - count / 2) * spacing - moved
        for count, spacing, moved in zip(SHAPE, SPACING_MM, moved_mm, strict=True)
    ]
    up, back, lateral = np.meshgrid(*axes, indexing="ij", sparse=True)
    activity = ((up / 65) ** 2 + (back / 84) ** 2 + (lateral / 67) ** 2 <= 1).astype(np.float32)
    for side, binding in ((1, left), (-1, right)):
        inside = ((up - 5) / 7) ** 2 + ((back + 6) / 18) ** 2 + ((lateral - side * 21) / 9) ** 2 <= 1
        activity += np.float32(binding) * inside
    rows = activity.reshape(SHAPE[0], fine, SHAPE[1], fine, SHAPE[2], fine).mean(axis=(1, 3, 5))
    blurred = ndimage.gaussian_filter(rows, [fwhm_mm / 2.3548 / spacing for spacing in SPACING_MM])
    return Volume(values=blurred * np.float32(COUNTS), spacing_mm=SPACING_MM, position_mm=(0, 0, 0), unit="CNTS")


def mirrored(volume: Volume) -> Volume:
    return replace(volume, values=np.ascontiguousarray(volume.values[:, :, ::-1]))


def of_phantom(phantom: DopaminePhantom) -> Volume:
    values = phantom.volume * np.float32(phantom.acquisition.counts)
    return Volume(values=values, spacing_mm=phantom.spacing_mm, position_mm=(0, 0, 0), unit="CNTS")


def measured(volume: Volume) -> StriatalUptake:
    return striatal_uptake(volume, SOUTHAMPTON)


@pytest.mark.parametrize("fwhm_mm", [6.0, 9.0, 13.0])
@pytest.mark.parametrize(("left", "right"), [(6.0, 6.0), (5.0, 3.0), (1.5, 4.0)])
def test_what_is_bound_comes_out_whatever_blurs_it(left: float, right: float, fwhm_mm: float) -> None:
    found = measured(drawn(left=left, right=right, fwhm_mm=fwhm_mm))
    for side, binding in ((found.left, left), (found.right, right)):
        true = binding * STRIATUM_ML / SOUTHAMPTON.striatum_ml
        assert side.specific_binding_ratio == pytest.approx(true, rel=0.04, abs=0.05)


def test_what_is_bright_elsewhere_is_not_taken_for_a_striatum() -> None:
    volume = drawn(left=0.0, right=0.0)
    values = volume.values.copy()
    back = round(SHAPE[1] / 2 + 64 / SPACING_MM[1])
    values[27:33, back : back + 4, 28:36] *= 5
    with pytest.raises(UptakeUnknown):
        measured(replace(volume, values=values))


def test_small_regions_lose_to_blur_what_large_ones_keep() -> None:
    sharp, blurred = (measured(drawn(left=5.0, right=5.0, fwhm_mm=fwhm_mm)) for fwhm_mm in (5.0, 13.0))
    kept = blurred.specific_binding_ratio / sharp.specific_binding_ratio
    assert kept > 0.96
    assert blurred.left.caudate / sharp.left.caudate < 0.8


def test_the_profile_goes_from_front_to_back_and_is_of_its_side() -> None:
    found = measured(drawn(left=6.0, right=3.0))
    for side, binding in ((found.left, 6.0), (found.right, 3.0)):  # ellipsoids 36 mm long
        assert binding >= min(side.profile[2:4]) > 0.8 * binding
        assert max(side.profile[0], side.profile[-1]) < 0.05 * binding
    assert found.left.profile[2] == pytest.approx(2 * found.right.profile[2], rel=0.02)


def test_the_profile_sees_a_loss_in_the_back() -> None:
    whole = drawn(left=6.0, right=6.0, fwhm_mm=9.0)
    back = round(SHAPE[1] / 2 - 6 / SPACING_MM[1])  # from the middle of the striata
    values = whole.values.copy()
    values[:, back:] = np.minimum(values[:, back:], 2 * COUNTS)
    lost = measured(replace(whole, values=values))
    for side in (lost.left, lost.right):
        assert max(side.profile[4:]) < 0.4 * side.profile[2]


@settings(max_examples=10)
@given(moved_mm=st.tuples(*[st.floats(-7, 7)] * 3))
def test_where_the_head_lies_changes_little(moved_mm: tuple[float, float, float]) -> None:
    still = measured(drawn(left=4.0, right=2.5, fwhm_mm=9.0))
    moved = measured(drawn(left=4.0, right=2.5, fwhm_mm=9.0, moved_mm=moved_mm))
    for first, second in ((still.left, moved.left), (still.right, moved.right)):
        assert second.specific_binding_ratio == pytest.approx(first.specific_binding_ratio, rel=0.03)
        assert second.caudate == pytest.approx(first.caudate, rel=0.06)
        assert second.putamen == pytest.approx(first.putamen, rel=0.06)


@pytest.mark.parametrize("site", list(Site))
@settings(max_examples=8)
@given(index=st.integers(0, 300))
def test_a_mirrored_patient_has_the_sides_exchanged(site: Site, index: int) -> None:
    volume = of_phantom(dopamine_cohort(Part.TEST, count=301, site=site)[index])
    found, other = measured(volume), measured(mirrored(volume))
    for first, second in ((found.left, other.right), (found.right, other.left)):
        assert second.specific_binding_ratio == pytest.approx(first.specific_binding_ratio, rel=1e-4, abs=1e-4)
        assert second.caudate == pytest.approx(first.caudate, rel=1e-4)
        assert second.putamen == pytest.approx(first.putamen, rel=1e-4)
        assert second.profile == pytest.approx(first.profile, rel=1e-4, abs=1e-4)
    assert found.signed_asymmetry_percent is not None
    assert other.signed_asymmetry_percent == pytest.approx(-found.signed_asymmetry_percent, rel=1e-3, abs=1e-2)


@settings(max_examples=6)
@given(factor=st.floats(0.5, 50))
def test_ratios_do_not_depend_on_the_counts(factor: float) -> None:
    volume = drawn(left=4.0, right=2.5, fwhm_mm=9.0)
    more = measured(replace(volume, values=volume.values * np.float32(factor)))
    for first, second in ((measured(volume).left, more.left), (measured(volume).right, more.right)):
        assert second.specific_binding_ratio == pytest.approx(first.specific_binding_ratio, rel=1e-4)
        assert second.putamen == pytest.approx(first.putamen, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("site", list(Site))
def test_of_phantoms_both_sites_cameras_tell_who_binds_less_and_on_which_side(site: Site) -> None:
    cohort = list(dopamine_cohort(Part.TEST, count=40, site=site))
    found = [measured(of_phantom(phantom)) for phantom in cohort]
    bound = [side.bound_ml for phantom in cohort for side in (phantom.truth.left, phantom.truth.right)]
    ratios = [side.specific_binding_ratio for uptake in found for side in (uptake.left, uptake.right)]
    assert np.corrcoef(bound, ratios)[0, 1] > 0.9
    for phantom, uptake in zip(cohort, found, strict=True):
        if abs(phantom.truth.signed_asymmetry_percent) > 25:
            assert uptake.signed_asymmetry_percent is not None
            assert uptake.signed_asymmetry_percent * phantom.truth.signed_asymmetry_percent > 0
    shapes = [min(uptake.left.putamen_to_caudate, uptake.right.putamen_to_caudate) for uptake in found]
    dots = np.array([phantom.truth.dot_shaped for phantom in cohort])
    assert np.median(np.array(shapes)[dots]) < np.percentile(np.array(shapes)[~dots], 25)


def test_the_asymmetry_index_is_the_published_one() -> None:
    found = measured(drawn(left=5.0, right=3.0, fwhm_mm=9.0))
    left, right = found.left.specific_binding_ratio, found.right.specific_binding_ratio
    assert found.asymmetry_percent == pytest.approx(200 * abs(right - left) / (right + left))
    assert found.signed_asymmetry_percent is not None
    assert found.signed_asymmetry_percent < 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros(SHAPE, np.float32), "empty"),
        (np.ones(SHAPE, np.float32), "no striatum is brighter|no brain has|near to the border"),
        (np.pad(np.ones((8, 8, 8), np.float32), [(24, 24), (32, 32), (28, 28)]), "no brain has"),
    ],
)
def test_what_is_no_brain_is_refused_with_the_reason(values: np.ndarray, reason: str) -> None:
    volume = Volume(values=values, spacing_mm=SPACING_MM, position_mm=(0, 0, 0), unit="CNTS")
    with pytest.raises(UptakeUnknown, match=reason):
        measured(volume)


def test_striata_that_bind_nothing_have_a_ratio_of_zero_and_no_refusal() -> None:
    found = measured(drawn(left=0.0, right=0.0, fwhm_mm=9.0))
    assert found.left.specific_binding_ratio == pytest.approx(0, abs=0.1)
    assert found.right.specific_binding_ratio == pytest.approx(0, abs=0.1)


def test_too_few_counts_or_a_cut_head_are_refused() -> None:
    whole = drawn(left=4.0, right=4.0, fwhm_mm=9.0)
    with pytest.raises(UptakeUnknown, match="fewer than 5 counts"):
        measured(replace(whole, values=whole.values * np.float32(0.02)))
    with pytest.raises(UptakeUnknown, match="border"):
        measured(replace(whole, values=whole.values[25:]))
