"""The patient's age is what the header states, or nothing."""

import pytest
from pydicom.dataset import Dataset

from preprocessing.patient_age import patient_age_years


def header(**attributes: object) -> Dataset:
    ds = Dataset()
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


@pytest.mark.parametrize(
    ("stated", "years"),
    [("045Y", 45.0), ("006M", 0.5), ("026W", 26 * 7 / 365.25), ("010D", 10 / 365.25), ("000Y", 0.0), (" 045Y", 45.0)],
)
def test_an_age_is_read_in_its_unit(stated: str, years: float) -> None:
    assert patient_age_years(header(PatientAge=stated)) == pytest.approx(years)


@pytest.mark.parametrize("stated", ["", "45", "45Y", "Y", "045y", "999Y", "121Y", "-45Y", "045Y\\050Y"])
def test_what_is_no_age_is_none(stated: str) -> None:
    assert patient_age_years(header(PatientAge=stated)) is None


def test_without_an_age_the_dates_give_it() -> None:
    assert patient_age_years(header(PatientBirthDate="19700601", StudyDate="20260601")) == pytest.approx(56, abs=0.01)


def test_the_stated_age_comes_before_the_dates() -> None:
    assert patient_age_years(header(PatientAge="045Y", PatientBirthDate="19000101", StudyDate="20260601")) == 45.0


@pytest.mark.parametrize(
    ("born", "examined"),
    [("19000101", "20260601"), ("20260602", "20260601"), ("19701301", "20260601"), ("", "20260601"), ("19700101", "")],
)
def test_placeholders_and_broken_dates_give_no_age(born: str, examined: str) -> None:
    assert patient_age_years(header(PatientBirthDate=born, StudyDate=examined)) is None


def test_an_empty_header_gives_no_age() -> None:
    assert patient_age_years(header()) is None
