"""SUV by body weight: the published values, the headers of eight scanners, the times over midnight."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import ImplicitVRLittleEndian

from preprocessing import NotEligible
from preprocessing.suv import SuvFactor, SuvSource, suv_volume
from preprocessing.volume import Volume, read_volume
from specs.uptake import FDG_UPTAKE, Range, UptakeRules
from tests.preprocessing.tomography import SMALL_PET, agent, as_read, counting, enhanced_pet, pet_images
from tests.preprocessing.uptake_headers import (
    FACTOR_AT_NOON,
    HALF_LIFE_S,
    add_philips,
    decayed,
    enhanced_factor,
    factor_of,
    published_series,
    reasons_of,
    uptake_series,
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


def test_stored_suv_is_left_as_it_is_where_it_is_by_body_weight() -> None:
    assert factor_of(uptake_series(SUVType="BW"), unit="GML") == SuvFactor(factor=1.0, source=SuvSource.STORED)
    assert factor_of(uptake_series(PatientWeight=None), unit="GML").factor == 1.0


def test_private_factors_are_found_in_a_file_without_value_representations() -> None:
    images = pet_images(counting((2, 2, 2)), Units="CNTS")
    for ds in images:
        add_philips(ds, suv="0.000551")
        ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    assert factor_of(as_read(images), unit="CNTS") == SuvFactor(factor=0.000551, source=SuvSource.SCANNER)


def test_an_enhanced_image_states_its_dose_in_megabecquerel_and_names_the_moment_of_correction() -> None:
    found = enhanced_factor(enhanced_pet(counting((2, 2, 2)), SeriesTime="235959"))
    assert isinstance(found, SuvFactor)
    assert found.factor == pytest.approx(FACTOR_AT_NOON, rel=1e-12)


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
