"""What weights of an organ model are worth: mean Dice of each organ over volumes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from specs.mibg_organs import MIBG_ORGANS
from specs.virtual_pet import VIRTUAL_PET
from training.organ_performance import organ_performance
from training.volume_data import VolumePart

SHAPE = (3, 2, 4, 4, 4)


def part(targets: NDArray[np.uint8]) -> VolumePart:
    return VolumePart(name="validation", seed=1, tensors=np.zeros(targets.shape, np.uint16), targets=targets, facts={})


def random_labels(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 4, SHAPE).astype(np.uint8)


def test_right_labels_have_a_dice_of_1_and_wrong_ones_of_0() -> None:
    labels = random_labels(1)
    found = organ_performance(MIBG_ORGANS, part(labels), labels)
    assert [(each.organ, each.dice) for each in found.dice] == [("heart", 1.0), ("lungs", 1.0), ("liver", 1.0)]
    assert (found.data_set, found.patients) == ("validation", 3)
    wrong = organ_performance(MIBG_ORGANS, part(labels), (labels + 1) % 4)
    assert [each.dice for each in wrong.dice] == [0.0, 0.0, 0.0]


def test_each_volume_weighs_alike_however_large_its_organ_is() -> None:
    true, found = np.zeros((1, 2, 4, 4, 4), np.uint8), np.zeros((1, 2, 4, 4, 4), np.uint8)
    true[0, 0, 0, 0, 0] = found[0, 0, 0, 0, 0] = 1  # a small heart that is right
    true[0, 1] = 1  # a large one that is not found
    assert organ_performance(MIBG_ORGANS, part(true), found).dice[0].dice == pytest.approx(0.5)


def test_other_shapes_and_other_models_are_refused() -> None:
    labels = random_labels(2)
    with pytest.raises(ValueError, match="shape"):
        organ_performance(MIBG_ORGANS, part(labels), labels[:2])
    with pytest.raises(TypeError, match="labels no organs"):
        organ_performance(VIRTUAL_PET, part(labels), labels)
