"""A patient whose record lacks nothing, as a table's row and as a FHIR Bundle."""

from collections.abc import Mapping
from typing import Any

from preprocessing import ClinicalRecord, Given, NotEligible, PreparedRecord, prepare_record
from specs.heart_failure_variables import HEART_FAILURE_VARIABLES

SOUND = {
    "age": "70",
    "sex": "female",
    "nyha_class": "III",
    "egfr": "45.5",
    "lvef": "35",
    "hemoglobin": "12.5",
    "late_hm_ratio": "1.75",
    "washout_rate": "33",
    "nt_probnp": "900",
    "ischemic_etiology": "yes",
    "hypertension": "no",
    "diabetes": "1",
    "dialysis": "false",
}
SOUND_TENSOR = [70, 0, 3, 45.5, 35, 12.5, 1.75, 33, 4, 1, 0, 1, 0]

LOCAL = HEART_FAILURE_VARIABLES.code_systems[2].uri
"""The code system of MIBG."""


def record(changed: Mapping[str, str | Given | None] | None = None) -> ClinicalRecord:
    """Return the sound record with some values changed, or taken out where they are None."""
    values = {name: value for name, value in {**SOUND, **(changed or {})}.items() if value is not None}
    return ClinicalRecord(
        values={name: value if isinstance(value, Given) else Given(text=value) for name, value in values.items()}
    )


def prepared(changed: Mapping[str, str | Given | None] | None = None) -> PreparedRecord | NotEligible:
    """Prepare the changed record."""
    return prepare_record(record(changed), HEART_FAILURE_VARIABLES)


def tensor(changed: Mapping[str, str | Given | None] | None = None) -> list[float]:
    """Return the tensor of a changed record, which must be eligible."""
    found = prepared(changed)
    assert isinstance(found, PreparedRecord), found
    values: list[float] = found.tensor.tolist()
    return values


def refusal(changed: Mapping[str, str | Given | None]) -> tuple[str, ...]:
    """Return the reasons why a changed record is not eligible."""
    found = prepared(changed)
    assert isinstance(found, NotEligible)
    return found.reasons


def observation(code: str, value: Any, *, system: str = "http://loinc.org", **elements: Any) -> dict[str, Any]:
    """Return an Observation: of a pair (value, UCUM unit), or with the value element that `elements` name."""
    quantity = {"valueQuantity": {"value": value[0], "unit": value[1], "code": value[1]}} if value else {}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": system, "code": code}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2024-05-01",
        **quantity,
        **elements,
    }


def condition(code: str, *, clinical: str | None = "active", verification: str | None = "confirmed") -> dict[str, Any]:
    """Return a Condition."""
    return {
        "resourceType": "Condition",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]},
        "subject": {"reference": "Patient/p"},
        **({"clinicalStatus": {"coding": [{"code": clinical}]}} if clinical else {}),
        **({"verificationStatus": {"coding": [{"code": verification}]}} if verification else {}),
    }


def sound_resources() -> dict[str, dict[str, Any]]:
    """Return the resources of the sound patient by the names of the variables."""
    nyha = {"coding": [{"system": "http://loinc.org", "code": "LA28406-9"}]}
    return {
        "patient": {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1954-04-30"},
        "nyha_class": observation("88020-3", None, valueCodeableConcept=nyha),
        "creatinine": observation("2160-0", (1.0, "mg/dL")),
        "lvef": observation("10230-1", (35, "%")),
        "hemoglobin": observation("718-7", (125, "g/L")),
        "late_hm_ratio": observation("MIBG-LATE-HMR", (1.75, "1"), system=LOCAL),
        "washout_rate": observation("MIBG-WR", (33, "%"), system=LOCAL),
        "nt_probnp": observation("33762-6", (900, "pg/mL")),
        "ischemic_etiology": condition("414545008"),
        "hypertension": condition("38341003", clinical=None, verification="refuted"),
        "diabetes": condition("73211009"),
        "dialysis": observation("105502003", None, system="http://snomed.info/sct", valueBoolean=False),
    }


def bundle(resources: Mapping[str, Any] | list[Any]) -> dict[str, Any]:
    """Return a Bundle of resources."""
    listed = resources if isinstance(resources, list) else list(resources.values())
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in listed]}
