"""SUV by body weight: the published values, the headers of eight scanners, and a refusal where it cannot be known."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ImplicitVRLittleEndian

from preprocessing import NotEligible
from preprocessing.body_size import (
    Sex,
    body_surface_area_cm2,
    lean_body_mass_james_kg,
    lean_body_mass_janmahasatian_kg,
    uptake_per_activity,
)
from preprocessing.reading import read_dataset
from preprocessing.scan_start import average_count_rate_s
from preprocessing.series import Series
from preprocessing.suv import SuvFactor, SuvSource, suv_factor, suv_volume
from preprocessing.volume import Volume, read_volume
from specs.uptake import FDG_UPTAKE, Range, UptakeRules
from tests.preprocessing.radiographs import file_bytes
from tests.preprocessing.tomography import SMALL_PET, agent, as_read, coded_item, counting, enhanced_pet, pet_images
from tests.preprocessing.uptake_headers import GE_CREATOR, add_philips, published_series, uptake_series

HALF_LIFE_S = 6586.2
HOUR_S = 3600.0
FACTOR_AT_NOON = 75_000 / (300e6 * math.exp(-math.log(2) * HOUR_S / HALF_LIFE_S))
"""Of `uptake_series`: 75 kg, 300 MBq, one hour."""


def factor_of(series: Series, *, unit: str = "BQML", rules: UptakeRules = FDG_UPTAKE) -> SuvFactor:
    found = suv_factor(series, rules, unit=unit)
    assert isinstance(found, SuvFactor), found
    return found


def reasons_of(series: Series, *, unit: str = "BQML", rules: UptakeRules = FDG_UPTAKE) -> tuple[str, ...]:
    found = suv_factor(series, rules, unit=unit)
    assert isinstance(found, NotEligible), found
    return found.reasons


def test_the_published_unit_values_are_reproduced() -> None:
    """A man of 75 kg and 1.85 m, and 100 Bq: `calculateSUVScalingFactors.test.ts`."""
    weight_kg, height_m, dose_bq = 75.0, 1.85, 100.0
    lean = lean_body_mass_james_kg(weight_kg=weight_kg, height_m=height_m, sex=Sex.MALE)
    janma = lean_body_mass_janmahasatian_kg(weight_kg=weight_kg, height_m=height_m, sex=Sex.MALE)
    area = body_surface_area_cm2(weight_kg=weight_kg, height_m=height_m)
    assert uptake_per_activity(1000 * weight_kg, decayed_dose_bq=dose_bq) == 750
    assert uptake_per_activity(1000 * lean, decayed_dose_bq=dose_bq) == pytest.approx(627.7757487216948, rel=1e-14)
    assert uptake_per_activity(1000 * janma, decayed_dose_bq=dose_bq) == pytest.approx(609.1533588651974, rel=1e-14)
    assert uptake_per_activity(area, decayed_dose_bq=dose_bq) == pytest.approx(198.13758427117767, rel=1e-14)


def test_lean_body_masses_of_a_woman_are_those_of_their_own_formulas() -> None:
    """By hand, 60 kg and 1.60 m: 64.2 - 148 x 0.140625; 556200 / (8780 + 244 x 23.4375)."""
    assert lean_body_mass_james_kg(weight_kg=60, height_m=1.6, sex=Sex.FEMALE) == pytest.approx(43.3875)
    assert lean_body_mass_janmahasatian_kg(weight_kg=60, height_m=1.6, sex=Sex.FEMALE) == pytest.approx(
        556200 / 14498.75
    )


ANYTHING = Range(lowest=0.0, highest=1e12)
UNLIMITED = FDG_UPTAKE.model_copy(update={"half_life_s": ANYTHING, "dose_bq": ANYTHING})
"""The published unit tests have 100 Bq and a half-life of 10 s."""


@pytest.mark.parametrize("decay_correction", ["ADMIN", "START"])
def test_the_published_headers_of_a_unit_test_give_their_value(decay_correction: str) -> None:
    injection = {
        "RadionuclideTotalDose": 100.0,
        "RadionuclideHalfLife": 10.0,
        "RadiopharmaceuticalStartDateTime": "20260105120000",
    }
    series = uptake_series(injection=injection, DecayCorrection=decay_correction)
    assert factor_of(series, rules=UNLIMITED).factor == 750
    counts = pet_images(counting((2, 2, 2)), Units="CNTS", PatientWeight=100.0)
    for ds in counts:
        ds.RadiopharmaceuticalInformationSequence = [agent(**injection)]
        add_philips(ds, suv="0", activity="1.602563")
    found = factor_of(as_read(counts), unit="CNTS", rules=UNLIMITED)
    assert found.factor == pytest.approx(1602.563, rel=1e-14)
    assert found.source is SuvSource.COUNTS


def decayed(weight_kg: float, dose_bq: float, half_life_s: float, uptake_s: float) -> float:
    """Return the factor by the law of decay with e, where the code has powers of two."""
    return weight_kg * 1000 / (dose_bq * math.exp(-math.log(2) / half_life_s * uptake_s))


def clock(hours: int, minutes: int, seconds: float) -> float:
    return hours * 3600 + minutes * 60 + seconds


VENDORS: dict[str, tuple[str, float, float]] = {
    "SIEMENS": (
        "BQML",
        decayed(67, 374e6, 6586.2, clock(10, 48, 29) - clock(8, 30, 45)),
        0.00042748316187197236,
    ),
    "GE_MEDICAL_AND_BQML": (
        "BQML",
        decayed(52, 152022720, 6586.2001953125, clock(9, 56, 21) - clock(8, 45, 0)),
        0.0005367387681819742,
    ),
    "PHILIPS_BQML": (
        "BQML",
        decayed(64, 126e6, 6586.199707, clock(11, 1, 55) - clock(10, 0, 58)),
        0.0007463747013889488,
    ),
    "PHILIPS_CNTS_AND_BQML_SUV": ("CNTS", 0.000551, 0.000551),
    "PHILIPS_CNTS_AND_SUV": ("CNTS", 0.000728, 0.000728),
    "BQML_AC_DT_lessThan_S_DT_SIEMENS": (
        "BQML",
        # acquired 5 us before the series began; the reference time of the slices is the middle of their 120 s
        decayed(65, 225e6, 6586.2, clock(12, 35, 14.999995) - clock(11, 41, 0)),
        0.0004069156854009332,
    ),
    "CPS_AND_BQML_AC_DT_-_S_DT": (
        "BQML",
        # a series made 45 min after the acquisition, and no reference time
        decayed(69, 388e6, 6586.2, clock(13, 3, 48.234) - clock(12, 0, 37)),
        0.00026503312764157046,
    ),
    "RADIOPHARM_DATETIME_UNDEFINED": (
        "BQML",
        decayed(102, 412e6, 6586.2, clock(13, 54, 31.843) - clock(12, 50, 0)),
        0.0003721089202818729,
    ),
}
"""Of each published header: the unit, the factor by hand from its figures, and that of `calculate-suv`'s own tests."""


@pytest.mark.parametrize("name", VENDORS)
def test_each_published_header_gives_the_factor_worked_out_by_hand_and_the_published_one(
    name: str, samples: Path
) -> None:
    unit, by_hand, published = VENDORS[name]
    series = published_series(samples / "pet_headers" / f"{name}-instances.json")
    factor = factor_of(series, unit=unit).factor
    assert factor == pytest.approx(by_hand, rel=1e-7)
    assert factor == pytest.approx(published, rel=1e-6)


def test_every_published_header_is_among_these(samples: Path) -> None:
    assert {file.name.removesuffix("-instances.json") for file in (samples / "pet_headers").iterdir()} == set(VENDORS)


def test_the_factor_of_a_philips_scanner_is_that_of_its_own_two_factors(samples: Path) -> None:
    """Its SUV a count over its Bq/ml a count is SUV a Bq/ml: what the scanner itself took for weight, dose and time.

    It counts from the acquisition, one second after the series: 1.05e-4 less of the dose.
    """
    series = published_series(samples / "pet_headers" / "PHILIPS_BQML-instances.json")
    assert factor_of(series).factor == pytest.approx(0.003515736 / 4.709921, rel=1.1e-4)


def test_start_decays_the_dose_and_admin_does_not() -> None:
    assert factor_of(uptake_series()).factor == pytest.approx(FACTOR_AT_NOON, rel=1e-12)
    assert factor_of(uptake_series(DecayCorrection="ADMIN")).factor == pytest.approx(75_000 / 300e6, rel=1e-12)


@settings(max_examples=15)
@given(uptake_s=st.integers(0, 6 * 3600), start_s=st.integers(0, 86399), is_dated=st.booleans())
def test_the_uptake_time_counts_over_midnight(uptake_s: int, start_s: int, *, is_dated: bool) -> None:
    start = np.datetime64("2026-01-05T00:00:00") + np.timedelta64(start_s, "s")
    injection = start - np.timedelta64(uptake_s, "s")
    digits = str(injection).replace("-", "").replace(":", "").replace("T", "")
    scan = str(start).split("T")[1].replace(":", "")
    series = uptake_series(
        slices=1,
        injection={
            "RadiopharmaceuticalStartTime": digits[8:],
            "RadiopharmaceuticalStartDateTime": digits if is_dated else None,
        },
        SeriesTime=scan,
        AcquisitionTime=[scan],
    )
    assert factor_of(series).factor == pytest.approx(decayed(75, 300e6, HALF_LIFE_S, uptake_s), rel=1e-12)


def test_a_date_of_the_injection_goes_before_its_time_of_day() -> None:
    series = uptake_series(injection={"RadiopharmaceuticalStartTime": "090000"})
    assert factor_of(series).factor == pytest.approx(FACTOR_AT_NOON, rel=1e-12)


@pytest.mark.parametrize(("zone", "moment"), [("+0900", "20260105020000+0000"), ("-0500", "20260105110000-0500")])
def test_a_time_zone_is_that_of_the_series(zone: str, moment: str) -> None:
    series = uptake_series(
        injection={"RadiopharmaceuticalStartDateTime": moment, "RadiopharmaceuticalStartTime": None},
        TimezoneOffsetFromUTC=zone,
    )
    assert factor_of(series).factor == pytest.approx(FACTOR_AT_NOON, rel=1e-12)


def test_a_time_zone_that_the_series_does_not_have_leaves_the_time_of_day() -> None:
    moment = {"RadiopharmaceuticalStartDateTime": "20260105020000+0000"}
    assert factor_of(uptake_series(injection=moment)).factor == pytest.approx(FACTOR_AT_NOON, rel=1e-12)
    alone = moment | {"RadiopharmaceuticalStartTime": None}
    assert reasons_of(uptake_series(injection=alone)) == ("the time of the injection is not stated",)


def processed_later(**attributes: Any) -> list[FileDataset]:
    """Build a series that was made anew an hour after the scan at noon, three bed positions of two minutes."""
    return pet_images(
        counting((3, 2, 2)),
        SeriesTime="130000",
        **{"AcquisitionTime": ["120000", "120200", "120400"]} | attributes,
    )


def test_a_series_made_after_the_scan_counts_from_the_earliest_acquisition() -> None:
    assert factor_of(as_read(processed_later()[::-1])).factor == pytest.approx(FACTOR_AT_NOON, rel=1e-12)


def test_of_a_series_made_later_the_scan_time_of_ge_is_believed_first() -> None:
    images = processed_later()
    for ds in images:
        ds.private_block(0x0009, GE_CREATOR, create=True).add_new(0x0D, "DT", "20260105115000.00")
    expected = decayed(75, 300e6, HALF_LIFE_S, HOUR_S - 600)
    assert factor_of(as_read(images)).factor == pytest.approx(expected, rel=1e-12)


def test_of_a_series_made_later_the_start_is_computed_back_from_the_reference_times() -> None:
    """All bed positions before the third are in another series: the earliest acquisition here is 8 minutes late."""
    middle_s = average_count_rate_s(120.0, half_life_s=HALF_LIFE_S)
    images = processed_later(
        AcquisitionTime=["120800", "121000", "121200"],
        FrameReferenceTime=[1000 * (after_s + middle_s) for after_s in (480, 600, 720)],
    )
    assert factor_of(as_read(images)).factor == pytest.approx(FACTOR_AT_NOON, rel=1e-7)


def test_reference_times_that_contradict_each_other_are_refused() -> None:
    images = processed_later(FrameReferenceTime=[60_000.0, 180_000.0, 900_000.0])
    assert reasons_of(as_read(images)) == ("the reference times of its slices name different starts of the scan",)


@given(duration_s=st.floats(1, 3600))
def test_the_average_count_rate_of_a_frame_occurs_just_before_its_middle(duration_s: float) -> None:
    """The activity at that time is the mean of the activity over the frame, integrated here by the midpoint rule."""
    constant = math.log(2) / HALF_LIFE_S
    at_s = average_count_rate_s(duration_s, half_life_s=HALF_LIFE_S)
    moments_s = (np.arange(20_000) + 0.5) * duration_s / 20_000
    assert math.exp(-constant * at_s) == pytest.approx(float(np.exp(-constant * moments_s).mean()), rel=1e-9)
    assert at_s < duration_s / 2


def test_stored_suv_is_left_as_it_is_where_it_is_by_body_weight() -> None:
    assert factor_of(uptake_series(SUVType="BW"), unit="GML") == SuvFactor(factor=1.0, source=SuvSource.STORED)
    assert factor_of(uptake_series(PatientWeight=None), unit="GML").factor == 1.0


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
        ("PatientWeight", 74.0, "weight kg"),
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


def test_private_factors_are_found_in_a_file_without_value_representations() -> None:
    images = pet_images(counting((2, 2, 2)), Units="CNTS")
    for ds in images:
        add_philips(ds, suv="0.000551")
        ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    assert factor_of(as_read(images), unit="CNTS") == SuvFactor(factor=0.000551, source=SuvSource.SCANNER)


def enhanced_factor(ds: FileDataset, unit: str = "BQML") -> SuvFactor | NotEligible:
    return suv_factor(as_read([ds]), FDG_UPTAKE, unit=unit)


def test_an_enhanced_image_states_its_dose_in_megabecquerel_and_names_the_moment_of_correction() -> None:
    found = enhanced_factor(enhanced_pet(counting((2, 2, 2)), SeriesTime="235959"))
    assert isinstance(found, SuvFactor)
    assert found.factor == pytest.approx(FACTOR_AT_NOON, rel=1e-12)


def test_an_enhanced_image_that_is_not_corrected_is_refused() -> None:
    refused = enhanced_factor(enhanced_pet(counting((2, 2, 2)), AttenuationCorrected="NO", DecayCorrected="NO"))
    assert isinstance(refused, NotEligible)
    assert refused.reasons == ("corrected image does not name ATTN", "corrected image does not name DECY")


def test_an_enhanced_image_without_the_moment_of_correction_is_refused() -> None:
    refused = enhanced_factor(enhanced_pet(counting((2, 2, 2)), DecayCorrectionDateTime=None))
    assert isinstance(refused, NotEligible)
    assert refused.reasons == ("the moment that its images are decay-corrected to is not stated",)


def test_the_volume_of_a_series_becomes_suv() -> None:
    series = uptake_series()
    volume = read_volume(series, SMALL_PET)
    assert isinstance(volume, Volume)
    suv = suv_volume(volume, series, FDG_UPTAKE)
    assert isinstance(suv, Volume)
    assert suv.unit == "g/ml"
    assert suv.values == pytest.approx(volume.values * FACTOR_AT_NOON, rel=1e-6)
    assert isinstance(suv_volume(volume, uptake_series(PatientWeight=None), FDG_UPTAKE), NotEligible)


def test_the_rules_survive_their_own_json() -> None:
    assert UptakeRules.from_json(FDG_UPTAKE.canonical_json()) == FDG_UPTAKE
