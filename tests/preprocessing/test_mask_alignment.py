"""Alignment by masks: the movement that was made is found, whatever the grid, and what does not fit is refused."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from phantoms import MibgPhantom, MibgTime, Site, mibg_phantom
from preprocessing.mask_alignment import Alignment, aligned
from preprocessing.organ_masks import OrganMasks
from preprocessing.unknown import Unknown
from preprocessing.volume import Volume
from specs.mibg import MIBG_ALIGNMENT
from tests.preprocessing.mibg_volumes import spect_volume, true_masks


def movement(phantom: MibgPhantom) -> Alignment:
    found = aligned(
        spect_volume(phantom, MibgTime.EARLY),
        true_masks(phantom, MibgTime.EARLY),
        spect_volume(phantom, MibgTime.LATE),
        true_masks(phantom, MibgTime.LATE),
        MIBG_ALIGNMENT,
    )
    assert not isinstance(found, Unknown), found.reason
    return found


def heart_mm(phantom: MibgPhantom, time: MibgTime) -> np.ndarray:
    """Return where the heart's center lies at a time, (head, back, left)."""
    pose = phantom.early_pose if time is MibgTime.EARLY else phantom.late_pose
    return np.asarray(pose.axes @ np.array(phantom.chest.ventricle.center_mm) + np.array(pose.shift_mm))


@pytest.mark.parametrize("site", list(Site))
@pytest.mark.parametrize("index", range(2))
def test_the_heart_of_a_phantom_comes_to_lie_on_itself(site: Site, index: int) -> None:
    phantom = mibg_phantom(seed=9, index=index, site=site)
    early, late = (heart_mm(phantom, time) for time in MibgTime)
    found = movement(phantom)
    assert np.linalg.norm(found.moved(early[None])[0] - late) < 0.15 * np.linalg.norm(early - late)
    assert np.linalg.norm(found.moved(early[None])[0] - late) < 1.0
    turn = phantom.late_pose.axes @ phantom.early_pose.axes.T
    assert np.degrees(np.linalg.norm(Rotation.from_matrix(found.rotation @ turn.T).as_rotvec())) < 0.5


def test_the_late_heart_resampled_on_the_early_grid_is_the_early_heart() -> None:
    phantom = mibg_phantom(seed=9, index=8)
    early, late = (spect_volume(phantom, time) for time in MibgTime)
    resampled = movement(phantom).late_on_early(late, early, phantom.late_organs.heart) >= 0.5
    both = (resampled & phantom.early_organs.heart).sum()
    assert 2 * both / (resampled.sum() + phantom.early_organs.heart.sum()) > 0.93
    untouched = (phantom.late_organs.heart & phantom.early_organs.heart).sum()
    assert both > untouched


def drawn(center_mm: tuple[float, float, float], *, spacing_mm: float) -> tuple[Volume, OrganMasks]:
    """Draw two ellipsoids for lungs and liver on a grid of 320 mm."""
    count = round(320 / spacing_mm)
    axes = [(np.arange(count) - (count - 1) / 2) * spacing_mm - center for center in center_mm]
    head, back, left = np.meshgrid(*axes, indexing="ij", sparse=True)
    lungs = ((head - 30) / 70) ** 2 + (back / 50) ** 2 + ((np.abs(left) - 55) / 30) ** 2 <= 1
    liver = ((head + 70) / 40) ** 2 + (back / 55) ** 2 + ((left + 40) / 60) ** 2 <= 1
    heart = (head / 25) ** 2 + ((back + 20) / 25) ** 2 + ((left - 20) / 20) ** 2 <= 1
    first_mm = -(count - 1) / 2 * spacing_mm
    volume = Volume(
        values=np.zeros((count,) * 3, np.float32),
        spacing_mm=(spacing_mm,) * 3,
        position_mm=(first_mm,) * 3,
        unit="CNTS",
    )
    return volume, OrganMasks(heart=heart, lungs=lungs & ~liver, liver=liver)


def test_a_shift_is_found_between_grids_of_different_spacing() -> None:
    early, late = drawn((0, 0, 0), spacing_mm=5.0), drawn((12, -7, 9), spacing_mm=6.4)
    found = aligned(*early, *late, MIBG_ALIGNMENT)
    assert isinstance(found, Alignment)
    np.testing.assert_allclose(found.moved(np.zeros((1, 3)))[0], (12, -7, 9), atol=0.4)
    assert found.turn_degrees < 0.5
    there = found.late_on_early(late[0], early[0], late[1].heart) >= 0.5
    both = (there & early[1].heart).sum()
    assert 2 * both / (there.sum() + early[1].heart.sum()) > 0.9


def test_the_movement_back_is_the_inverse() -> None:
    early, late = drawn((0, 0, 0), spacing_mm=5.0), drawn((8, 4, -6), spacing_mm=5.0)
    there, back = aligned(*early, *late, MIBG_ALIGNMENT), aligned(*late, *early, MIBG_ALIGNMENT)
    assert isinstance(there, Alignment)
    assert isinstance(back, Alignment)
    places = np.random.default_rng(1).uniform(-80, 80, (20, 3))
    np.testing.assert_allclose(back.moved(there.moved(places)), places, atol=0.6)


def test_what_was_not_found_or_does_not_fit_is_refused() -> None:
    volume, masks = drawn((0, 0, 0), spacing_mm=6.4)
    nothing = np.zeros_like(masks.liver)
    empty = aligned(volume, masks, volume, replace(masks, liver=nothing), MIBG_ALIGNMENT)
    assert isinstance(empty, Unknown)
    assert "were not found" in empty.reason
    mirrored = OrganMasks(heart=masks.heart, lungs=masks.lungs, liver=masks.liver[:, :, ::-1])
    other = aligned(volume, masks, volume, mirrored, MIBG_ALIGNMENT)
    assert isinstance(other, Unknown)
    moved, moved_masks = drawn((3, 0, 0), spacing_mm=6.4)
    strict = MIBG_ALIGNMENT.model_copy(update={"largest_shift_mm": 1e-9})
    too_far = aligned(volume, masks, moved, moved_masks, strict)
    assert isinstance(too_far, Unknown)
    assert "moved farther" in too_far.reason
