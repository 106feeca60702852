"""A PET series is refused that shows another tracer than FDG, or does not say what it shows."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import FileDataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from preprocessing import NotEligible, Prepared, prepare
from preprocessing.reading import read_dataset
from preprocessing.series import Series
from preprocessing.tracer import tracer_reasons
from specs.fdg_projections import FDG_PROJECTIONS_256
from specs.perfusion_slices import PERFUSION_TRACER
from specs.policy import Policy
from specs.tracer import FDG, MIBG
from tests.preprocessing.radiographs import file_bytes
from tests.preprocessing.tomography import agent, as_read, coded_item, counting, name_instance, pet_images
from tests.preprocessing.uptake_headers import reasons_of, uptake_series

ANOTHER = ("its radiopharmaceutical is not Fluorodeoxyglucose F^18^",)
UNSTATED = ("its radiopharmaceutical is not stated",)
FDG_CODE = codes.SCT.FluorodeoxyglucoseF18
PSMA = codes.DCM.PSMA1007F18


def of_tracer(text: str | None, code: Code | None = None) -> Series:
    injection: dict[str, Any] = {"Radiopharmaceutical": text}
    if code is not None:
        injection["RadiopharmaceuticalCodeSequence"] = [coded_item(code)]
    return uptake_series(injection=injection)


@pytest.mark.parametrize(
    "text",
    [
        "FDG",
        "18F-FDG",
        "FDG -- fluorodeoxyglucose",
        "Fluorodeoxyglucose F^18^",
        "fludeoxyglucose (18F)",
        "F-18 fdg",
        "FDG F18",
        "Fluorodésoxyglucose",
        "2-deoxy-2-(18F)fluoro-D-glucose",
    ],
)
def test_the_tracer_is_found_in_free_text(text: str) -> None:
    assert tracer_reasons(of_tracer(text), FDG) == ()


@pytest.mark.parametrize("text", ["PSMA-1007", "68Ga-DOTATATE", "F-18 NaF", "FLT", "FES", "LU177", "18F-FDGal"])
def test_another_tracer_is_refused(text: str) -> None:
    assert tracer_reasons(of_tracer(text), FDG) == ANOTHER


@pytest.mark.parametrize("text", [None, "", "F-18", "18F", "^18^Fluorine", "Other", "Solution"])
@pytest.mark.parametrize("policy", list(Policy))
def test_what_names_no_tracer_is_treated_as_declared(text: str | None, policy: Policy) -> None:
    rules = FDG.model_copy(update={"unknown_tracer": policy})
    assert tracer_reasons(of_tracer(text), rules) == (UNSTATED if policy is Policy.REFUSE else ())


@pytest.mark.parametrize(
    "code",
    [
        FDG_CODE,
        Code("C-B1031", "SRT", "Fluorodeoxyglucose F^18^"),
        Code("Y-X1743", "99SDM", "FDG -- fluorodeoxyglucose"),
        Code("C0046056", "UMLS", "Fluorodeoxyglucose F18"),
    ],
)
def test_the_code_decides_in_its_new_form_and_in_its_old_one(code: Code) -> None:
    assert tracer_reasons(of_tracer("F-18", code), FDG) == ()
    assert tracer_reasons(of_tracer("FDG", PSMA), FDG) == (
        f"its radiopharmaceutical is {PSMA.meaning} ({PSMA.value} DCM), not Fluorodeoxyglucose F^18^",
    )


def test_an_old_code_in_the_place_of_the_name_is_read(samples: Path) -> None:
    """As of a real acquisition, whose radiopharmaceutical is called C-163AB, sestamibi in SNOMED RT."""
    real = Series.of([read_dataset((samples / "spect" / "RIMD_case_NM_00001.dcm").read_bytes())])
    assert tracer_reasons(real, PERFUSION_TRACER) == ()
    assert tracer_reasons(real, MIBG) == (
        "its radiopharmaceutical is Technetium Tc^99m^ sestamibi (C-163AB SRT), not Metaiodobenzylguanidine I^123^",
    )


def test_of_a_code_nothing_is_repeated_that_the_standard_does_not_say() -> None:
    meaning = Code(PSMA.value, PSMA.scheme_designator, "SENTINEL^PATIENT")
    odd = Code("SENTINEL PATIENT", "SCT", "SENTINEL^PATIENT")
    for code in (meaning, odd, Code("17", "SCT", "SENTINEL^PATIENT")):
        (reason,) = tracer_reasons(of_tracer("SENTINEL", code), FDG)
        assert "SENTINEL" not in reason
    assert tracer_reasons(of_tracer("D-12345"), FDG) == ANOTHER


def test_a_private_code_leaves_it_to_the_words() -> None:
    private = Code("17", "99ACME", "Tracer 17")
    assert tracer_reasons(of_tracer("FDG", private), FDG) == ()
    assert tracer_reasons(of_tracer("PSMA-1007", private), FDG) == ANOTHER
    assert tracer_reasons(of_tracer(None, private), FDG) == UNSTATED


@given(st.text(alphabet="ABCEHIJKLMPQRSTUVWXYZ ^", min_size=6, max_size=40).filter(lambda text: len(text.split()) > 1))
def test_no_text_of_a_header_is_repeated(text: str) -> None:
    (reason,) = tracer_reasons(of_tracer(text), FDG)
    assert reason in (*ANOTHER, *UNSTATED)


def test_one_slice_of_another_tracer_refuses_the_series() -> None:
    images = pet_images(counting((3, 2, 2)))
    images[1].RadiopharmaceuticalInformationSequence = [agent(Radiopharmaceutical="NaF")]
    assert tracer_reasons(as_read(images), FDG) == ANOTHER


def test_another_nuclide_is_refused_where_the_stored_values_are_suv_too() -> None:
    gallium = {"RadionuclideCodeSequence": [coded_item(codes.SCT._68Gallium)]}
    for unit in ("BQML", "GML"):
        assert reasons_of(uptake_series(injection=gallium), unit=unit) == ("its radionuclide is not ^18^Fluorine",)


def whole_body(*, series_uid: str, tracer: str) -> list[FileDataset]:
    images = pet_images(counting((20, 8, 8)).astype(np.uint16), spacing_mm=(4.0, 4.0, 4.0))
    for number, ds in enumerate(images):
        name_instance(ds, f"{series_uid}.{number}")
        ds.SeriesInstanceUID = series_uid
        ds.RadiopharmaceuticalInformationSequence = [agent(Radiopharmaceutical=tracer)]
    return images


def test_of_two_series_that_of_the_tracer_is_meant_whatever_its_order() -> None:
    fdg, other = whole_body(series_uid="1.2.1", tracer="FDG"), whole_body(series_uid="1.2.0", tracer="DOTATOC")
    for study in (fdg + other, other + fdg):
        prepared = prepare(tuple(read_dataset(file_bytes(ds)) for ds in study), FDG_PROJECTIONS_256)
        assert isinstance(prepared, Prepared)
        assert prepared.identity.series_instance_uid == "1.2.1"
    alone = prepare(tuple(other), FDG_PROJECTIONS_256)
    assert isinstance(alone, NotEligible)
    assert alone.reasons == ANOTHER
