"""A variant of an organ model is judged by its worst mask and by the heart counts that move most."""

import numpy as np
import pytest
from numpy.typing import NDArray

from export.organ_parity import organ_parity
from specs.mibg_organs import MIBG_ORGANS
from specs.virtual_pet import VIRTUAL_PET
from training.volume_data import VolumePart

HEART, LIVER = 1, 3


def part() -> VolumePart:
    """Return two patients whose counts grow from slice to slice."""
    tensors = np.zeros((2, 2, 6, 6, 6), np.uint16)
    tensors += (10_000 + 5_000 * np.arange(6, dtype=np.uint16))[:, None, None]
    return VolumePart(name="parity", seed=1, tensors=tensors, targets=np.zeros(tensors.shape, np.uint8), facts={})


def labels() -> NDArray[np.uint8]:
    found = np.zeros((2, 2, 6, 6, 6), np.uint8)
    found[:, :, 1:3, 1:3, 1:3] = HEART
    found[:, :, 4:, :, :] = LIVER
    return found


def test_the_same_labels_have_no_loss_and_no_shift() -> None:
    found = organ_parity(MIBG_ORGANS, part(), original=labels(), variant=labels())
    assert (found.dice_loss, found.heart_counts_shift) == (0.0, 0.0)
    assert (found.data_set, found.studies) == ("parity", 2)


def test_the_worst_volume_counts() -> None:
    other = labels()
    other[1, 0, 1, 1, 1] = 0  # one of the eight voxels of one heart
    found = organ_parity(MIBG_ORGANS, part(), original=labels(), variant=other)
    assert found.dice_loss == pytest.approx(1 - 2 * 7 / 15)
    low, high = 15_000.0**2, 20_000.0**2  # counts are squares of what is on the wire
    expected = (3 * low + 4 * high) / 7 / ((low + high) / 2) - 1
    assert found.heart_counts_shift == pytest.approx(expected, rel=1e-5)


def test_a_heart_that_only_one_of_them_finds_is_a_whole_shift() -> None:
    other = labels()
    other[0, 1][other[0, 1] == HEART] = 0
    found = organ_parity(MIBG_ORGANS, part(), original=labels(), variant=other)
    assert (found.dice_loss, found.heart_counts_shift) == (1.0, 1.0)
    nothing = np.zeros_like(labels())
    agreed = organ_parity(MIBG_ORGANS, part(), original=nothing, variant=nothing)
    assert (agreed.dice_loss, agreed.heart_counts_shift) == (0.0, 0.0)


def test_other_shapes_and_other_models_are_refused() -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        organ_parity(MIBG_ORGANS, part(), original=labels(), variant=labels()[:1])
    with pytest.raises(TypeError, match="does not label organs"):
        organ_parity(VIRTUAL_PET, part(), original=labels(), variant=labels())
