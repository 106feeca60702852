"""A radiograph as the input tensor: where it lies, how it is reduced, of which type it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocessing import Placement
from specs.contract import ImageSpec
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.preprocessing.radiographs import FULL_STORED_RANGE, SMALL_RECIPE, chest_dataset, prepare_image, ramp, refusal
from training.datasets import radiograph_recipe


def test_the_tensor_is_what_the_spec_declares(radiograph_spec: ImageSpec) -> None:
    recipe = radiograph_recipe(radiograph_spec)
    prepared = prepare_image(chest_dataset(ramp(400, 300)), recipe)
    assert prepared.pixels.shape == recipe.pixels.shape
    assert prepared.pixels.dtype == recipe.pixels.element_type.value


@pytest.mark.parametrize(
    ("shape", "placement"),
    [
        ((640, 640), Placement(top=0, left=0, rows=320, columns=320)),
        ((640, 320), Placement(top=0, left=80, rows=320, columns=160)),
        ((320, 640), Placement(top=80, left=0, rows=160, columns=320)),
        ((256, 256), Placement(top=0, left=0, rows=320, columns=320)),
        ((1955, 1841), Placement(top=0, left=9, rows=320, columns=301)),
    ],
)
def test_the_image_is_centered_in_its_own_proportions(shape: tuple[int, int], placement: Placement) -> None:
    assert prepare_image(chest_dataset(ramp(*shape)), CHEST_RADIOGRAPH_320).placement == placement


@given(rows=st.integers(4, 60), columns=st.integers(4, 60))
def test_the_image_touches_two_opposite_sides_and_is_surrounded_by_black(rows: int, columns: int) -> None:
    stored = np.full((rows, columns), 4095, dtype=np.uint16)
    stored[: rows // 2, : columns // 2] = 2048  # not flat
    prepared = prepare_image(chest_dataset(stored, **FULL_STORED_RANGE))
    place = prepared.placement
    assert max(place.rows, place.columns) == 16
    scale = 16 / max(rows, columns)
    assert abs(place.rows - rows * scale) <= 0.5
    assert abs(place.columns - columns * scale) <= 0.5
    assert 0 <= 16 - place.rows - 2 * place.top <= 1
    assert 0 <= 16 - place.columns - 2 * place.left <= 1
    inside = np.zeros((16, 16), dtype=np.bool_)
    inside[place.top : place.top + place.rows, place.left : place.left + place.columns] = True
    assert ((prepared.pixels[0] > 0) == inside).all()


@given(factor=st.integers(1, 5), seed=st.integers(0, 1000))
def test_reduction_by_a_whole_factor_is_the_mean_of_the_blocks(factor: int, seed: int) -> None:
    stored = np.random.default_rng(seed).integers(0, 4096, (16 * factor, 16 * factor)).astype(np.uint16)
    stored[:factor], stored[-factor:] = 0, 4095  # never flat
    means = stored.reshape(16, factor, 16, factor).mean(axis=(1, 3)) / 4095 * 255
    pixels = prepare_image(chest_dataset(stored, **FULL_STORED_RANGE)).pixels[0]
    assert np.abs(pixels - means).max() <= 0.5 + 2 / 257  # rounded once to 16 bits a pixel, once a block, then to 8


def test_up_and_left_stay_where_they_are() -> None:
    stored = np.zeros((32, 32), dtype=np.uint16)
    stored[:8, :8] = 4095
    pixels = prepare_image(chest_dataset(stored, **FULL_STORED_RANGE)).pixels[0]
    assert pixels[:4, :4].min() == 255
    assert pixels[:4, 4:].max() == pixels[4:].max() == 0


def test_a_flat_image_is_not_eligible() -> None:
    stored = np.full((16, 16), 2000, dtype=np.uint16)
    stored[:8] += round(0.03 * 4095)
    assert refusal(chest_dataset(stored, **FULL_STORED_RANGE)) == (
        "the image is flat: nearly all pixels have one gray value",
    )


def test_a_few_bright_pixels_do_not_make_a_flat_image_eligible() -> None:
    stored = np.full((16, 16), 2000, dtype=np.uint16)
    stored[0, :2] = 4095
    assert len(refusal(chest_dataset(stored, **FULL_STORED_RANGE))) == 1


@pytest.mark.parametrize("share", [1 / 64, 1 / 25])
def test_a_nearly_empty_image_is_not_eligible(share: float) -> None:
    stored = np.zeros((320, 320), dtype=np.uint16)
    stored[: round(320 * share)] = np.random.default_rng(0).integers(0, 4096, (round(320 * share), 320))
    assert len(refusal(chest_dataset(stored, **FULL_STORED_RANGE), CHEST_RADIOGRAPH_320)) == 1


def test_the_noise_of_an_empty_image_is_not_stretched_to_contrast() -> None:
    stored = np.random.default_rng(0).integers(2000, 2003, (700, 600)).astype(np.uint16)
    assert refusal(chest_dataset(stored), CHEST_RADIOGRAPH_320) == (
        "the image is flat: it has fewer than 32 gray values",
    )
    stored[:350] = np.random.default_rng(1).integers(2000, 2064, (350, 600))
    prepare_image(chest_dataset(stored), CHEST_RADIOGRAPH_320)


def test_the_least_spread_is_the_recipes() -> None:
    stored = np.full((16, 16), 2000, dtype=np.uint16)
    stored[:8] += round(0.03 * 4095)
    lenient = SMALL_RECIPE.model_copy(update={"smallest_gray_spread": 0.02})
    assert np.ptp(prepare_image(chest_dataset(stored, **FULL_STORED_RANGE), lenient).pixels) > 0


def test_the_tensor_names_the_instance_it_came_from() -> None:
    ds = chest_dataset(ramp(8, 8))
    identity = prepare_image(ds).identity
    assert identity.sop_instance_uid == ds.SOPInstanceUID
    assert identity.series_instance_uid == ds.SeriesInstanceUID
    assert identity.study_instance_uid == ds.StudyInstanceUID
