"""Slices become the one volume that they are of, however they are cut, ordered, signed or written."""

from collections.abc import Callable
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from preprocessing import NotEligible
from preprocessing.errors import InvalidAttribute
from preprocessing.grid import Grid, ordered_frames, read_grid
from preprocessing.placed_frames import tilt_degrees
from preprocessing.series import Series
from preprocessing.volume import BACKWARD, HEADWARD, LEFTWARD, Volume, in_patient_axes, read_volume
from specs.policy import Policy
from specs.series import SeriesRules
from tests.preprocessing.tomography import (
    SMALL_PET,
    SMALL_SPECT,
    Placement,
    as_read,
    counting,
    enhanced_pet,
    name_instance,
    nuclear_image,
    pet_images,
)

AXES_LPS = ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))
"""The ways in which slice, row and column of a volume go: to the head, to the back, to the left."""

SIGNED_AXES = [tuple(sign * part for part in axis) for axis, sign in product(AXES_LPS, (1, -1))]
ORIENTATIONS: list[Placement] = [
    (row, column) for row, column in permutations(SIGNED_AXES, 2) if np.dot(row, column) == 0
]  # fmt: skip
"""Every way in which the columns and rows of an orthogonal slice can go: axial, coronal, sagittal, each mirrored."""

TRUTH = Volume(
    values=counting((5, 4, 6)).astype(np.float32),
    spacing_mm=(3.0, 4.0, 5.0),
    position_mm=(-100.0, -200.0, -300.0),
    unit="BQML",
)


def cut(directions: Placement) -> tuple[NDArray[np.uint16], tuple[float, float, float], tuple[float, float, float]]:
    """Return what an examination of `TRUTH` in slices of an orientation stores, its spacing and its first position."""
    ways = np.array([np.cross(*directions), directions[1], directions[0]])
    cosines = ways @ np.array(AXES_LPS).T
    order = np.abs(cosines).argmax(axis=1)
    stored = TRUTH.values.astype(np.uint16).transpose(order)
    x, y, z = TRUTH.position_mm
    corner = np.array([z, y, x])
    for axis, source in enumerate(order):
        if cosines[axis, source] < 0:
            stored = np.flip(stored, axis=axis)
            corner[source] += (TRUTH.values.shape[source] - 1) * TRUTH.spacing_mm[source]
    spacing = tuple(TRUTH.spacing_mm[source] for source in order)
    return np.ascontiguousarray(stored), (spacing[0], spacing[1], spacing[2]), (corner[2], corner[1], corner[0])


def as_pet(directions: Placement) -> Series:
    stored, spacing_mm, position_mm = cut(directions)
    images = pet_images(stored, directions=directions, spacing_mm=spacing_mm, position_mm=position_mm, RescaleSlope=1.0)
    return as_read(images)


def as_enhanced_pet(directions: Placement) -> Series:
    stored, spacing_mm, position_mm = cut(directions)
    ds = enhanced_pet(stored, directions=directions, spacing_mm=spacing_mm, position_mm=position_mm)
    for frame in ds.PerFrameFunctionalGroupsSequence:
        frame.RealWorldValueMappingSequence[0].RealWorldValueSlope = 1.0
    return as_read([ds])


def as_spect(directions: Placement) -> Series:
    stored, spacing_mm, position_mm = cut(directions)
    return as_read([nuclear_image(stored, directions=directions, spacing_mm=spacing_mm, position_mm=position_mm)])


def as_spect_stacked_to_the_front(directions: Placement) -> Series:
    stored, (slices_mm, rows_mm, columns_mm), position_mm = cut(directions)
    last = np.array(position_mm) + (len(stored) - 1) * slices_mm * np.cross(*directions)
    return as_read(
        [
            nuclear_image(
                stored[::-1],
                directions=directions,
                spacing_mm=(-slices_mm, rows_mm, columns_mm),
                position_mm=(last[0], last[1], last[2]),
            )
        ]
    )


@pytest.mark.parametrize("directions", ORIENTATIONS, ids=str)
@pytest.mark.parametrize(
    ("examined", "rules"),
    [
        (as_pet, SMALL_PET),
        (as_enhanced_pet, SMALL_PET),
        (as_spect, SMALL_SPECT),
        (as_spect_stacked_to_the_front, SMALL_SPECT),
    ],
)
def test_slices_of_every_orientation_and_kind_give_the_same_volume(
    examined: Callable[[Placement], Series], rules: SeriesRules, directions: Placement
) -> None:
    volume = read_volume(examined(directions), rules)
    assert isinstance(volume, Volume), volume
    assert (volume.values == TRUTH.values).all()
    assert volume.spacing_mm == pytest.approx(TRUTH.spacing_mm)
    assert volume.position_mm == pytest.approx(TRUTH.position_mm)


def volume_of(series: Series, rules: SeriesRules = SMALL_PET) -> Volume:
    volume = read_volume(series, rules)
    assert isinstance(volume, Volume), volume
    return volume


@settings(max_examples=20)
@given(order=st.permutations(range(5)), numbers=st.permutations(range(1, 6)))
def test_the_order_of_files_and_of_instance_numbers_plays_no_part(order: list[int], numbers: list[int]) -> None:
    stored = counting((5, 2, 3))
    images = pet_images(stored)
    for ds, instance_number in zip(images, numbers, strict=True):
        ds.InstanceNumber = instance_number
    volume = volume_of(as_read(images[index] for index in order))
    assert (volume.values == 2.0 * stored).all()


@settings(max_examples=20)
@given(sign=st.sampled_from((1, -1)), spacing_mm=st.floats(0.5, 20.0))
def test_frames_of_an_nm_image_lie_where_the_signed_spacing_puts_them(sign: int, spacing_mm: float) -> None:
    stored = counting((5, 2, 3))
    ds = nuclear_image(stored, spacing_mm=(sign * spacing_mm, 4.0, 5.0))
    volume = volume_of(as_read([ds]), SMALL_SPECT)
    assert (volume.values == stored[::sign]).all()
    assert volume.spacing_mm[0] == pytest.approx(spacing_mm)
    assert volume.position_mm[2] == pytest.approx(-500.0 + min(0, sign) * 4 * spacing_mm)


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), directions=st.sampled_from(ORIENTATIONS))
def test_a_patient_mirrored_from_left_to_right_gives_the_mirrored_volume(seed: int, directions: Placement) -> None:
    stored = np.random.default_rng(seed).integers(0, 1000, (3, 4, 6)).astype(np.uint16)
    ways = np.abs(np.array([np.cross(*directions), directions[1], directions[0]]))
    sideways = int(ways[:, 0].argmax())  # the axis of the slices that goes from side to side
    mirrored = volume_of(as_read(pet_images(np.ascontiguousarray(np.flip(stored, sideways)), directions=directions)))
    volume = volume_of(as_read(pet_images(stored, directions=directions)))
    assert (mirrored.values == np.flip(volume.values, axis=LEFTWARD)).all()


def test_each_axis_goes_where_its_name_says() -> None:
    stored = np.zeros((4, 4, 4), dtype=np.uint16)
    stored[3, 0, 2] = 7  # axial, rows to the left, columns to the back: high, in front, left of the middle
    volume = volume_of(as_read(pet_images(stored, RescaleSlope=1.0)))
    place = np.unravel_index(volume.values.argmax(), volume.values.shape)
    assert [int(place[axis]) for axis in (HEADWARD, BACKWARD, LEFTWARD)] == [3, 0, 2]


def test_each_slice_has_its_own_rescale() -> None:
    stored = np.full((4, 2, 2), 10, dtype=np.uint16)
    volume = volume_of(as_read(pet_images(stored, RescaleSlope=[1.0, 2.0, 0.5, 3.0])))
    assert volume.values[:, 0, 0].tolist() == [10.0, 20.0, 5.0, 30.0]


def test_signed_values_stay_signed() -> None:
    stored = np.arange(-20, 20, dtype=np.int16).reshape(5, 2, 4)
    assert (volume_of(as_read(pet_images(stored))).values == 2.0 * stored).all()


def test_counts_of_nm_have_no_rescale_unless_they_say_so() -> None:
    stored = counting((4, 2, 2))
    assert volume_of(as_read([nuclear_image(stored)]), SMALL_SPECT).unit == "CNTS"
    scaled = nuclear_image(stored, RescaleSlope=0.5, RescaleIntercept=1.0, Units="BQML")
    volume = volume_of(as_read([scaled]), SMALL_SPECT)
    assert volume.unit == "BQML"
    assert (volume.values == 0.5 * stored + 1).all()


@pytest.mark.parametrize("vendor", [{"SliceVector": None}, {"FrameIncrementPointer": None}])
def test_an_nm_image_without_numbers_of_slices_has_its_frames_in_order(vendor: dict[str, Any]) -> None:
    stored = counting((4, 2, 2))
    assert (volume_of(as_read([nuclear_image(stored, **vendor)]), SMALL_SPECT).values == stored).all()


def test_a_position_outside_of_the_detector_items_is_read_where_they_have_none() -> None:
    stored = counting((4, 2, 2))
    ds = nuclear_image(stored)
    detector = ds.DetectorInformationSequence[0]
    for keyword in ("ImageOrientationPatient", "ImagePositionPatient"):
        setattr(ds, keyword, detector[keyword].value)
        delattr(detector, keyword)
    assert (volume_of(as_read([ds]), SMALL_SPECT).values == stored).all()


def test_values_beyond_all_numbers_are_an_error() -> None:
    with pytest.raises(InvalidAttribute, match="RescaleSlope"):
        read_volume(as_read(pet_images(counting((4, 2, 2)), RescaleSlope=1e38)), SMALL_PET)


def test_slices_of_nm_in_files_of_their_own_are_one_volume() -> None:
    stored = counting((4, 2, 2))
    images = [
        nuclear_image(pixels[None], position_mm=(0.0, 0.0, 10.0 * index), SliceVector=[index + 1])
        for index, pixels in enumerate(stored)
    ]
    for index, ds in enumerate(images):
        name_instance(ds, f"1.2.{9 - index}")
    volume = volume_of(as_read(images), SMALL_SPECT)
    assert (volume.values == stored).all()
    assert volume.spacing_mm[0] == pytest.approx(10.0)


def tilted(degrees: float) -> Placement:
    """Return axial slices tilted about the axis from side to side."""
    angle = np.radians(degrees)
    return (1.0, 0.0, 0.0), (0.0, float(np.cos(angle)), float(np.sin(angle)))


def test_an_oblique_series_has_no_patient_axes_but_is_a_grid_with_its_directions() -> None:
    series = as_read(pet_images(counting((4, 3, 3)), directions=tilted(30)))
    lenient = SMALL_PET.model_copy(update={"oblique": Policy.ACCEPT})
    for refused in (ordered_frames(series, SMALL_PET), read_volume(series, lenient)):
        assert isinstance(refused, NotEligible)
        assert refused.reason == "its axes are more than 3 degrees from those of the patient"
    grid = read_grid(series, lenient)
    assert isinstance(grid, Grid)
    assert tilt_degrees(grid.directions) == pytest.approx(30)
    assert grid.directions == pytest.approx(np.array([np.cross(*tilted(30)), tilted(30)[1], tilted(30)[0]]))


def test_a_tilt_within_the_tolerance_is_taken_for_the_patient_axes_without_resampling() -> None:
    stored = counting((4, 3, 3))
    assert (volume_of(as_read(pet_images(stored, directions=tilted(2.9)))).values == 2.0 * stored).all()


def test_a_grid_that_is_nearest_to_no_axis_is_never_put_in_patient_axes() -> None:
    grid = read_grid(as_read(pet_images(counting((4, 3, 3)))), SMALL_PET)
    assert isinstance(grid, Grid)
    twice = Grid(
        values=grid.values,
        directions=np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
        spacing_mm=grid.spacing_mm,
        position_mm=grid.position_mm,
        unit=grid.unit,
    )
    assert tilt_degrees(twice.directions) == 90.0
    with pytest.raises(ValueError, match="same axis"):
        in_patient_axes(twice)
