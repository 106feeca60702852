"""The phantom radiograph: repeatable, true to its anatomy, sane to look at."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from phantoms import Box, ChestTruth, Given, Grade, Projection, RadiographPhantom, Site, radiograph_phantom
from phantoms.anatomy import ChestAnatomy
from tests.phantoms.signs import FALLING, SIGNS

SEEDS = st.integers(min_value=0, max_value=2**31 - 1)
INDICES = st.integers(min_value=0, max_value=9_999)


def as_shown(phantom: RadiographPhantom, *, window: int = 0) -> NDArray[np.float64]:
    """Apply rescale, window and polarity: brightness, shape (rows, columns), 0 to 1."""
    encoding = phantom.encoding
    chosen = encoding.windows[window]
    rescaled = phantom.stored * encoding.slope + encoding.intercept
    # PS3.3 C.11.2.1.2.1
    brightness = np.clip((rescaled - (chosen.center - 0.5)) / (chosen.width - 1) + 0.5, 0, 1)
    return np.asarray(1 - brightness if encoding.polarity == "MONOCHROME1" else brightness)


@settings(max_examples=8)
@given(seed=SEEDS, index=INDICES)
def test_the_same_seed_and_index_give_the_same_phantom(seed: int, index: int) -> None:
    first = radiograph_phantom(seed=seed, index=index)
    radiograph_phantom(seed=seed, index=index + 1).stored.sum()
    second = radiograph_phantom(seed=seed, index=index)
    assert first.truth == second.truth
    assert first.encoding == second.encoding
    assert np.array_equal(first.stored, second.stored)


def test_phantoms_do_not_depend_on_the_order_in_which_they_are_made() -> None:
    forward = [radiograph_phantom(seed=3, index=index).stored for index in range(4)]
    backward = [radiograph_phantom(seed=3, index=index).stored for index in reversed(range(4))]
    assert all(np.array_equal(one, other) for one, other in zip(forward, reversed(backward), strict=True))


def test_reading_the_data_set_first_does_not_change_the_pixels() -> None:
    one, other = (radiograph_phantom(seed=3, index=8) for _ in range(2))
    one.dataset()
    assert np.array_equal(one.stored, other.stored)


@pytest.mark.parametrize(("seed", "index"), [(-1, 0), (0, -1)])
def test_a_negative_seed_or_index_is_refused(seed: int, index: int) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        radiograph_phantom(seed=seed, index=index)


@settings(max_examples=15)
@given(seed=SEEDS, index=INDICES)
def test_stored_values_stay_within_the_bits_stored(seed: int, index: int) -> None:
    phantom = radiograph_phantom(seed=seed, index=index)
    assert phantom.stored.dtype == np.uint16
    assert phantom.stored.max() <= phantom.encoding.highest
    assert min(phantom.stored.shape) >= 448
    assert max(phantom.stored.shape) <= 640


@settings(max_examples=8)
@given(index=INDICES)
def test_a_twin_in_the_other_polarity_shows_the_same_picture(index: int) -> None:
    phantom = radiograph_phantom(seed=5, index=index)
    twin = replace(phantom, encoding=phantom.encoding.inverted())
    assert twin.encoding.polarity != phantom.encoding.polarity
    # DICOM's half-pixel offsets in the window function are not symmetric: a thousandth or so at 10 bits.
    assert np.abs(as_shown(phantom) - as_shown(twin)).max() < 0.01
    assert twin.encoding.inverted() == phantom.encoding


def test_a_windowed_picture_has_dark_lungs_and_a_bright_spine() -> None:
    for index in range(12):
        phantom = radiograph_phantom(seed=21, index=index, mitral_regurgitation=Grade.NONE)
        shown, grid = as_shown(phantom), phantom.view.grid
        places = np.array([(20.0, -85.0), (20.0, 85.0), (90.0, 0.0)])
        row_columns = np.rint(grid.to_pixels(places)).astype(int)
        right, left, spine = (
            shown[max(row - 8, 0) : row + 8, max(column - 8, 0) : column + 8].mean() for row, column in row_columns
        )
        assert max(right, left) + 0.15 < spine


HEALTHY: Given = {
    "mitral_regurgitation": Grade.NONE,
    "aortic_stenosis": Grade.NONE,
    "ejection_fraction_percent": 65.0,
    "age_years": 50,
}
STEPS: dict[str, list[Given]] = {
    "mitral_regurgitation": [{**HEALTHY, "mitral_regurgitation": grade} for grade in Grade],
    "aortic_stenosis": [{**HEALTHY, "aortic_stenosis": grade} for grade in Grade],
    "ejection_fraction_percent": [{**HEALTHY, "ejection_fraction_percent": float(at)} for at in (15, 25, 40, 55)],
    "age_years": [{**HEALTHY, "age_years": age} for age in (20, 45, 65, 90)],
}


@pytest.mark.parametrize("changed", list(SIGNS))
def test_a_truth_changes_in_the_same_person_without_touching_anything_else(changed: str) -> None:
    first, last = (radiograph_phantom(seed=2, index=4, **STEPS[changed][step]) for step in (0, -1))
    assert replace(first.patient, age_years=0) == replace(last.patient, age_years=0)
    assert first.view == last.view
    assert first.exposure == last.exposure
    assert first.encoding == last.encoding
    assert first.devices == last.devices
    moved = {
        field.name
        for field in fields(first.truth)
        if isinstance(getattr(first.truth, field.name), int | float)
        and getattr(first.truth, field.name) != getattr(last.truth, field.name)
    }
    assert moved <= {*SIGNS[changed], changed}


@pytest.mark.parametrize(("changed", "measure"), [(changed, sign) for changed in SIGNS for sign in SIGNS[changed]])
def test_every_sign_moves_one_way_with_its_truth_in_the_same_people(changed: str, measure: str) -> None:
    means = [
        float(np.mean([getattr(radiograph_phantom(seed=6, index=i, **step).truth, measure) for i in range(60)]))
        for step in STEPS[changed]
    ]
    falls = changed in {"ejection_fraction_percent", "age_years"} and measure in FALLING
    assert means == sorted(means, reverse=falls)
    assert means[-1] != means[0]


@pytest.mark.parametrize(
    ("changed", "regions"),
    [
        ("mitral_regurgitation", lambda truth: [truth.heart]),
        ("aortic_stenosis", lambda truth: [truth.aortic_root, truth.left_ventricle]),
        (
            "ejection_fraction_percent",
            lambda truth: [truth.heart, *truth.upper_zones, *truth.costophrenic_angles],
        ),
    ],
)
def test_a_disease_changes_its_region_at_least_twice_as_much_as_the_rest(
    changed: str, regions: Callable[[ChestTruth], list[Box]]
) -> None:
    for index in range(6):
        first, last = (radiograph_phantom(seed=12, index=index, **STEPS[changed][step]) for step in (0, -1))
        change = np.abs(last.picture - first.picture)
        rows, columns = change.shape
        inside = np.zeros(change.shape, bool)
        for box in [*regions(first.truth), *regions(last.truth)]:
            inside[
                int(box.top * rows) : int(box.bottom * rows),
                int(box.left * columns) : int(box.right * columns),
            ] = True
        assert change[inside].mean() > 2 * change[~inside].mean()


def test_an_aortic_root_lies_above_the_left_ventricle_and_to_its_right() -> None:
    for index in range(40):
        truth = radiograph_phantom(seed=13, index=index).truth
        assert truth.aortic_root.top < truth.left_ventricle.top < truth.aortic_root.bottom
        assert truth.aortic_root.left < truth.left_ventricle.left
        assert truth.left_ventricle.right == pytest.approx(truth.heart.right, abs=0.03)


def test_the_same_people_at_site_b_have_the_same_chests_and_other_images() -> None:
    at_a, at_b = ([radiograph_phantom(seed=16, index=i, site=site) for i in range(40)] for site in Site)
    assert [phantom.anatomy for phantom in at_a] == [phantom.anatomy for phantom in at_b]
    assert [phantom.truth.age_years for phantom in at_a] == [phantom.truth.age_years for phantom in at_b]
    shares = [np.mean([phantom.truth.projection == "AP" for phantom in site]) for site in (at_a, at_b)]
    assert shares[0] < shares[1]
    sharpness = [np.mean([phantom.exposure.sharpening for phantom in site]) for site in (at_a, at_b)]
    assert sharpness[0] < sharpness[1]


def test_the_left_atrium_lies_inside_the_heart() -> None:
    for index in range(40):
        truth = radiograph_phantom(seed=13, index=index).truth
        assert truth.left_atrium.top >= truth.heart.top
        assert truth.left_atrium.bottom <= truth.heart.bottom
        assert truth.heart.left <= (truth.left_atrium.left + truth.left_atrium.right) / 2 <= truth.heart.right


def test_an_ap_view_shows_a_larger_heart() -> None:
    truths = [radiograph_phantom(seed=14, index=index, mitral_regurgitation=Grade.NONE).truth for index in range(300)]
    ratio = {
        projection: np.mean([t.cardiothoracic_ratio for t in truths if t.projection is projection])
        for projection in Projection
    }
    assert ratio[Projection.ANTERO_POSTERIOR] > ratio[Projection.POSTERO_ANTERIOR] + 0.02


def test_an_anatomy_is_a_tree_of_frozen_records() -> None:
    anatomy = radiograph_phantom(seed=1, index=1).anatomy
    assert isinstance(anatomy, ChestAnatomy)
    with pytest.raises(AttributeError):
        anatomy.heart.scale = 2.0  # type: ignore[misc]
