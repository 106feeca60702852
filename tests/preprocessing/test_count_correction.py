"""Counts corrected for decay, dose and weight: by hand, and refused with the reason where a fact is missing."""

from collections.abc import Callable
from typing import Any

import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.sr.codedict import codes

from phantoms import MibgTime, Site, mibg_phantom
from preprocessing import NotEligible
from preprocessing.count_correction import CountCorrection, count_correction
from specs.mibg import MIBG_COUNTS
from tests.preprocessing.tomography import coded_item, counting, nuclear_image


def tracer(**attributes: object) -> Dataset:
    item = Dataset()
    item.RadionuclideCodeSequence = [coded_item(codes.cid18._123Iodine)]
    item.RadionuclideTotalDose, item.RadiopharmaceuticalStartTime = 120.0, "090000"
    for keyword, value in attributes.items():
        if value is None:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    return item


def image(**attributes: Any) -> FileDataset:
    """Build an image of a patient of 60 kg, acquired at noon, three hours after 120 MBq."""
    stated: dict[str, Any] = {"PatientWeight": 60.0, "RadiopharmaceuticalInformationSequence": [tracer()]}
    return nuclear_image(counting((9, 4, 4)), **stated | attributes)


def found(ds: FileDataset) -> CountCorrection:
    correction = count_correction(ds, MIBG_COUNTS)
    assert isinstance(correction, CountCorrection), correction.reason
    return correction


def test_the_factor_is_that_of_decay_times_weight_over_dose() -> None:
    correction = found(image())
    assert correction.since_injection_s == 3 * 3600
    assert correction.factor == pytest.approx(2 ** (3 / 13.2) * 60 / 120)


def test_an_injection_before_midnight_was_on_the_day_before() -> None:
    ds = image(
        AcquisitionTime="003000", RadiopharmaceuticalInformationSequence=[tracer(RadiopharmaceuticalStartTime="213000")]
    )
    assert found(ds).since_injection_s == 3 * 3600


def test_a_date_and_time_of_the_injection_is_preferred() -> None:
    agent = tracer(RadiopharmaceuticalStartTime="000100", RadiopharmaceuticalStartDateTime="20260105080000")
    assert found(image(RadiopharmaceuticalInformationSequence=[agent])).since_injection_s == 4 * 3600


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda ds: ds.__delattr__("PatientWeight"), "weight is not stated"),
        (lambda ds: ds.__setattr__("PatientWeight", 0), "weight is not within 20 to 300 kg"),
        (lambda ds: ds.__setattr__("RadiopharmaceuticalInformationSequence", []), "dose is not stated"),
        (lambda ds: ds.__setattr__("AcquisitionTime", ""), "time of the acquisition is not stated"),
        (lambda ds: ds.__setattr__("CorrectedImage", ["UNIF", "DECY"]), "decay-corrected already"),
        (lambda ds: ds.__setattr__("AcquisitionTime", "085900"), "more than 8 h before"),
    ],
)
def test_a_fact_that_is_missing_or_impossible_is_refused(change: Callable[[FileDataset], None], reason: str) -> None:
    ds = image()
    change(ds)
    refused = count_correction(ds, MIBG_COUNTS)
    assert isinstance(refused, NotEligible)
    assert reason in refused.reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"RadionuclideTotalDose": 120e6}, "dose is not within 20 to 600 MBq"),
        ({"RadionuclideTotalDose": None}, "dose is not stated"),
        ({"RadiopharmaceuticalStartTime": None}, "time of the injection is not stated"),
        ({"RadionuclideCodeSequence": None}, "radionuclide is not stated"),
        ({"RadionuclideCodeSequence": [coded_item(codes.SCT._18Fluorine)]}, "radionuclide is not"),
        ({"RadiopharmaceuticalStartDateTime": "20260105130000"}, "after the acquisition"),
    ],
)
def test_a_fact_of_the_tracer_that_is_missing_or_impossible_is_refused(change: dict[str, object], reason: str) -> None:
    refused = count_correction(image(RadiopharmaceuticalInformationSequence=[tracer(**change)]), MIBG_COUNTS)
    assert isinstance(refused, NotEligible)
    assert reason in refused.reason
    assert refused.identity.sop_instance_uid


def test_every_missing_fact_is_named_at_once() -> None:
    ds = image(RadiopharmaceuticalInformationSequence=[])
    del ds.PatientWeight
    refused = count_correction(ds, MIBG_COUNTS)
    assert isinstance(refused, NotEligible)
    assert len(refused.reasons) == 4


@pytest.mark.parametrize("site", list(Site))
def test_of_a_phantom_the_times_and_durations_are_found(site: Site) -> None:
    phantom = mibg_phantom(seed=6, index=1, site=site)
    for time in MibgTime:
        spect = found(phantom.spect_dataset(time))
        assert spect.since_injection_s == phantom.after_s(time)
        assert spect.frame_duration_s == 30
    planar = found(phantom.planar_dataset(MibgTime.EARLY))
    assert planar.frame_duration_s == 300
    assert planar.since_injection_s < phantom.after_s(MibgTime.EARLY)
