"""Projections of the whole body: head up, the patient's right on the left, at one scale for everybody."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from preprocessing.projection import project
from preprocessing.suv import suv_volume
from preprocessing.volume import BACKWARD, LEFTWARD, Volume, read_volume
from specs.projection import ProjectionRules, VerticalPlacement
from specs.uptake import FDG_UPTAKE
from tests.preprocessing.tomography import SMALL_PET, as_read, pet_images

RULES = ProjectionRules(
    rows=20, columns=16, pixel_mm=4.0, lower_suv=0.0, upper_suv=10.0, vertical_placement=VerticalPlacement.TOP
)


def volume(values: np.ndarray, spacing_mm: tuple[float, float, float] = (4.0, 4.0, 4.0)) -> Volume:
    return Volume(values=values.astype(np.float32), spacing_mm=spacing_mm, position_mm=(0.0, 0.0, 0.0), unit="g/ml")


def spot(place: tuple[int, int, int]) -> Volume:
    values = np.zeros((10, 12, 8))
    values[place] = 10.0
    return volume(values)


def test_a_spot_is_seen_in_both_views_where_it_lies() -> None:
    """High (slice 9 of 10), in front (row 1 of 12), to the left (column 6 of 8), on a picture of 20 x 16."""
    pictures = project(spot((9, 1, 6)), RULES)
    assert np.argwhere(pictures.frontal == 255).tolist() == [[0, 6 + (16 - 8) // 2]]
    assert np.argwhere(pictures.lateral == 255).tolist() == [[0, 1 + (16 - 12) // 2]]
    assert np.argwhere(project(spot((0, 1, 6)), RULES).frontal == 255).tolist() == [[9, 10]]


def test_the_patients_left_is_on_the_right_of_the_frontal_picture_of_a_file() -> None:
    """Axial slices whose columns go to the left and rows to the back; the spot is in the last column, first row."""
    stored = np.zeros((10, 8, 8), dtype=np.uint16)
    stored[8, 0, 7] = 60_000
    series = as_read(pet_images(stored, spacing_mm=(4.0, 4.0, 4.0)))
    counts = read_volume(series, SMALL_PET)
    assert isinstance(counts, Volume)
    suv = suv_volume(counts, series, FDG_UPTAKE)
    assert isinstance(suv, Volume)
    pictures = project(suv, RULES)
    assert np.argwhere(pictures.frontal).tolist() == [[1, 11]]  # the rightmost of columns 4 to 11
    assert np.argwhere(pictures.lateral).tolist() == [[1, 4]]  # the foremost


@settings(max_examples=30)
@given(
    seed=st.integers(0, 1000),
    shape=st.tuples(st.integers(4, 9), st.integers(3, 30), st.integers(3, 30)),
    spacing_mm=st.tuples(*[st.floats(2.0, 6.0)] * 3),
)
def test_a_mirrored_patient_gives_the_mirrored_picture(
    seed: int, shape: tuple[int, int, int], spacing_mm: tuple[float, float, float]
) -> None:
    values = np.random.default_rng(seed).uniform(0, 12, shape)
    pictures = project(volume(values, spacing_mm), RULES)
    sides_changed = project(volume(np.flip(values, LEFTWARD), spacing_mm), RULES)
    turned_around = project(volume(np.flip(values, BACKWARD), spacing_mm), RULES)
    assert_same(sides_changed.frontal, np.flip(pictures.frontal, 1))
    assert_same(sides_changed.lateral, pictures.lateral)
    assert_same(turned_around.frontal, pictures.frontal)
    assert_same(turned_around.lateral, np.flip(pictures.lateral, 1))


def assert_same(found: np.ndarray, expected: np.ndarray) -> None:
    assert np.abs(found.astype(int) - expected.astype(int)).max() <= 1  # float32 may round to the next gray level


@pytest.mark.parametrize(("suv", "shown"), [(-3.0, 0), (0.0, 0), (5.0, 128), (10.0, 255), (99.0, 255)])
def test_the_window_saturates_at_both_ends(suv: float, shown: int) -> None:
    pictures = project(volume(np.full((4, 4, 4), suv)), RULES)
    assert set(pictures.frontal[:4, 6:10].ravel().tolist()) == {shown}


def test_a_window_that_begins_above_zero_shows_what_is_below_as_black() -> None:
    rules = RULES.model_copy(update={"lower_suv": 2.0})
    pictures = project(volume(np.linspace(0, 4, 64).reshape(4, 4, 4)), rules)
    assert pictures.frontal.max() == 64  # (4 - 2) / (10 - 2) of 255
    assert project(volume(np.full((4, 4, 4), 1.9)), rules).frontal.max() == 0


def test_the_maximum_is_shown_and_not_the_sum_or_the_last() -> None:
    values = np.zeros((4, 4, 4))
    values[:, 1, :], values[:, 3, :] = 6.0, 3.0
    assert project(volume(values), RULES).frontal.max() == 153  # 6 of 10


@pytest.mark.parametrize(("placement", "first_row"), [(VerticalPlacement.TOP, 0), (VerticalPlacement.CENTER, 8)])
def test_a_volume_that_is_smaller_than_the_picture_lies_where_the_rules_say(
    placement: VerticalPlacement, first_row: int
) -> None:
    rules = RULES.model_copy(update={"vertical_placement": placement})
    rows, columns = np.nonzero(project(volume(np.full((4, 4, 4), 10.0)), rules).frontal)
    assert (rows.min(), rows.max()) == (first_row, first_row + 3)
    assert (columns.min(), columns.max()) == (6, 9)


@pytest.mark.parametrize(("placement", "highest"), [(VerticalPlacement.TOP, 29), (VerticalPlacement.CENTER, 24)])
def test_what_goes_beyond_the_picture_is_cut_off(placement: VerticalPlacement, highest: int) -> None:
    """30 slices on 20 rows: from the head down, or the middle 20; of 24 columns the middle 16."""
    values = np.broadcast_to(np.arange(30.0)[:, None, None], (30, 4, 24)).copy()
    values[:, :, 0] = 30.0
    rules = RULES.model_copy(update={"vertical_placement": placement, "upper_suv": 255.0})
    frontal = project(volume(values), rules).frontal
    assert frontal[0].tolist() == [highest] * 16
    assert frontal[-1].tolist() == [highest - 19] * 16


def test_one_pixel_is_as_many_millimeters_for_every_spacing() -> None:
    for slices_mm in (2.0, 3.27, 5.0):
        count = round(64 / slices_mm) + 1
        frontal = project(volume(np.full((count, 4, 4), 10.0), (slices_mm, 4.0, 4.0)), RULES).frontal
        height = int((frontal > 0).any(axis=1).sum())
        assert abs((height - 1) * 4.0 - (count - 1) * slices_mm) < 4.0


def test_pictures_are_of_the_declared_matrix_and_type() -> None:
    pictures = project(spot((1, 1, 1)), RULES)
    assert pictures.frontal.shape == pictures.lateral.shape == (20, 16)
    assert pictures.frontal.dtype == pictures.lateral.dtype == np.uint8


def test_rules_without_a_window_or_a_middle_are_refused() -> None:
    with pytest.raises(ValidationError, match="below upper_suv"):
        ProjectionRules.model_validate(RULES.model_dump() | {"lower_suv": 10.0})
    with pytest.raises(ValidationError, match="multiple of 2"):
        ProjectionRules.model_validate(RULES.model_dump() | {"columns": 15})
    assert ProjectionRules.from_json(RULES.canonical_json()) == RULES
