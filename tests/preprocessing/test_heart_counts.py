"""What masks measure: heart counts, the reference region and its ratio, washout; against what was drawn."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms import MibgPhantom, MibgTime, Site, mibg_cohort, mibg_phantom
from phantoms.cohorts import Part
from preprocessing import NotEligible
from preprocessing.count_correction import CountCorrection, count_correction
from preprocessing.heart_counts import HeartCounts, SpectWashout, heart_counts, spect_washout
from preprocessing.mediastinal_reference import mediastinal_reference
from preprocessing.organ_masks import OrganMasks
from preprocessing.unknown import Unknown
from preprocessing.volume import Volume
from specs.mibg import MIBG_COUNTS, MIBG_REFERENCE
from tests.preprocessing.mibg_volumes import spect_volume, true_masks

SIDE_MM = (6.0, 6.0, 6.0)


def measured(phantom: MibgPhantom, time: MibgTime) -> HeartCounts:
    correction = count_correction(phantom.spect_dataset(time), MIBG_COUNTS)
    assert not isinstance(correction, NotEligible)
    found = heart_counts(
        spect_volume(phantom, time), true_masks(phantom, time), correction=correction, rules=MIBG_REFERENCE
    )
    assert not isinstance(found, Unknown), found.reason
    return found


@pytest.mark.parametrize("site", list(Site))
def test_counts_ratio_and_washout_follow_the_truth(site: Site) -> None:
    counts, ratios, losses = [], [], []
    for phantom in mibg_cohort(Part.VALIDATION, count=6, site=site):
        truth, times = phantom.truth, {time: measured(phantom, time) for time in MibgTime}
        for time, uptake in ((MibgTime.EARLY, truth.early), (MibgTime.LATE, truth.late)):
            counts.append((times[time].heart_counts, truth.heart_uptake(uptake)))
            ratios.append((times[time].spect_heart_to_reference_ratio, truth.heart_to_mediastinum(uptake)))
        washout = spect_washout(times[MibgTime.EARLY], times[MibgTime.LATE], MIBG_COUNTS)
        assert isinstance(washout, SpectWashout)
        losses.append((washout.of_heart_percent, truth.washout_percent))
    squares = [np.corrcoef(np.array(pairs, float).T)[0, 1] ** 2 for pairs in (counts, ratios, losses)]
    assert min(squares[:2]) > 0.9
    assert squares[2] > 0.7


@pytest.mark.parametrize("site", list(Site))
def test_the_reference_region_lies_in_the_mediastinum(site: Site) -> None:
    for index in range(2):
        phantom = mibg_phantom(seed=9, index=index, site=site)
        region = mediastinal_reference(
            true_masks(phantom, MibgTime.LATE), spacing_mm=phantom.spacing_mm, rules=MIBG_REFERENCE
        )
        assert not isinstance(region, Unknown)
        assert (region & phantom.late_organs.mediastinum).sum() > 0.95 * region.sum()
        assert not (region & phantom.late_organs.heart).any()


def chest() -> tuple[Volume, OrganMasks]:
    """Draw lungs as two blocks with a gap of 60 mm, a heart low in it, and a liver."""
    lungs, heart, liver = (np.zeros((40, 30, 40), np.bool_) for _ in range(3))
    lungs[5:38, 5:25, 5:15] = lungs[5:38, 5:25, 25:35] = True
    heart[8:16, 8:16, 18:25] = True
    liver[:4] = True
    values = np.full(heart.shape, 20.0, np.float32)
    values[heart] = 50.0
    volume = Volume(values=values, spacing_mm=SIDE_MM, position_mm=(0, 0, 0), unit="CNTS")
    return volume, OrganMasks(heart=heart, lungs=lungs, liver=liver)


CORRECTION = CountCorrection(factor=2.0, since_injection_s=1200.0, frame_duration_s=30.0)


def test_the_numbers_are_those_of_the_drawing() -> None:
    volume, masks = chest()
    found = heart_counts(volume, masks, correction=CORRECTION, rules=MIBG_REFERENCE)
    assert isinstance(found, HeartCounts)
    assert found.heart_counts == 100
    assert found.reference_counts == 40
    assert found.spect_heart_to_reference_ratio == pytest.approx(2.5)


def test_the_reference_region_keeps_its_distances() -> None:
    _, masks = chest()
    region = mediastinal_reference(masks, spacing_mm=SIDE_MM, rules=MIBG_REFERENCE)
    assert not isinstance(region, Unknown)
    slices, rows, columns = (np.flatnonzero(region.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1)))
    assert slices[0] * 6 >= 15 * 6 + MIBG_REFERENCE.above_heart_mm - 3
    assert slices[-1] * 6 <= 37 * 6 - MIBG_REFERENCE.below_apex_mm + 3
    assert rows[0] >= 5 + 0.2 * 20
    assert rows[-1] < 5 + 0.65 * 20
    assert (columns[0], columns[-1]) == (16, 23)  # a voxel off either lung, which is more than 7 mm from its center
    np.testing.assert_array_equal(region, region[:, :, ::-1])


def test_where_organs_are_missing_there_is_no_reference_region() -> None:
    volume, masks = chest()
    nothing = np.zeros_like(masks.heart)
    for without in (replace(masks, heart=nothing), replace(masks, lungs=nothing)):
        assert isinstance(mediastinal_reference(without, spacing_mm=SIDE_MM, rules=MIBG_REFERENCE), Unknown)
    one_lung = masks.lungs & (np.arange(40) < 20)
    found = heart_counts(volume, replace(masks, lungs=one_lung), correction=CORRECTION, rules=MIBG_REFERENCE)
    assert isinstance(found, HeartCounts)
    assert isinstance(found.spect_heart_to_reference_ratio, Unknown)
    assert isinstance(
        heart_counts(volume, replace(masks, heart=nothing), correction=CORRECTION, rules=MIBG_REFERENCE), Unknown
    )


def test_masks_of_another_shape_are_refused() -> None:
    volume, masks = chest()
    with pytest.raises(ValueError, match="another shape"):
        heart_counts(replace(volume, values=volume.values[1:]), masks, correction=CORRECTION, rules=MIBG_REFERENCE)
    with pytest.raises(ValueError, match="different shapes"):
        OrganMasks(heart=masks.heart[1:], lungs=masks.lungs, liver=masks.liver)


def counts(heart: float, reference: float | Unknown, *, after_s: float, frame_s: float | None = 30.0) -> HeartCounts:
    correction = CountCorrection(factor=1.0, since_injection_s=after_s, frame_duration_s=frame_s)
    return HeartCounts(heart_counts=heart, reference_counts=reference, correction=correction)


def test_the_three_forms_of_washout_are_told_apart() -> None:
    found = spect_washout(counts(100, 40, after_s=1200), counts(60, 30, after_s=4 * 3600), MIBG_COUNTS)
    assert isinstance(found, SpectWashout)
    assert found.of_heart_percent == pytest.approx(40)
    assert found.background_corrected_percent == pytest.approx(50)
    assert found.of_ratio_percent == pytest.approx(20)


def test_without_a_reference_region_the_plain_form_is_left() -> None:
    unknown = Unknown(reason="none")
    found = spect_washout(counts(100, unknown, after_s=1200), counts(60, 30, after_s=4 * 3600), MIBG_COUNTS)
    assert isinstance(found, SpectWashout)
    assert found.of_heart_percent == pytest.approx(40)
    assert found.background_corrected_percent == found.of_ratio_percent == unknown


@pytest.mark.parametrize(
    ("early_s", "late_s", "reason"),
    [(4 * 3600, 1200, "early acquisition is not"), (1200, 3600, "late acquisition is not")],
)
def test_what_cannot_be_compared_is_refused(early_s: float, late_s: float, reason: str) -> None:
    found = spect_washout(counts(100, 40, after_s=early_s), counts(60, 30, after_s=late_s), MIBG_COUNTS)
    assert isinstance(found, Unknown)
    assert reason in found.reason


def test_frames_that_took_different_times_leave_the_washout_of_the_ratio_in_which_they_cancel() -> None:
    found = spect_washout(counts(100, 40, after_s=1200), counts(120, 60, after_s=4 * 3600, frame_s=60.0), MIBG_COUNTS)
    assert isinstance(found, SpectWashout)
    unlike = Unknown(reason="the early and the late acquisition took different times")
    assert found.of_heart_percent == found.background_corrected_percent == unlike
    assert found.of_ratio_percent == pytest.approx(20)
