"""The contract: one canonical text, a digest of all of it, and nothing in it that a reader does not know."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from specs.contract import Contract, Spec, parameter_key
from specs.declared import Declared
from specs.mitral_regurgitation import MITRAL_REGURGITATION
from specs.weights import FindingPerformance, OperatingPoint, SiteRecalibration, WeightsRecord
from tests.specs.quantity import spec_of_every_kind
from tests.specs.records import contract, performance, weights_record

__all__ = ["spec_of_every_kind"]

Path = tuple[str | int, ...]


class Note(Declared):
    """A record with one field of each kind that JSON has."""

    zulu: float
    alpha: str
    mike: dict[str, int]


def leaves(document: Any, path: Path = ()) -> list[Path]:
    """Return the path of every number, text and flag of a JSON document."""
    if isinstance(document, dict):
        return [leaf for key, value in document.items() for leaf in leaves(value, (*path, key))]
    if isinstance(document, list):
        return [leaf for index, value in enumerate(document) for leaf in leaves(value, (*path, index))]
    return [path]


def parent(document: Any, path: Path) -> Any:
    """Return what holds the leaf at a path."""
    for step in path[:-1]:
        document = document[step]
    return document


def changed(document: Any, path: Path) -> Any:
    """Return a copy of a JSON document with another value at a path."""
    copied = json.loads(json.dumps(document))
    holder = parent(copied, path)
    match holder[path[-1]]:
        case bool(flag):
            holder[path[-1]] = not flag
        case int(number):
            holder[path[-1]] = number + 1
        case float(number):
            holder[path[-1]] = math.nextafter(number, 1)
        case text:
            holder[path[-1]] = f"{text}x"
    return copied


def operating_point() -> OperatingPoint:
    """Return the operating point of a record of a finding model."""
    found = performance(MITRAL_REGURGITATION)
    assert isinstance(found, FindingPerformance)
    return found.operating_point


def test_a_recalibration_is_part_of_the_contract_and_where_there_is_none_nothing_is_said_of_it() -> None:
    plain = contract(MITRAL_REGURGITATION)
    data_set = plain.weights.data_set
    site = SiteRecalibration(of_version=1, of_model_sha256="a" * 64, intercept=-0.3, slope=None, data_set=data_set)
    made = plain.model_copy(update={"weights": plain.weights.model_copy(update={"recalibration": site})})
    assert "recalibration" not in plain.canonical_json()
    assert "recalibration" not in plain.weights.readable_json()
    assert Contract.from_json(made.canonical_json()) == made
    assert WeightsRecord.from_json(made.weights.readable_json()).recalibration == site
    assert made.sha256() != plain.sha256()


def test_a_contract_comes_back_from_its_canonical_text(spec: Spec) -> None:
    made = contract(spec)
    text = made.canonical_json()
    read = Contract.from_json(text)
    assert read == made
    assert read.canonical_json() == text
    assert read.sha256() == made.sha256()


def test_a_contract_comes_back_from_its_readable_text(spec: Spec) -> None:
    text = contract(spec).readable_json()
    assert text.endswith("}\n")
    assert Contract.from_json(text) == contract(spec)


@given(
    zulu=st.floats(allow_nan=False, allow_infinity=False),
    alpha=st.text(),
    mike=st.dictionaries(st.text(), st.integers()),
)
def test_the_canonical_text_is_sorted_without_white_space_and_round_trips(
    zulu: float, alpha: str, mike: dict[str, int]
) -> None:
    note = Note(zulu=zulu, alpha=alpha, mike=mike)
    text = note.canonical_json()
    assert Note.from_json(text) == note
    pairs = json.loads(text, object_pairs_hook=list)
    assert [key for key, _ in pairs] == ["alpha", "mike", "zulu"]
    assert [key for key, _ in pairs[1][1]] == sorted(mike)
    assert text == json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)


def test_the_canonical_text_of_a_known_record_never_changes() -> None:
    note = Note(zulu=0.5, alpha="ö", mike={"b": 1, "a": 2})
    assert note.canonical_json() == '{"alpha":"ö","mike":{"a":2,"b":1},"zulu":0.5}'
    assert note.sha256() == "316fd46fc98434a9c38c35e82a373ab803c4cc2e9c28fe60fafe6578b2a47857"  # by sha256sum


def test_the_digest_changes_with_every_field(spec: Spec) -> None:
    made = contract(spec)
    document = made.model_dump(mode="json")
    accepted = 0
    for path in leaves(document):
        try:
            other = Contract.model_validate_json(json.dumps(changed(document, path)))
        except ValidationError:
            continue  # the field has one value only, or bounds
        accepted += 1
        assert other.sha256() != made.sha256(), path
    assert accepted > 0.6 * len(leaves(document))


def test_an_unknown_field_is_refused_at_every_level(spec: Spec) -> None:
    document = contract(spec).model_dump(mode="json")
    free = {("weights", "provenance", "packages"), ("spec", "network", "presets")}
    levels = {path[:-1] for path in leaves(document) if isinstance(path[-1], str)} - free
    assert len(levels) > 15
    for level in levels:
        extended = json.loads(json.dumps(document))
        parent(extended, (*level, "?"))["unheard_of"] = 1
        with pytest.raises(ValidationError, match="unheard_of"):
            Contract.model_validate_json(json.dumps(extended))


def test_a_missing_field_is_refused(spec: Spec) -> None:
    document = contract(spec).model_dump(mode="json")
    found = ("weights", "performance")
    figures = [(*found, *path) for path in leaves(document["weights"]["performance"]) if path[-1] != "kind"]
    assert figures
    for path in figures:
        shorter = json.loads(json.dumps(document))
        del parent(shorter, path)[path[-1]]
        with pytest.raises(ValidationError, match=str(path[-1])):
            Contract.model_validate_json(json.dumps(shorter))


def test_figures_of_another_kind_are_not_read_as_those_of_the_declared_kind(spec: Spec) -> None:
    document = contract(spec).model_dump(mode="json")
    for part in ("performance", "parity"):
        other = json.loads(json.dumps(document))
        record = other["weights"][part] if part == "performance" else other["weights"][part][0]
        record["kind"] = "quantity" if record["kind"] == "finding" else "finding"
        with pytest.raises(ValidationError, match=part):
            Contract.model_validate_json(json.dumps(other))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Note(zulu=value, alpha="", mike={})
    with pytest.raises(ValidationError):
        Note.from_json(json.dumps({"zulu": value, "alpha": "", "mike": {}}))


def test_a_record_cannot_be_changed(spec: Spec) -> None:
    made = contract(spec)
    with pytest.raises(ValidationError, match="frozen"):
        made.weights = weights_record(spec, version=2)  # type: ignore[misc]


def test_halves_of_different_models_are_refused(spec: Spec) -> None:
    record = weights_record(spec).model_copy(update={"model": "another_model"})
    with pytest.raises(ValidationError, match=f"the spec is of {spec.name}, the weights record of another_model"):
        Contract(spec=spec, weights=record)


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.1, 1.1])
def test_a_threshold_that_calls_everything_alike_is_refused(threshold: float) -> None:
    point = operating_point().model_dump() | {"threshold": threshold}
    with pytest.raises(ValidationError, match="threshold"):
        OperatingPoint.model_validate(point)


@pytest.mark.parametrize("digest", ["", "abc", "G" * 64, "A" * 64, "0" * 65])
def test_a_digest_has_64_lower_case_hexadecimal_digits(spec: Spec, digest: str) -> None:
    record = weights_record(spec).model_dump() | {"model_sha256": digest}
    with pytest.raises(ValidationError, match="model_sha256"):
        WeightsRecord.model_validate(record)


def test_a_time_without_a_zone_is_refused(spec: Spec) -> None:
    document = weights_record(spec).model_dump(mode="json")
    document["provenance"]["created"] = "2026-11-20T19:07:26"
    with pytest.raises(ValidationError, match="timezone"):
        WeightsRecord.model_validate_json(json.dumps(document))


def test_each_version_has_its_own_parameter() -> None:
    assert parameter_key(1) == "contract.1"
    assert parameter_key(12) == "contract.12"


def test_the_counts_of_an_operating_point_sum_to_its_studies() -> None:
    assert operating_point().counts.total == 1065
