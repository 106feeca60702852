"""A series that is no volume is refused with the reason; one that is broken is an error."""

from typing import Any

import numpy as np
import pytest
from pydicom.uid import LegacyConvertedEnhancedPETImageStorage, SecondaryCaptureImageStorage

from preprocessing import NotEligible
from preprocessing.errors import InvalidAttribute, MissingAttribute
from preprocessing.grid import read_grid
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from preprocessing.series_eligibility import READERS, series_reasons
from specs.policy import Policy
from specs.series import PET_SERIES, SPECT_SERIES, SeriesRules
from tests.preprocessing.radiographs import file_bytes
from tests.preprocessing.tomography import (
    SMALL_PET,
    as_read,
    counting,
    name_instance,
    pet_images,
    refusal,
)

STORED = counting((6, 2, 3))
SENTINEL = "Zyxwvut^Sentinel"


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"Modality": "CT"}, "modality is CT, not PT"),
        ({"SeriesType": ["DYNAMIC", "IMAGE"]}, "series type is DYNAMIC, not STATIC or WHOLE BODY"),
        ({"SeriesType": ["GATED", "IMAGE"]}, "series type is GATED, not STATIC or WHOLE BODY"),
        (
            {"SeriesType": ["STATIC", "REPROJECTION"]},
            "series type is REPROJECTION: projections of a volume, not its slices",
        ),
        ({"NumberOfTimeSlices": 3}, "it is dynamic: it holds several time points"),
        ({"CountsSource": "TRANSMISSION"}, "it shows transmission, not emission"),
        ({"ImageType": ["DERIVED", "SECONDARY", "MIP"]}, "image type is MIP: computed to be looked at, not measured"),
        ({"SamplesPerPixel": 3}, "it has colors: a picture, not measured values"),
        (
            {"SOPClassUID": SecondaryCaptureImageStorage},
            "its SOP class is not one of slices that can be placed in the patient",
        ),
        (
            {"SOPClassUID": LegacyConvertedEnhancedPETImageStorage},
            "its SOP class is not one of slices that can be placed in the patient",
        ),
        ({"Units": "CM2"}, "its unit is not stated, or not one of BQML, CNTS, GML"),
        ({"Units": None}, "its unit is not stated, or not one of BQML, CNTS, GML"),
    ],
)
def test_what_is_no_stack_of_measured_slices_is_refused_with_the_reason(
    attributes: dict[str, Any], reason: str
) -> None:
    assert reason in refusal(pet_images(STORED, **attributes))


def test_policies_decide_over_derived_images_and_an_unstated_series_type() -> None:
    strict = SMALL_PET.model_copy(update={"derived": Policy.REFUSE, "unstated_series_type": Policy.REFUSE})
    images = pet_images(STORED, ImageType=["DERIVED", "PRIMARY"], SeriesType=None)
    assert not isinstance(read_grid(as_read(images), SMALL_PET), NotEligible)
    assert refusal(images, strict) == (
        "image type is DERIVED: pixels computed from those of other images",
        "series type is not stated",
    )


def test_a_reason_that_holds_for_some_images_says_for_how_many() -> None:
    images = pet_images(STORED)
    images[2].ImageType = ["DERIVED", "SECONDARY", "LOCALIZER"]
    assert "image type is LOCALIZER: computed to be looked at, not measured (in 1 of 6 images)" in refusal(images)


def test_no_reason_repeats_what_a_person_typed() -> None:
    images = pet_images(STORED, SeriesType=[SENTINEL, SENTINEL], ImageType=[SENTINEL] * 3, Units=SENTINEL)
    assert SENTINEL.upper() not in " ".join(refusal(images)).upper()


@pytest.mark.parametrize("index", [1, 3, 4])
def test_a_missing_slice_is_noticed_by_the_gap(index: int) -> None:
    images = pet_images(STORED, NumberOfSlices=None)
    del images[index]
    assert refusal(images) == ("its slices are not evenly spaced: one is missing or out of place",)


@pytest.mark.parametrize("index", [0, 5])
def test_a_slice_that_is_missing_at_an_end_is_noticed_by_the_number_of_slices(index: int) -> None:
    images = pet_images(STORED)
    del images[index]
    assert refusal(images) == ("it has 5 of the 6 slices that it says it has",)
    lenient = SMALL_PET.model_copy(update={"fewer_slices_than_stated": Policy.ACCEPT})
    assert not isinstance(read_grid(as_read(images), lenient), NotEligible)


@pytest.mark.parametrize(("shift_mm", "is_refused"), [(0.14, False), (0.2, True)])
def test_a_position_may_be_off_by_the_tolerated_share_of_the_spacing(shift_mm: float, *, is_refused: bool) -> None:
    images = pet_images(STORED, spacing_mm=(3.0, 4.0, 5.0))  # 5 % of 3 mm is 0.15 mm
    images[2].ImagePositionPatient[2] += shift_mm
    assert isinstance(read_grid(as_read(images), SMALL_PET), NotEligible) == is_refused


def test_slices_that_are_shifted_aside_are_refused() -> None:
    images = pet_images(STORED)
    for index, ds in enumerate(images):
        ds.ImagePositionPatient[1] += index
    assert refusal(images) == ("its slices do not lie straight behind one another",)


def test_two_time_points_in_one_series_are_refused() -> None:
    images = [*pet_images(STORED), *pet_images(STORED + 100)]
    for index, ds in enumerate(images):
        name_instance(ds, f"1.2.{index}")
    assert refusal(images) == (
        "several of its slices lie at one position: time points, gates or reconstructions are mixed in it",
    )


@pytest.mark.parametrize(
    ("keyword", "value", "reason"),
    [
        ("Units", "CNTS", "its images have different units"),
        ("PixelSpacing", [4.0, 5.1], "its images have different pixel spacings"),
        ("ImageOrientationPatient", [0, 1, 0, 0, 0, -1], "its images have different orientations"),
        (
            "FrameOfReferenceUID",
            "1.2.3",
            "its images have different frames of reference: their positions cannot be compared",
        ),
    ],
)
def test_images_that_do_not_belong_together_are_refused(keyword: str, value: object, reason: str) -> None:
    images = pet_images(STORED)
    setattr(images[-1], keyword, value)
    assert reason in refusal(images)


def test_images_of_different_matrices_are_refused() -> None:
    images = pet_images(STORED)
    images[0].Rows, images[0].Columns = 3, 2
    assert refusal(images) == ("its images have different matrices",)


@pytest.mark.parametrize("orientation", [[1, 0, 0, 0.5, 0.9, 0], [2, 0, 0, 0, 1, 0], [1, 0, 0, 1, 0, 0]])
def test_an_orientation_that_is_none_is_refused(orientation: list[float]) -> None:
    assert refusal(pet_images(STORED, ImageOrientationPatient=orientation)) == (
        "its orientation is not two directions of unit length at a right angle",
    )


def test_too_few_slices_and_too_many_voxels_are_refused() -> None:
    assert refusal(pet_images(STORED), PET_SERIES) == ("it has 6 slices, fewer than 16",)
    assert refusal(pet_images(STORED), SMALL_PET.model_copy(update={"largest_voxels": 35})) == (
        "it has 6 x 2 x 3 voxels, more than 35",
    )


@pytest.mark.parametrize(
    "keyword", ["Modality", "PixelData", "RescaleSlope", "RescaleIntercept", "ImagePositionPatient", "PixelSpacing"]
)
def test_what_every_pet_image_has_is_an_error_where_it_is_missing(keyword: str) -> None:
    images = pet_images(STORED)
    delattr(images[1], keyword)
    with pytest.raises(MissingAttribute, match=keyword):
        read_grid(as_read(images), SMALL_PET)


def test_what_no_slice_can_have_is_an_error() -> None:
    with pytest.raises(InvalidAttribute, match="PixelSpacing"):
        read_grid(as_read(pet_images(STORED, PixelSpacing=[0.0, 4.0])), SMALL_PET)
    with pytest.raises(InvalidAttribute, match="RescaleSlope"):
        read_grid(as_read(pet_images(STORED, RescaleSlope=-1.0)), SMALL_PET)


@pytest.mark.parametrize("rules", [PET_SERIES, SPECT_SERIES], ids=lambda rules: rules.modality)
def test_every_sop_class_that_rules_accept_has_a_reader(rules: SeriesRules) -> None:
    assert set(rules.sop_classes) <= set(READERS)


def test_the_rules_survive_their_own_json() -> None:
    for rules in (PET_SERIES, SPECT_SERIES):
        assert SeriesRules.from_json(rules.canonical_json()) == rules


def test_a_directory_file_is_no_series() -> None:
    ds = read_dataset(file_bytes(pet_images(STORED)[0]))
    ds.DirectoryRecordSequence = []
    assert series_reasons(Series.of([ds]), PET_SERIES) == ("it is a DICOMDIR, an index of other files",)


def test_values_are_float32_in_the_order_of_the_patient() -> None:
    grid = read_grid(as_read(pet_images(STORED)), SMALL_PET)
    assert not isinstance(grid, NotEligible)
    assert grid.values.dtype == np.float32
