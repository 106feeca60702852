"""A correct refusal names what is wrong, everything that is wrong, and nothing that a person typed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from preprocessing import NotEligible, Prepared, prepare
from preprocessing.eligibility import chest_radiograph_reasons
from preprocessing.errors import MissingAttribute
from preprocessing.reading import read_dataset
from specs.policy import Policy
from specs.recipe import CHEST_RADIOGRAPH_320
from tests.preprocessing.radiographs import (
    SMALL_RECIPE,
    chest_dataset,
    coded,
    file_bytes,
    prepare_file,
    ramp,
    refusal,
)

SENTINEL = "Zyxwvut^Sentinel"


@pytest.mark.parametrize(
    ("keyword", "value", "reason"),
    [
        ("Modality", "CT", "modality is CT, not CR or DX"),
        ("BodyPartExamined", "EXTREMITY", "body part is EXTREMITY, not CHEST"),
        ("BodyPartExamined", "", "body part is not stated"),
        ("BodyPartExamined", None, "body part is not stated"),
        ("ViewPosition", "LL", "view position is LL, not PA or AP"),
        ("ViewPosition", "LATERAL", "view position is LATERAL, not PA or AP"),
        ("ViewPosition", None, "view position is not stated"),
        ("ViewPosition", ["PA", "LL"], r"view position is PA\LL, not PA or AP"),
        ("BurnedInAnnotation", "YES", "burned-in annotation is YES: the pixels may name the patient"),
        (
            "PresentationIntentType",
            "FOR PROCESSING",
            "presentation intent is FOR PROCESSING: raw detector values, not an image to read",
        ),
        ("PixelAspectRatio", [2, 1], "the pixels are not square"),
        ("NumberOfFrames", 2, "it has 2 frames, not one"),
        ("SamplesPerPixel", 4, "it has 4 samples a pixel, neither one gray value nor three colors"),
        ("Rows", 0, "the matrix is 0 x 8, smaller than 4 x 4"),
        ("Columns", 3, "the matrix is 8 x 3, smaller than 4 x 4"),
        ("Columns", 65535, "the matrix is 8 x 65535, more than 10000 pixels"),
    ],
)
def test_each_attribute_that_a_recipe_does_not_accept_is_named(keyword: str, value: object, reason: str) -> None:
    ds = chest_dataset(ramp(8, 8))
    if value is None:
        delattr(ds, keyword)
    else:
        setattr(ds, keyword, value)
    assert refusal(ds) == (reason,)


def test_every_reason_is_given_at_once() -> None:
    ds = chest_dataset(ramp(8, 8), Modality="MG", BodyPartExamined="BREAST", ViewPosition="CC", NumberOfFrames=30)
    assert refusal(ds) == (
        "modality is MG, not CR or DX",
        "body part is BREAST, not CHEST",
        "view position is CC, not PA or AP",
        "it has 30 frames, not one",
    )


@pytest.mark.parametrize("value", ["CHEST", "chest", " Chest ", "THORAX", "LUNG", "C-H_E S T"])
def test_a_body_part_is_read_without_case_spaces_and_hyphens(value: str) -> None:
    ds = chest_dataset(ramp(8, 8), BodyPartExamined=value)
    assert isinstance(prepare_file(file_bytes(ds)), Prepared)


@pytest.mark.parametrize("view", ["PA", "AP", "ap"])
@pytest.mark.parametrize("modality", ["CR", "DX"])
def test_frontal_radiographs_are_accepted(modality: str, view: str) -> None:
    ds = chest_dataset(ramp(8, 8), Modality=modality, ViewPosition=view, BurnedInAnnotation="NO", NumberOfFrames=1)
    assert isinstance(prepare_file(file_bytes(ds)), Prepared)


@pytest.mark.parametrize(
    ("keyword", "policy"), [("BodyPartExamined", "unknown_body_part"), ("ViewPosition", "unknown_view_position")]
)
def test_the_recipe_decides_about_what_is_not_stated(keyword: str, policy: str) -> None:
    ds = chest_dataset(ramp(8, 8))
    delattr(ds, keyword)
    accepting = SMALL_RECIPE.model_copy(update={policy: Policy.ACCEPT})
    assert chest_radiograph_reasons(ds, accepting) == ()
    assert len(chest_radiograph_reasons(ds, SMALL_RECIPE)) == 1


def test_the_recipe_decides_about_burned_in_annotation() -> None:
    ds = chest_dataset(ramp(8, 8), BurnedInAnnotation="YES")
    accepting = SMALL_RECIPE.model_copy(update={"burned_in_annotation": Policy.ACCEPT})
    assert chest_radiograph_reasons(ds, accepting) == ()


@pytest.mark.parametrize(
    ("part", "view"),
    [
        (coded("816094009"), coded("272479007")),
        (coded("39607008"), coded("399348003")),
        (coded("T-D3000", scheme="SRT"), coded("R-10206", scheme="SRT")),
        (coded("T-28000", scheme="SRT"), coded("R-10214", scheme="SRT")),
        (coded("T-D3000", scheme="SNM3"), coded("R-10214", scheme="SNM3")),
        (coded("T-D3000", scheme="99SDM"), coded("R-40888", scheme="99SDM")),
    ],
)
def test_codes_stand_in_for_absent_words(part: Dataset, view: Dataset) -> None:
    ds = chest_dataset(ramp(8, 8), AnatomicRegionSequence=[part], ViewCodeSequence=[view])
    ds.BodyPartExamined = ds.ViewPosition = ""
    assert isinstance(prepare_file(file_bytes(ds)), Prepared)


@pytest.mark.parametrize(
    ("scheme", "shown_scheme", "breast", "lateral"),
    [
        ("SCT", "SCT", "76752008", "399067008"),
        ("SRT", "SRT", "T-04000", "R-102CD"),
        ("SNM3", "SRT", "T-04000", "R-102CD"),
    ],
)
def test_other_codes_are_refused_by_value_without_their_meaning(
    scheme: str, shown_scheme: str, breast: str, lateral: str
) -> None:
    ds = chest_dataset(
        ramp(8, 8),
        AnatomicRegionSequence=[coded(breast, scheme=scheme)],
        ViewCodeSequence=[coded(lateral, scheme=scheme)],
    )
    ds.BodyPartExamined = ds.ViewPosition = ""
    reasons = refusal(ds)
    assert reasons == (
        f"anatomic region is the code {breast} {shown_scheme}, not one of the chest",
        f"view is the code {lateral} {shown_scheme}, not PA or AP",
    )
    assert "zyxwvut" not in " ".join(reasons).lower()


def test_the_accepted_codes_are_the_standards() -> None:
    """CID 4009 and CID 4010 as pydicom has them; R-10214 was CID 4010's before R-40888 and has no successor there."""
    parts = {(part.value, part.scheme) for part in CHEST_RADIOGRAPH_320.anatomic_regions}
    views = {(view.value, view.scheme) for view in CHEST_RADIOGRAPH_320.view_codes}
    assert codes.CID4009.Chest[:2] in parts
    assert views == {codes.CID4010.PosteroAnterior[:2], codes.CID4010.AnteroPosterior[:2], ("R-10214", "SRT")}
    assert Code("R-10214", "SRT", "") != codes.CID4010.PosteroAnterior, "pydicom maps it now: the recipe need not"


def test_an_accepting_policy_does_not_accept_another_view() -> None:
    ds = chest_dataset(ramp(8, 8), ViewPosition="LL")
    accepting = SMALL_RECIPE.model_copy(update={"unknown_view_position": Policy.ACCEPT})
    assert chest_radiograph_reasons(ds, accepting) == ("view position is LL, not PA or AP",)


@pytest.mark.parametrize("keyword", ["Modality", "BodyPartExamined", "ViewPosition"])
@pytest.mark.parametrize("value", [SENTINEL, "Zyxwvut, born 1950", "ZYXWVUT ZYXWVUT ZYXWVUT ZYXWVUT", "Zyxwvüt"])
def test_free_text_in_a_code_string_is_not_repeated(keyword: str, value: str) -> None:
    ds = chest_dataset(ramp(8, 8), SpecificCharacterSet="ISO_IR 192")
    ds.add_new(keyword, "LO", value)
    (reason,) = refusal(ds)
    assert "zyxwv" not in reason.lower()
    assert "a value that is not a code string" in reason


@given(
    modality=st.text(min_size=1, max_size=20).filter(str.strip),
    body_part=st.text(max_size=20),
    frames=st.integers(-3, 3),
)
def test_no_reason_holds_an_attribute_of_the_patient(modality: str, body_part: str, frames: int) -> None:
    ds = chest_dataset(ramp(8, 8), PatientName=SENTINEL, PatientID=SENTINEL, PatientComments=SENTINEL)
    ds.StudyDescription = ds.SeriesDescription = ds.ProtocolName = SENTINEL
    ds.Modality, ds.BodyPartExamined, ds.NumberOfFrames = modality, body_part, frames
    reasons = " ".join(chest_radiograph_reasons(ds, SMALL_RECIPE))
    assert not any(part in reasons.lower() for part in SENTINEL.lower().split("^"))


@pytest.mark.parametrize("ratio", [[1, 1], [5, 5], "", "1"])
def test_square_pixels_are_accepted(ratio: object) -> None:
    ds = chest_dataset(ramp(8, 8), PixelAspectRatio=ratio)
    assert isinstance(prepare_file(file_bytes(ds)), Prepared)


@pytest.mark.parametrize("keyword", ["Modality", "PixelData"])
def test_what_every_image_has_is_missed_and_not_called_a_refusal(keyword: str) -> None:
    ds = chest_dataset(ramp(8, 8))
    delattr(ds, keyword)
    with pytest.raises(MissingAttribute, match=keyword):
        prepare_file(file_bytes(ds))


def test_a_huge_declared_matrix_is_refused_from_the_header_alone() -> None:
    ds = chest_dataset(np.zeros((2, 2), dtype=np.uint16), Rows=65535, Columns=65535)
    assert refusal(ds, CHEST_RADIOGRAPH_320) == ("the matrix is 65535 x 65535, more than 64000000 pixels",)


def test_a_dicomdir_is_an_index_and_no_image() -> None:
    path = Path(str(get_testdata_file("DICOMDIR", download=False)))
    prepared = prepare(read_dataset(path.read_bytes()), CHEST_RADIOGRAPH_320)
    assert isinstance(prepared, NotEligible)
    assert prepared.reason == "it is a DICOMDIR, an index of other files"
