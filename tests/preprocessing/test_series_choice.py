"""Which of several series of a study becomes the volume."""

from typing import Any

from pydicom.uid import CTImageStorage

from preprocessing import NotEligible
from preprocessing.series import Series
from preprocessing.series_choice import chosen_series
from tests.preprocessing.tomography import SMALL_PET, as_read, counting, name_instance, pet_images

STORED = counting((4, 2, 2))


def series(uid: str, **attributes: Any) -> Series:
    images = pet_images(STORED, SeriesInstanceUID=uid, **attributes)
    for index, ds in enumerate(images):
        name_instance(ds, f"{uid}.{index}")
    return as_read(images)


ATTENUATION_CORRECTED = series("1.2.1")
NOT_CORRECTED = series("1.2.2", CorrectedImage=["DECY"])
DYNAMIC = series("1.2.3", SeriesType=["DYNAMIC", "IMAGE"])
CT = series("1.2.4", Modality="CT", SOPClassUID=CTImageStorage)


def test_the_attenuation_corrected_one_of_several_reconstructions_is_chosen_whatever_their_order() -> None:
    for study in ((NOT_CORRECTED, CT, ATTENUATION_CORRECTED, DYNAMIC), (ATTENUATION_CORRECTED, NOT_CORRECTED)):
        chosen = chosen_series(study, SMALL_PET)
        assert isinstance(chosen, Series)
        assert chosen.datasets == ATTENUATION_CORRECTED.datasets
        assert chosen.remarks == (
            "of 2 eligible series of the study the one was taken whose corrected image names ATTN",
        )


def test_the_only_eligible_series_is_chosen_though_it_is_not_preferred() -> None:
    assert chosen_series((CT, NOT_CORRECTED, DYNAMIC), SMALL_PET) is NOT_CORRECTED
    assert NOT_CORRECTED.remarks == ()


def test_of_two_series_that_could_be_meant_none_is_guessed() -> None:
    refused = chosen_series((ATTENUATION_CORRECTED, series("1.2.9"), NOT_CORRECTED), SMALL_PET)
    assert isinstance(refused, NotEligible)
    assert refused.reasons == ("2 of its series could be meant, and nothing declared tells which",)
    assert refused.identity.study_instance_uid == ATTENUATION_CORRECTED.identity.study_instance_uid


def test_a_study_without_an_eligible_series_is_refused_for_what_is_wrong_with_those_of_its_modality() -> None:
    refused = chosen_series((CT, DYNAMIC), SMALL_PET)
    assert isinstance(refused, NotEligible)
    assert refused.reasons == ("series type is DYNAMIC, not STATIC or WHOLE BODY",)
    of_ct_alone = chosen_series((CT,), SMALL_PET)
    assert isinstance(of_ct_alone, NotEligible)
    assert of_ct_alone.reasons == ("modality is CT, not PT",)
