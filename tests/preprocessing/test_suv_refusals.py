"""An SUV that cannot be known is refused, with every reason and no value of the patient."""

from typing import Any

import pytest
from pydicom.sr.codedict import codes

from preprocessing import NotEligible
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from tests.preprocessing.radiographs import file_bytes
from tests.preprocessing.tomography import agent, as_read, coded_item, counting, enhanced_pet, pet_images
from tests.preprocessing.uptake_headers import add_philips, enhanced_factor, reasons_of, uptake_series


@pytest.mark.parametrize("suv_type", ["LBM", "LBMJANMA", "LBMJAMES128", "BSA", "IBW"])
def test_stored_suv_of_another_type_is_refused(suv_type: str) -> None:
    assert reasons_of(uptake_series(SUVType=suv_type), unit="GML") == (
        "its stored values are SUV of another type than BW",
    )


@pytest.mark.parametrize(
    ("injection", "attributes", "reason"),
    [
        ({}, {"CorrectedImage": ["DECY"]}, "corrected image does not name ATTN"),
        ({}, {"CorrectedImage": ["ATTN"]}, "corrected image does not name DECY"),
        ({}, {"DecayCorrection": "NONE"}, "decay correction is NONE"),
        ({}, {"DecayCorrection": None}, "decay correction is neither START nor ADMIN"),
        ({}, {"PatientWeight": None}, "patient's weight is not stated"),
        ({}, {"PatientWeight": 0.0}, "patient's weight is not within 1 to 400 kg"),
        ({"RadionuclideTotalDose": None}, {}, "radionuclide total dose is not stated"),
        ({"RadionuclideTotalDose": 300.0}, {}, "radionuclide total dose is not within 5e+06 to 2e+09 Bq"),
        ({"RadionuclideHalfLife": None}, {}, "radionuclide half life is not stated"),
        ({"RadionuclideHalfLife": 6500.0}, {}, "radionuclide half life is not within 6520 to 6652 s"),
        (
            {"RadiopharmaceuticalStartDateTime": "20260105120001"},
            {},
            "the injection is stated to be after the scan",
        ),
        (
            {"RadiopharmaceuticalStartDateTime": "20260104110000"},
            {},
            "the injection is stated to be more than 6 h before the scan",
        ),
        (
            {"RadiopharmaceuticalStartDateTime": None, "RadiopharmaceuticalStartTime": "120001"},
            {},
            "the injection is stated to be more than 6 h before the scan",
        ),
        (
            {"RadiopharmaceuticalStartDateTime": None, "RadiopharmaceuticalStartTime": None},
            {},
            "the time of the injection is not stated",
        ),
        (
            {"RadiopharmaceuticalStartDateTime": "20260105", "RadiopharmaceuticalStartTime": None},
            {},
            "the time of the injection is not stated",
        ),
        ({}, {"SeriesTime": None}, "the date or time of the series or of an acquisition is not stated"),
        ({}, {"AcquisitionDate": ""}, "the date or time of the series or of an acquisition is not stated"),
        ({"RadionuclideCodeSequence": [coded_item(codes.SCT._68Gallium)]}, {}, "its radionuclide is not ^18^Fluorine"),
    ],
)
def test_what_cannot_be_known_is_refused_with_the_reason(
    injection: dict[str, Any], attributes: dict[str, Any], reason: str
) -> None:
    assert reasons_of(uptake_series(injection=injection, **attributes)) == (reason,)


def test_every_reason_is_given_at_once_and_none_repeats_a_value_of_the_patient() -> None:
    reasons = reasons_of(uptake_series(injection={"RadionuclideTotalDose": 12345.0}, PatientWeight=987.0))
    assert len(reasons) == 2
    assert "987" not in " ".join(reasons)
    assert "12345" not in " ".join(reasons)


@pytest.mark.parametrize(
    ("keyword", "value", "name"),
    [
        ("PatientWeight", 74.0, "the patient's weight"),
        ("DecayCorrection", "ADMIN", "decay correction"),
        ("SeriesTime", "120001", "series start"),
    ],
)
def test_images_that_contradict_each_other_are_refused(keyword: str, value: object, name: str) -> None:
    images = pet_images(counting((3, 2, 2)))
    setattr(images[1], keyword, value)
    assert reasons_of(as_read(images)) == (f"its images differ in {name}",)


def test_two_injections_are_not_summed() -> None:
    images = pet_images(counting((2, 2, 2)))
    for ds in images:
        ds.RadiopharmaceuticalInformationSequence = [agent(), agent()]
    assert "radionuclide total dose is not stated" in reasons_of(as_read(images))


def test_counts_without_a_factor_of_the_scanner_and_other_units_are_refused() -> None:
    without = ("its unit is counts, and no factor of the scanner to activity or SUV is stated",)
    assert reasons_of(uptake_series(), unit="CNTS") == without
    images = pet_images(counting((2, 2, 2)))
    for ds in images:
        add_philips(ds, suv="0", activity="1.234567")
    broken = (file_bytes(ds).replace(b"1.234567", b"nonsense") for ds in images)
    assert reasons_of(Series.of(read_dataset(content) for content in broken), unit="CNTS") == without
    assert reasons_of(uptake_series(), unit="CM2") == ("its unit is neither activity nor counts nor SUV",)


def test_an_enhanced_image_that_is_not_corrected_is_refused() -> None:
    refused = enhanced_factor(enhanced_pet(counting((2, 2, 2)), AttenuationCorrected="NO", DecayCorrected="NO"))
    assert isinstance(refused, NotEligible)
    assert refused.reasons == ("corrected image does not name ATTN", "corrected image does not name DECY")


def test_an_enhanced_image_without_the_moment_of_correction_is_refused() -> None:
    refused = enhanced_factor(enhanced_pet(counting((2, 2, 2)), DecayCorrectionDateTime=None))
    assert isinstance(refused, NotEligible)
    assert refused.reasons == ("the moment that its images are decay-corrected to is not stated",)
