"""What a recipe may refuse or accept: derived images, secondary captures, images without a scale."""

from typing import Any

import pytest
from pydicom import config, uid
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from preprocessing import NotEligible, Prepared
from preprocessing.eligibility import chest_radiograph_reasons
from preprocessing.reading import read_dataset
from specs.policy import Policy
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.preprocessing.radiographs import (
    SMALL_RECIPE,
    chest_dataset,
    file_bytes,
    prepare_file,
    published_file,
    ramp,
)

LARGE_ENOUGH = ramp(256, 256)
DERIVED = "image type is DERIVED: pixels computed from those of other images"
SECONDARY_CAPTURE = "it is a secondary capture: a copy that need not be what the detector gave"
NO_SPACING = "pixel spacing is not stated, or not above zero"


def reasons_if_refused(policy: str, **attributes: Any) -> tuple[str, ...]:
    """Return why the chest models' recipe refuses an image once one policy says so; as declared it accepts it."""
    ds = chest_dataset(LARGE_ENOUGH, **attributes)
    assert chest_radiograph_reasons(ds, CHEST_RADIOGRAPH_320.model_copy(update={policy: Policy.ACCEPT})) == ()
    assert isinstance(prepare_file(file_bytes(ds), CHEST_RADIOGRAPH_320), Prepared)
    outcome = prepare_file(file_bytes(ds), CHEST_RADIOGRAPH_320.model_copy(update={policy: Policy.REFUSE}))
    return outcome.reasons if isinstance(outcome, NotEligible) else ()


@pytest.mark.parametrize(
    ("image_type", "reasons"),
    [
        (["DERIVED", "PRIMARY"], (DERIVED,)),
        ("derived ", (DERIVED,)),
        (["DERIVED", "SECONDARY", "POST_PROCESSED", ""], (DERIVED,)),
        (["ORIGINAL", "PRIMARY"], ()),
        (["ORIGINAL", "DERIVED"], ()),
        (["", "DERIVED"], ()),
        ("DERIVEDLY", ()),
        ("", ()),
    ],
)
def test_the_recipe_decides_about_derived_images(image_type: object, reasons: tuple[str, ...]) -> None:
    assert reasons_if_refused("derived", ImageType=image_type) == reasons


@pytest.mark.parametrize(
    ("sop_class", "reasons"),
    [
        (uid.SecondaryCaptureImageStorage, (SECONDARY_CAPTURE,)),
        (uid.MultiFrameSingleBitSecondaryCaptureImageStorage, (SECONDARY_CAPTURE,)),
        (uid.MultiFrameGrayscaleByteSecondaryCaptureImageStorage, (SECONDARY_CAPTURE,)),
        (uid.MultiFrameGrayscaleWordSecondaryCaptureImageStorage, (SECONDARY_CAPTURE,)),
        (uid.MultiFrameTrueColorSecondaryCaptureImageStorage, (SECONDARY_CAPTURE,)),
        (uid.ComputedRadiographyImageStorage, ()),
        (uid.DigitalXRayImageStorageForPresentation, ()),
    ],
)
def test_the_recipe_decides_about_secondary_captures(sop_class: str, reasons: tuple[str, ...]) -> None:
    assert reasons_if_refused("secondary_capture", SOPClassUID=sop_class) == reasons


@pytest.mark.parametrize("stated", [True, False])
def test_the_file_meta_information_says_the_class_only_where_the_data_set_does_not(stated: bool) -> None:
    ds = chest_dataset(LARGE_ENOUGH)
    ds.file_meta.MediaStorageSOPClassUID = uid.SecondaryCaptureImageStorage
    if not stated:
        del ds.SOPClassUID
    refusing = CHEST_RADIOGRAPH_320.model_copy(update={"secondary_capture": Policy.REFUSE})
    assert chest_radiograph_reasons(ds, refusing) == (() if stated else (SECONDARY_CAPTURE,))


@pytest.mark.parametrize(
    ("spacings", "reasons"),
    [
        ({}, (NO_SPACING,)),
        ({"PixelSpacing": [0.168, 0.168]}, ()),
        ({"ImagerPixelSpacing": [0.15, 0.15]}, ()),
        ({"PixelSpacing": ["0.000", "0.000"]}, (NO_SPACING,)),
        ({"PixelSpacing": ["0.000", "0.000"], "ImagerPixelSpacing": [0.15, 0.15]}, ()),
        ({"PixelSpacing": [0.2, -0.2]}, (NO_SPACING,)),
        ({"PixelSpacing": "0.2"}, (NO_SPACING,)),
        ({"PixelSpacing": ["0.2", ""]}, (NO_SPACING,)),
        ({"PixelSpacing": ["0.2", "0.2", "0.2"]}, (NO_SPACING,)),
        ({"PixelSpacing": ""}, (NO_SPACING,)),
        ({"PixelSpacing": "", "ImagerPixelSpacing": ["nan", "0.1"]}, (NO_SPACING,)),
        ({"ImagerPixelSpacing": ["inf", "0.1"]}, (NO_SPACING,)),
    ],
)
def test_the_recipe_decides_about_missing_pixel_spacing(spacings: dict[str, object], reasons: tuple[str, ...]) -> None:
    assert reasons_if_refused("missing_pixel_spacing", **spacings) == reasons


def test_a_spacing_that_is_no_number_is_none() -> None:
    content = file_bytes(chest_dataset(LARGE_ENOUGH, PixelSpacing=["987.5", "987.5"]))
    refusing = CHEST_RADIOGRAPH_320.model_copy(update={"missing_pixel_spacing": Policy.REFUSE})
    assert isinstance(prepare_file(content, refusing), Prepared)
    refused = prepare_file(content.replace(b"987.5\\987.5", b"987.5\\7.5mm"), refusing)
    assert isinstance(refused, NotEligible)
    assert refused.reasons == (NO_SPACING,)


def test_a_real_radiograph_whose_spacing_is_written_as_zero_states_none() -> None:
    ds = read_dataset(published_file("RG1_UNCR.dcm"))
    refusing = CHEST_RADIOGRAPH_320.model_copy(update={"missing_pixel_spacing": Policy.REFUSE})
    assert chest_radiograph_reasons(ds, CHEST_RADIOGRAPH_320) == ()
    assert chest_radiograph_reasons(ds, refusing) == (NO_SPACING,)


ALL_REFUSING = SMALL_RECIPE.model_copy(
    update=dict.fromkeys(("derived", "secondary_capture", "missing_pixel_spacing"), Policy.REFUSE)
)


@pytest.mark.parametrize("keyword", ["ImageType", "SOPClassUID", "PixelSpacing", "ImagerPixelSpacing"])
@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("LO", "abc"),
        ("LO", ["DERIVED", "abc"]),
        ("LO", ["abc", "1"]),
        ("LO", ["0.2", "0.2 mm"]),
        ("US", 0),
        ("FD", [1.5, float("nan")]),
        ("OB", b"\x00\xff"),
        ("SQ", []),
        ("SQ", [Dataset()]),
        ("PN", "Zyxwvut^Sentinel"),
        ("UI", ["1.2", "1.2.840.10008.5.1.4.1.1.7"]),
        ("UI", ""),
    ],
)
def test_odd_values_are_reasons_or_none_and_never_raise(keyword: str, vr: str, value: object) -> None:
    ds = chest_dataset(ramp(8, 8))
    ds[keyword] = DataElement(keyword, vr, value, validation_mode=config.IGNORE)
    reasons = chest_radiograph_reasons(ds, ALL_REFUSING)
    assert set(reasons) - {DERIVED, SECONDARY_CAPTURE} == {NO_SPACING}


def test_a_sop_class_for_processing_says_so_alone() -> None:
    ds = chest_dataset(ramp(8, 8), SOPClassUID=uid.DigitalXRayImageStorageForProcessing)
    assert [reason for reason in chest_radiograph_reasons(ds, CHEST_RADIOGRAPH_320) if "FOR PROCESSING" in reason]
