"""A series that is no volume is refused with the reason; one that is broken is an error."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import FileDataset
from pydicom.sr.codedict import codes
from pydicom.uid import LegacyConvertedEnhancedPETImageStorage, SecondaryCaptureImageStorage

from preprocessing import NotEligible
from preprocessing.errors import InconsistentSeries, InvalidAttribute, MissingAttribute
from preprocessing.grid import read_grid
from preprocessing.reading import read_dataset
from preprocessing.series import Series, grouped_by_series
from preprocessing.series_eligibility import READERS, series_reasons
from specs.recipe import Policy
from specs.series import PET_SERIES, SPECT_SERIES, SeriesRules
from tests.preprocessing.radiographs import chest_dataset, file_bytes, published_file, ramp
from tests.preprocessing.tomography import (
    SMALL_PET,
    SMALL_SPECT,
    as_read,
    counting,
    enhanced_pet,
    name_instance,
    nuclear_image,
    pet_images,
)

STORED = counting((6, 2, 3))
SENTINEL = "Zyxwvut^Sentinel"


def refusal(images: list[FileDataset], rules: SeriesRules = SMALL_PET) -> tuple[str, ...]:
    """Write, read and stack images that must be refused; return the reasons."""
    refused = read_grid(as_read(images), rules)
    assert isinstance(refused, NotEligible), refused
    assert refused.identity.series_instance_uid == images[0].SeriesInstanceUID
    return refused.reasons


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
    ("kind", "reason"),
    [
        ("TOMO", "image type is TOMO: raw projections of the detector, which no slices were reconstructed from yet"),
        (
            "GATED TOMO",
            "image type is GATED TOMO: raw projections of the detector, which no slices were reconstructed from yet",
        ),
        (
            "RECON GATED TOMO",
            "image type is RECON GATED TOMO: it is gated, so that there are several time points of each slice",
        ),
        ("STATIC", "image type is STATIC: a planar image, not slices"),
        ("WHOLE BODY", "image type is WHOLE BODY: a planar image, not slices"),
        (SENTINEL, "image type does not say that it holds reconstructed slices (RECON TOMO)"),
    ],
)
def test_an_nm_image_that_holds_no_reconstructed_slices_is_refused(kind: str, reason: str) -> None:
    assert refusal([nuclear_image(STORED, ImageType=["ORIGINAL", "PRIMARY", kind, "EMISSION"])], SMALL_SPECT) == (
        reason,
    )


def test_a_real_image_of_raw_projections_is_not_eligible_and_the_reason_says_so(samples: Path) -> None:
    ds = read_dataset((samples / "spect" / "RIMD_case_NM_00001.dcm").read_bytes())
    assert series_reasons(Series.of([ds]), SPECT_SERIES) == (
        "image type is TOMO: raw projections of the detector, which no slices were reconstructed from yet",
    )


def test_a_published_whole_body_scan_in_a_secondary_capture_is_not_eligible() -> None:
    ds = read_dataset(published_file("JPEG2000_UNC.dcm"))
    assert series_reasons(Series.of([ds]), SPECT_SERIES) == (
        "its SOP class is not one of slices that can be placed in the patient",
    )


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        (
            {"TimeSlotVector": [1, 1, 1, 2, 2, 2]},
            "its frames differ in more than the slice: TimeSlotVector has several values",
        ),
        (
            {"EnergyWindowVector": [1, 2] * 3},
            "its frames differ in more than the slice: EnergyWindowVector has several values",
        ),
        (
            {"FrameIncrementPointer": [0x00540010, 0x00540020]},
            "its frames are not numbered by slice: the frame increment pointer does not name the slice vector",
        ),
        (
            {"SliceVector": [6, 5, 4, 3, 2, 1]},
            "its frames are not in the order of their slice numbers: which of them the position is of is not said",
        ),
        ({"DetectorInformationSequence": []}, "the position or orientation of its slices in the patient is not stated"),
        (
            {"SpacingBetweenSlices": None},
            "the spacing between its slices is not stated; slice thickness is another thing",
        ),
        ({"SpacingBetweenSlices": 0}, "the spacing between its slices is not stated; slice thickness is another thing"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "RECON TOMO", "TRANSMISSION"]}, "it shows transmission, not emission"),
    ],
)
def test_nm_slices_that_cannot_be_placed_are_refused(attributes: dict[str, Any], reason: str) -> None:
    assert refusal([nuclear_image(STORED, **attributes)], SMALL_SPECT) == (reason,)


def test_two_detectors_that_place_the_slices_differently_are_refused() -> None:
    ds, other = nuclear_image(STORED), nuclear_image(STORED, position_mm=(0.0, 0.0, 0.0))
    ds.DetectorInformationSequence.append(other.DetectorInformationSequence[0])
    assert refusal([ds], SMALL_SPECT) == ("its detectors place the first slice differently",)


def test_a_slice_vector_that_does_not_number_every_frame_is_an_error() -> None:
    for numbers in ([1, 2, 3, 4, 5, 5], [1, 2, 3], [0, 1, 2, 3, 4, 5], [2, 3, 4, 5, 6, 7]):
        with pytest.raises(InvalidAttribute, match="SliceVector"):
            read_grid(as_read([nuclear_image(STORED, SliceVector=numbers)]), SMALL_SPECT)


def test_an_enhanced_image_of_several_stacks_times_or_projections_is_refused() -> None:
    ds = enhanced_pet(STORED, VolumetricProperties="SAMPLED")
    contents = [frame.FrameContentSequence[0] for frame in ds.PerFrameFunctionalGroupsSequence]
    contents[0].StackID, contents[1].TemporalPositionIndex = "2", 2
    ds.SharedFunctionalGroupsSequence[0].PETFrameTypeSequence[0].FrameType = ["DERIVED", "PRIMARY", "STATIC", "MAX_IP"]
    assert refusal([ds]) == (
        "its volumetric properties are not those of a volume",
        "it holds several stacks",
        "it is dynamic: it holds several time points",
        "frame type is MAX_IP: computed to be looked at, not measured",
    )


def test_an_enhanced_image_without_a_mapping_to_an_accepted_unit_is_refused() -> None:
    lean = enhanced_pet(STORED, unit=codes.UCUM.StandardizedUptakeValueLeanBodyMassJames)
    assert refusal([lean]) == ("its unit is not stated, or not one of BQML, CNTS, GML",)


def test_of_several_mappings_of_an_enhanced_image_the_unit_is_chosen_that_the_rules_name_first() -> None:
    ds, other = enhanced_pet(STORED, unit=codes.UCUM.StandardizedUptakeValueBodyWeight), enhanced_pet(STORED)
    for frame, second in zip(ds.PerFrameFunctionalGroupsSequence, other.PerFrameFunctionalGroupsSequence, strict=True):
        second.RealWorldValueMappingSequence[0].RealWorldValueSlope = 5.0
        frame.RealWorldValueMappingSequence.append(second.RealWorldValueMappingSequence[0])
    grid = read_grid(as_read([ds]), SMALL_PET)
    assert not isinstance(grid, NotEligible)
    assert grid.unit == "BQML"
    assert (grid.values == 5.0 * STORED).all()


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


def test_an_enhanced_image_with_fewer_groups_than_frames_is_an_error() -> None:
    ds = enhanced_pet(STORED)
    del ds.PerFrameFunctionalGroupsSequence[-1]
    with pytest.raises(MissingAttribute, match="PerFrameFunctionalGroupsSequence"):
        read_grid(as_read([ds]), SMALL_PET)


def test_a_file_that_is_given_twice_is_harmless() -> None:
    images = pet_images(STORED)
    once, twice = (read_grid(as_read(files), SMALL_PET) for files in (images, [*images, *images[::-1]]))
    assert not isinstance(once, NotEligible)
    assert not isinstance(twice, NotEligible)
    assert (once.values == twice.values).all()


def test_one_instance_uid_with_two_contents_is_an_error() -> None:
    images = pet_images(STORED)
    with pytest.raises(InconsistentSeries, match="two different images"):
        as_read([*images, pet_images(STORED + 1)[0]])


def test_files_of_several_series_or_of_none_are_no_series() -> None:
    images = pet_images(STORED)
    images[0].SeriesInstanceUID = "1.2.3"
    with pytest.raises(InconsistentSeries, match="several series or studies"):
        as_read(images)
    with pytest.raises(InconsistentSeries, match="no image"):
        as_read([])
    del images[0].SOPInstanceUID
    with pytest.raises(MissingAttribute, match="SOPInstanceUID"):
        Series.of(images)


def test_files_of_a_study_are_grouped_by_series_in_any_order() -> None:
    first, second = pet_images(STORED), pet_images(STORED, SeriesInstanceUID="1.2.3")
    alone = chest_dataset(ramp(4, 4))
    del alone.SeriesInstanceUID
    mixed = [second[1], first[0], alone, second[0], first[1]]
    groups = grouped_by_series(mixed)
    assert [len(group) for group in groups] == [2, 2, 1]
    assert [{ds.SeriesInstanceUID for ds in group} for group in groups[:2]] == [{"1.2.3"}, {first[0].SeriesInstanceUID}]
    assert groups[2] == (alone,)


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
