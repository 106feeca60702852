"""Images that share a study and are of two patients are no pair, and whose they are is not said."""

from typing import Any

import pytest
from pydicom.dataset import Dataset, FileDataset

from preprocessing import NotEligible
from preprocessing.mibg_study import prepare_mibg
from preprocessing.one_patient import patient_reasons
from preprocessing.perfusion_pair import PairedSeries, paired_series
from specs.perfusion_pairing import Role
from specs.perfusion_slices import PERFUSION_SLICES_48
from tests.preprocessing.mibg_studies import EARLY_S, LATE_S, SMALL_MIBG, agent, planar, spect
from tests.preprocessing.perfusion_images import another_series, rest_image, stress_image

PATIENT: dict[str, Any] = {"PatientID": "SENTINEL1", "PatientBirthDate": "19500102", "PatientSex": "F"}
DIFFERENT = "its images are of different patients: their {} differ"


def of(**attributes: Any) -> Dataset:
    ds = Dataset()
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


@pytest.mark.parametrize(
    ("other", "what"),
    [
        ({"PatientID": "SENTINEL2"}, "patient IDs"),
        ({"PatientBirthDate": "19500103"}, "dates of birth"),
        ({"PatientSex": "M"}, "sexes"),
        ({"PatientID": "SENTINEL2", "PatientSex": "M"}, "patient IDs and sexes"),
    ],
)
def test_patients_differ_by_what_both_images_state(other: dict[str, str], what: str) -> None:
    assert patient_reasons([of(**PATIENT), of(**PATIENT | other)]) == (DIFFERENT.format(what),)


@pytest.mark.parametrize(
    "other",
    [{}, {"PatientID": "SENTINEL1 "}, {"PatientID": ""}, {"PatientBirthDate": None}, {"PatientSex": "O"}],
)
def test_what_is_not_stated_differs_from_nothing(other: dict[str, str | None]) -> None:
    assert patient_reasons([of(**PATIENT), of(**PATIENT | other)]) == ()
    assert patient_reasons([of(**PATIENT), of()]) == ()


def test_stress_and_rest_of_two_patients_are_no_pair_whoever_names_them() -> None:
    stress, rest = stress_image(**PATIENT), rest_image(**PATIENT | {"PatientID": "SENTINEL2"})
    named = {str(stress.SeriesInstanceUID): Role.STRESS, str(rest.SeriesInstanceUID): Role.REST}
    for roles in ({}, named):
        found = paired_series((stress, rest), PERFUSION_SLICES_48, roles)
        assert isinstance(found, NotEligible)
        assert found.reasons == (DIFFERENT.format("patient IDs"),)
    assert isinstance(paired_series((stress, rest_image(**PATIENT)), PERFUSION_SLICES_48, {}), PairedSeries)


def test_a_third_series_of_another_patient_is_not_passed_over() -> None:
    study = (stress_image(**PATIENT), rest_image(**PATIENT), another_series(rest_image(PatientID="SENTINEL2")))
    found = paired_series(study, PERFUSION_SLICES_48, {})
    assert isinstance(found, NotEligible)
    assert found.reasons == (DIFFERENT.format("patient IDs"),)


@pytest.mark.parametrize("other", [spect(LATE_S, PatientID="SENTINEL2"), planar(LATE_S, PatientID="SENTINEL2")])
def test_early_and_late_of_two_patients_are_no_study(other: FileDataset) -> None:
    study = [spect(EARLY_S, **PATIENT), spect(LATE_S, name="of the same", **PATIENT), other]
    found = prepare_mibg(study, SMALL_MIBG)
    assert isinstance(found, NotEligible)
    assert found.reasons == (DIFFERENT.format("patient IDs"),)


def test_an_image_of_another_tracer_and_patient_plays_no_part() -> None:
    of_thallium = spect(
        LATE_S,
        name="Tl",
        PatientID="SENTINEL2",
        RadiopharmaceuticalInformationSequence=[agent(Radiopharmaceutical="Tl-201 chloride")],
    )
    found = prepare_mibg([spect(EARLY_S, **PATIENT), spect(LATE_S, **PATIENT), of_thallium], SMALL_MIBG)
    assert not isinstance(found, NotEligible)
