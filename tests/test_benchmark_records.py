"""Every committed record of a benchmark is one of its scenario, as that is today."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from benchmarks.damage import DamageRecord
from benchmarks.decoding import DecodingRecord
from benchmarks.encodings import ENCODERS
from benchmarks.file_to_result import FileToResultRecord
from benchmarks.preparing import PreparingRecord
from benchmarks.reduced_resolution import ReducedResolutionRecord
from benchmarks.reproduction import ReproductionRecord
from evaluation.evaluation_records import Report
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
    "reproduction": ReproductionRecord,
}
"""The record of each scenario; any other is the report of an evaluation."""

Evaluation: TypeAdapter[Report] = TypeAdapter(Report)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_committed_record_is_one_of_its_scenario(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    scenario = SCENARIOS.get(path.stem)
    record = scenario.from_json(text) if scenario else Evaluation.validate_json(text)
    assert record.model_fields_set == json.loads(text).keys()


def test_every_scenario_has_its_record() -> None:
    assert set(SCENARIOS) <= {path.stem for path in RECORDS}


def test_every_registered_syntax_is_measured() -> None:
    assert set(ENCODERS) == set(DECODERS)
    damage = DamageRecord.from_json((CLONE / "benchmarks" / "records" / "damage.json").read_text(encoding="utf-8"))
    assert {syntax.name for syntax in ENCODERS} <= {found.format for found in damage.formats}


def test_the_one_command_of_all_scenarios_names_them() -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "benchmarks"], cwd=CLONE, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert set(SCENARIOS) == set(refused.stderr.removeprefix("Name a scenario: ").rstrip(".\n").split(", "))
