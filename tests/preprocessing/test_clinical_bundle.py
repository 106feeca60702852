"""Patients of a FHIR R4 Bundle: what is said, and that silence is no answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from preprocessing import NotEligible, PreparedRecord
from preprocessing.clinical_table import TableRow, prepare_row, read_table
from preprocessing.errors import InputError, UnreadableTable
from specs.heart_failure_variables import HEART_FAILURE_VARIABLES
from tests.preprocessing.patients import SOUND_TENSOR, bundle, condition, observation, sound_resources


def patients(folder: Path, found: Any) -> list[TableRow]:
    file = folder / "bundle.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    return list(read_table(file))


def outcome(folder: Path, resources: Any) -> PreparedRecord | NotEligible:
    (row,) = patients(folder, bundle(resources))
    assert not isinstance(row.record, InputError), row.record
    return prepare_row(row.record, HEART_FAILURE_VARIABLES)


def tensor(folder: Path, resources: Any) -> list[float]:
    prepared = outcome(folder, resources)
    assert isinstance(prepared, PreparedRecord), prepared
    values: list[float] = prepared.tensor.tolist()
    return values


def reasons(folder: Path, resources: Any) -> tuple[str, ...]:
    refused = outcome(folder, resources)
    assert isinstance(refused, NotEligible), refused
    return refused.reasons


def test_a_bundle_gives_the_same_tensor_as_a_row(tmp_path: Path) -> None:
    wanted = list(SOUND_TENSOR)
    wanted[3] = 194 * 70**-0.287 * 0.739
    assert tensor(tmp_path, sound_resources()) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("nyha_class", "nyha_class"),
        ("creatinine", "egfr or creatinine"),
        ("lvef", "lvef"),
        ("nt_probnp", "bnp or nt_probnp"),
        ("ischemic_etiology", "ischemic_etiology"),
        ("hypertension", "hypertension"),
        ("dialysis", "dialysis"),
        ("late_hm_ratio", "age, late_hm_ratio"),
    ],
)
def test_what_is_not_said_is_missing(tmp_path: Path, name: str, missing: str) -> None:
    resources = sound_resources()
    del resources[name]
    assert reasons(tmp_path, resources) == (f"missing: {missing}",)


@pytest.mark.parametrize("status", ["preliminary", "cancelled", "entered-in-error", "registered", "unknown"])
def test_an_observation_that_does_not_stand_is_missing(tmp_path: Path, status: str) -> None:
    resources = sound_resources()
    resources["lvef"]["status"] = status
    assert reasons(tmp_path, resources) == ("missing: lvef",)


@pytest.mark.parametrize(
    "stated",
    [
        condition("73211009", clinical="resolved"),
        condition("73211009", clinical="inactive"),
        condition("73211009", clinical=None),
        condition("73211009", verification="unconfirmed"),
        condition("73211009", verification="differential"),
        condition("73211009", clinical=None, verification="entered-in-error"),
    ],
)
def test_a_doubtful_or_past_condition_says_nothing(tmp_path: Path, stated: dict[str, Any]) -> None:
    assert reasons(tmp_path, sound_resources() | {"diabetes": stated}) == ("missing: diabetes",)


def test_the_newest_observation_counts(tmp_path: Path) -> None:
    older = observation("718-7", (80, "g/L"), effectiveDateTime="2024-04-30T23:00:00+09:00")
    newer = observation("718-7", (9.5, "g/dL"), effectiveDateTime="2024-05-01T08:00:00Z")
    assert tensor(tmp_path, sound_resources() | {"older": older})[5] == 12.5
    assert tensor(tmp_path, sound_resources() | {"newer": newer})[5] == 9.5


@pytest.mark.parametrize("when", ["2024-05-01", "2024-05", None])
def test_values_of_which_none_is_known_to_be_newer_contradict_each_other(tmp_path: Path, when: str | None) -> None:
    other = observation("718-7", (80, "g/L"), effectiveDateTime=when)
    assert reasons(tmp_path, sound_resources() | {"other": other}) == (
        "hemoglobin is given more than once, and differently",
    )


def test_a_condition_that_is_present_and_refuted_contradicts_itself(tmp_path: Path) -> None:
    refuted = condition("73211009", clinical=None, verification="refuted")
    assert reasons(tmp_path, sound_resources() | {"refuted": refuted}) == (
        "diabetes is given more than once, and differently",
    )


def test_both_peptides_at_once_are_refused(tmp_path: Path) -> None:
    bnp = observation("30934-4", (300, "pg/mL"))
    assert reasons(tmp_path, sound_resources() | {"bnp": bnp}) == (
        "bnp and nt_probnp are given at once (accepted: one of them)",
    )


@pytest.mark.parametrize(
    ("quantity", "reason"),
    [
        ({"value": 12.5}, "hemoglobin is in another unit"),
        ({"value": 12.5, "code": "mmol/L"}, "hemoglobin is in another unit"),
        ({"value": 300, "code": "g/dL"}, "hemoglobin is out of range"),
        ({"value": 5, "code": "g/dL", "comparator": "<"}, "hemoglobin is no number"),
        ({"code": "g/dL"}, "hemoglobin is no number"),
    ],
)
def test_a_quantity_that_cannot_be_used_is_refused(tmp_path: Path, quantity: dict[str, Any], reason: str) -> None:
    found = sound_resources() | {"hemoglobin": observation("718-7", None, valueQuantity=quantity)}
    (said,) = reasons(tmp_path, found)
    assert said.startswith(reason)


def test_a_code_of_another_system_and_a_patient_of_another_name_are_left_alone(tmp_path: Path) -> None:
    foreign = observation("718-7", (20, "g/dL"), system="urn:oid:1.2.3", effectiveDateTime="2025-01-01")
    stranger = observation("718-7", (20, "g/dL"), subject={"reference": "Patient/q"}, effectiveDateTime="2025-01-01")
    assert tensor(tmp_path, sound_resources() | {"foreign": foreign, "stranger": stranger})[5] == 12.5


def test_each_patient_of_a_bundle_has_a_place_and_an_answer_of_its_own(tmp_path: Path) -> None:
    second = {"resourceType": "Patient", "id": "q", "gender": "male", "birthDate": "1960-01-01"}
    found = patients(tmp_path, bundle([*sound_resources().values(), second]))
    assert [row.place for row in found] == ["patient 1", "patient 2"]
    assert not isinstance(found[1].record, InputError)
    refused = prepare_row(found[1].record, HEART_FAILURE_VARIABLES)
    assert isinstance(refused, NotEligible)
    assert refused.reason.startswith("missing: age, nyha_class, egfr or creatinine")


@pytest.mark.parametrize(
    ("born", "examined", "years"), [("1954-04-30", "2024-05-01", 70), ("1954-05-02", "2024-05-01", 69)]
)
def test_age_is_that_on_the_day_of_the_examination(tmp_path: Path, born: str, examined: str, years: int) -> None:
    resources = sound_resources()
    resources["patient"]["birthDate"] = born
    resources["late_hm_ratio"]["effectiveDateTime"] = examined
    assert tensor(tmp_path, resources)[0] == years


@pytest.mark.parametrize("change", [{"birthDate": "1954"}, {"gender": "unknown"}, {"gender": "other"}])
def test_a_patient_known_in_part_lacks_the_rest(tmp_path: Path, change: dict[str, str]) -> None:
    resources = sound_resources()
    resources["patient"] |= change
    (reason,) = reasons(tmp_path, resources)
    assert reason == f"missing: {'age' if 'birthDate' in change else 'sex'}"


@pytest.mark.parametrize(
    "found",
    [
        [],
        {"resourceType": "Patient", "id": "p"},
        {"resourceType": "Bundle", "entry": []},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation"}}]},
        {"resourceType": "Bundle", "entry": "many"},
    ],
)
def test_what_is_no_bundle_of_a_patient_is_an_error(tmp_path: Path, found: Any) -> None:
    (row,) = patients(tmp_path, found)
    assert isinstance(row.record, UnreadableTable)


def test_resources_show_no_value_of_a_patient(tmp_path: Path) -> None:
    resources = sound_resources()
    resources["patient"]["birthDate"] = "1901-02-03"
    assert "1901" not in repr(patients(tmp_path, bundle(resources)))
