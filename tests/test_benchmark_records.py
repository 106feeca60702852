"""Every committed record of a benchmark is one that its scenario would write today."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from benchmarks.damage import DamageRecord
from benchmarks.decoding import DecodingRecord
from benchmarks.encodings import ENCODERS
from benchmarks.file_to_result import FileToResultRecord
from benchmarks.preparing import PreparingRecord
from benchmarks.reduced_resolution import ReducedResolutionRecord
from evaluation.finding_report import FindingReport
from evaluation.quantity_report import QuantityReport
from preprocessing.decoders import DECODERS
from specs.declared import Declared
from tests.conftest import CLONE

RECORDS = sorted((CLONE / "benchmarks" / "records").glob("*.json"))

SCENARIOS: dict[str, type[Declared]] = {
    "damage": DamageRecord,
    "decoding": DecodingRecord,
    "file_to_result": FileToResultRecord,
    "preparing": PreparingRecord,
    "reduced_resolution": ReducedResolutionRecord,
}
"""The record of each scenario; any other is the report of an evaluation."""

Evaluation: TypeAdapter[Declared] = TypeAdapter(FindingReport | QuantityReport)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_committed_record_is_read_and_written_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    scenario = SCENARIOS.get(path.stem)
    record = scenario.from_json(text) if scenario else Evaluation.validate_json(text)
    assert record.readable_json() == text


def test_every_scenario_has_its_record() -> None:
    assert set(SCENARIOS) <= {path.stem for path in RECORDS}


def test_every_registered_syntax_is_measured() -> None:
    assert set(ENCODERS) == set(DECODERS)
