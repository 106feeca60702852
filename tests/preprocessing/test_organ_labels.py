"""Labels of a tensor as masks of its volume and back: the same places, only the largest parts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from phantoms import MibgTime, Site, mibg_phantom
from preprocessing.organ_labels import organ_labels, organ_masks
from preprocessing.organ_masks import OrganMasks
from preprocessing.volume import Volume
from specs.mibg_organs import ORGANS
from specs.mibg_volumes import MIBG_VOLUMES_48
from tests.preprocessing.mibg_studies import SMALL_MIBG
from tests.preprocessing.mibg_volumes import spect_volume, true_masks

HEART, LUNGS, LIVER = (organ.label for organ in ORGANS.organs)


def volume_of(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float]) -> Volume:
    return Volume(values=np.zeros(shape, np.float32), spacing_mm=spacing_mm, position_mm=(0.0, 0.0, 0.0), unit="CNTS")


ON_THE_GRID = volume_of(SMALL_MIBG.grid.shape, SMALL_MIBG.grid.sides_mm)


def small_masks(labels: NDArray[np.uint8], volume: Volume = ON_THE_GRID) -> OrganMasks:
    return organ_masks(labels, volume, recipe=SMALL_MIBG, head=ORGANS)


def box(*places: tuple[slice, slice, slice], label: int) -> NDArray[np.uint8]:
    labels = np.zeros(SMALL_MIBG.grid.shape, np.uint8)
    for place in places:
        labels[place] = label
    return labels


@pytest.mark.parametrize("site", list(Site))
def test_true_masks_come_back_from_the_grid_of_the_tensor(site: Site) -> None:
    phantom = mibg_phantom(seed=4, index=2, site=site)
    volume, masks = spect_volume(phantom, MibgTime.LATE), true_masks(phantom, MibgTime.LATE)
    labels = organ_labels(masks, volume, recipe=MIBG_VOLUMES_48, head=ORGANS)
    back = organ_masks(labels, volume, recipe=MIBG_VOLUMES_48, head=ORGANS)
    for organ in ("heart", "lungs", "liver"):
        first, second = getattr(masks, organ), getattr(back, organ)
        assert 2 * (first & second).sum() / (first.sum() + second.sum()) > 0.93


@settings(max_examples=10)
@given(seed=st.integers(0, 100), axis=st.sampled_from([0, 1, 2]))
def test_flipped_labels_are_flipped_masks(seed: int, axis: int) -> None:
    labels = np.random.default_rng(seed).integers(0, 4, SMALL_MIBG.grid.shape).astype(np.uint8)
    volume = volume_of((13, 9, 11), (17.0, 25.0, 19.0))
    head = ORGANS.model_copy(
        update={"organs": tuple(organ.model_copy(update={"most_parts": 10_000}) for organ in ORGANS.organs)}
    )
    plain, flipped = (
        organ_masks(each, volume, recipe=SMALL_MIBG, head=head) for each in (labels, np.flip(labels, axis))
    )
    for organ in ("heart", "lungs", "liver"):
        np.testing.assert_array_equal(np.flip(getattr(plain, organ), axis), getattr(flipped, organ))


@pytest.mark.parametrize("spacing_mm", [SMALL_MIBG.grid.sides_mm, (17.0, 25.0, 19.0), (10.0, 10.0, 10.0)])
def test_no_voxel_lies_in_two_organs(spacing_mm: tuple[float, float, float]) -> None:
    """Nor does one that lies halfway between two voxels of different organs, as on a grid of half the spacing."""
    labels = np.random.default_rng(3).integers(1, 4, SMALL_MIBG.grid.shape).astype(np.uint8)
    masks = small_masks(labels, volume_of((15, 13, 11), spacing_mm))
    assert max(np.sum([masks.heart, masks.lungs, masks.liver], axis=0).ravel()) == 1


def test_only_the_largest_part_of_the_heart_is_kept_and_both_lungs() -> None:
    large, small, speck = np.s_[2:5, 2:5, 2:5], np.s_[2:4, 8:10, 8:10], np.s_[8:9, 8:9, 8:9]
    np.testing.assert_array_equal(small_masks(box(small, large, label=HEART)).heart, box(large, label=HEART) > 0)
    np.testing.assert_array_equal(
        small_masks(box(small, large, speck, label=LUNGS)).lungs, box(small, large, label=LUNGS) > 0
    )


def test_what_is_not_labeled_has_an_empty_mask() -> None:
    masks = small_masks(box(np.s_[2:5, 2:5, 2:5], label=LIVER))
    assert masks.liver.any()
    assert not masks.heart.any()
    assert not masks.lungs.any()


def test_beyond_the_tensor_there_is_no_organ() -> None:
    slices, rows, columns = SMALL_MIBG.grid.shape
    wider = replace(ON_THE_GRID, values=np.zeros((slices + 4, rows + 2, columns), np.float32))
    everywhere = np.full(SMALL_MIBG.grid.shape, LIVER, np.uint8)
    inside = np.zeros(wider.values.shape, np.bool_)
    inside[2:-2, 1:-1] = True
    np.testing.assert_array_equal(small_masks(everywhere, wider).liver, inside)


def test_labels_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape of the array"):
        small_masks(np.zeros((3, 3, 3), np.uint8))
