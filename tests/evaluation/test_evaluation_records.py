"""Evaluation records: found by the name of the model, believed for exactly their contract."""

from pathlib import Path

from evaluation.evaluation_records import other_site_file, own_report, own_reports, read_report, record_file
from specs.contract import Contract, Spec
from tests.evaluation.card_contracts import distinct_contract, report
from tests.specs.records import contract


def keep(file: Path, made: Contract, data_set: str) -> None:
    """Write a record."""
    file.write_text(report(made, data_set).readable_json(), encoding="utf-8")


def test_a_record_that_is_missing_or_of_another_contract_is_no_record(spec: Spec, tmp_path: Path) -> None:
    file, made = record_file(tmp_path, spec.name), distinct_contract(spec)
    assert own_report(file, made) is None
    keep(file, contract(spec), "set three")
    assert own_report(file, made) is None
    keep(file, made, "set three")
    assert own_report(file, made) == report(made, "set three")


def test_the_own_site_comes_first_and_the_other_need_not_be_there(spec: Spec, tmp_path: Path) -> None:
    made = distinct_contract(spec)
    assert own_reports(tmp_path, made) == ()
    keep(other_site_file(tmp_path, spec.name), made, "site B")
    assert [found.data_set for found in own_reports(tmp_path, made)] == ["site B"]
    keep(record_file(tmp_path, spec.name), made, "site A")
    assert [found.data_set for found in own_reports(tmp_path, made)] == ["site A", "site B"]


def test_a_report_is_read_as_its_head_has_it(spec: Spec) -> None:
    made = distinct_contract(spec)
    found = report(made, "set three")
    assert read_report(found.readable_json(), spec.head) == found
