"""Augmentation keeps a radiograph a radiograph."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from specs.model import NetworkSpec
from specs.network import TrainingDefaults
from tests.specs.quantity import NETWORK_SPECS
from training.augmentation import augmented

DEFAULTS = st.sampled_from([spec.training for spec in NETWORK_SPECS.values()])


@settings(max_examples=25)
@given(defaults=DEFAULTS, seed=st.integers(0, 10_000), studies=st.integers(1, 4))
def test_augmentation_keeps_shape_and_range(defaults: TrainingDefaults, seed: int, studies: int) -> None:
    torch.manual_seed(seed)
    images = torch.rand(studies, 1, 32, 32)
    turned = augmented(images, defaults)
    assert turned.shape == images.shape
    assert turned.min() >= 0
    assert turned.max() <= 1
    assert not torch.equal(turned, images)


def test_no_image_is_flipped(spec: NetworkSpec) -> None:
    torch.manual_seed(0)
    images = torch.full((400, 1, 32, 32), 0.2)
    images[:, :, 4:12, 4:12] = 0.9  # up and left
    turned = augmented(images, spec.training)
    brightness = turned[:, 0].reshape(400, 2, 16, 2, 16).mean(dim=(2, 4))
    assert (brightness.flatten(1).argmax(dim=1) == 0).all()


def test_each_image_of_a_batch_is_turned_its_own_way(spec: NetworkSpec) -> None:
    torch.manual_seed(0)
    turned = augmented(torch.rand(1, 1, 32, 32).expand(8, -1, -1, -1).contiguous(), spec.training)
    assert len({tuple(image.ravel().tolist()) for image in turned}) == 8


def test_augmentation_without_reach_changes_nothing(spec: NetworkSpec) -> None:
    still = {"rotation_degrees": 0.0, "shift_share": 0.0, "scale_share": 0.0, "gain_share": 0.0}
    images = torch.rand(2, 1, 32, 32)
    unchanged = augmented(images, spec.training.model_copy(update=still))
    assert unchanged.numpy() == pytest.approx(images.numpy(), abs=1e-5)


def test_black_surroundings_stay_black(spec: NetworkSpec) -> None:
    torch.manual_seed(0)
    assert not augmented(torch.zeros(8, 1, 32, 32), spec.training).any()
