"""Every committed record of a benchmark is one of its scenario, as that is today."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev

import pytest
from pydantic import TypeAdapter
from scipy import stats

from benchmarks.damage import DamageRecord
from benchmarks.decoding import DecodingRecord
from benchmarks.encodings import ENCODERS
from benchmarks.engines import EnginesRecord
from benchmarks.fidelity import FidelityRecord
from benchmarks.file_to_result import FileToResultRecord
from benchmarks.load import LoadRecord
from benchmarks.peers import PeersRecord
from benchmarks.preparing import PreparingRecord
from benchmarks.reduced_resolution import ReducedResolutionRecord
from benchmarks.reproduction import ReproductionRecord
from benchmarks.transfer_syntaxes import TransferSyntaxesRecord
from benchmarks.urgent import UrgentRecord
from benchmarks.vote import VoteRecord
from benchmarks.wire import WireRecord
from evaluation.evaluation_records import Report
from preprocessing.decoders import DECODERS
from specs.declared import Declared
from specs.weights import FindingPerformance
from tests.conftest import CLONE
from training.cross_validation import CrossValidation

RECORDS = sorted((CLONE / "benchmarks" / "records").glob("*.json"))

SCENARIOS: dict[str, type[Declared]] = {
    "damage": DamageRecord,
    "decoding": DecodingRecord,
    "fidelity": FidelityRecord,
    "file_to_result": FileToResultRecord,
    "load": LoadRecord,
    "peers": PeersRecord,
    "preparing": PreparingRecord,
    "reduced_resolution": ReducedResolutionRecord,
    "reproduction": ReproductionRecord,
    "transfer_syntaxes": TransferSyntaxesRecord,
    "vote": VoteRecord,
    "wire": WireRecord,
}
UNRECORDED: dict[str, type[Declared]] = {
    "engines": EnginesRecord,
    "urgent": UrgentRecord,
}
"""Scenarios without a record yet: no machine was quiet enough."""

CROSS_VALIDATION = "cross_validation-sarcoidosis_lymphoma"
"""Left by `tricorder train sarcoidosis_lymphoma --folds 5 --data phantoms:1000 --epochs 20`."""

ORGAN_CROSS_VALIDATION = "cross_validation-mibg_organs"
"""Left by `tricorder train mibg_organs --folds 4 --data phantoms:100 --epochs 6`."""

RECORD_TYPES: dict[str, type[Declared]] = {
    **SCENARIOS,
    **UNRECORDED,
    CROSS_VALIDATION: CrossValidation,
    ORGAN_CROSS_VALIDATION: CrossValidation,
}
"""Of each record by its file's name; any other is the report of an evaluation."""

Evaluation: TypeAdapter[Report] = TypeAdapter(Report)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_committed_record_is_one_of_its_scenario(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    declared = RECORD_TYPES.get(path.stem)
    record = declared.from_json(text) if declared else Evaluation.validate_json(text)
    assert record.model_fields_set == json.loads(text).keys()


def test_every_scenario_has_its_record() -> None:
    assert set(SCENARIOS) <= {path.stem for path in RECORDS}


def test_the_networks_of_five_folds_have_the_recorded_mean() -> None:
    file = CLONE / "benchmarks" / "records" / f"{CROSS_VALIDATION}.json"
    record = CrossValidation.from_json(file.read_text(encoding="utf-8"))
    performances = [fold.performance for fold in record.folds]
    areas = [each.discrimination.auc for each in performances if isinstance(each, FindingPerformance)]
    assert len(areas) == 5
    assert record.mean.estimate == pytest.approx(mean(areas))
    reach = stats.t.ppf(0.975, 4) * stdev(areas) / 5**0.5
    assert record.mean.upper - record.mean.estimate == pytest.approx(reach)


def test_every_registered_syntax_is_measured() -> None:
    assert set(ENCODERS) == set(DECODERS)
    damage = DamageRecord.from_json((CLONE / "benchmarks" / "records" / "damage.json").read_text(encoding="utf-8"))
    assert {syntax.name for syntax in ENCODERS} <= {found.format for found in damage.formats}


def test_the_one_command_of_all_scenarios_names_them() -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "benchmarks"], cwd=CLONE, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    scenarios = {path.stem for path in (CLONE / "benchmarks").glob("*.py") if "def main(arg" in path.read_text("utf-8")}
    assert {*SCENARIOS, *UNRECORDED} == scenarios
    assert scenarios == set(refused.stderr.removeprefix("Name a scenario: ").rstrip(".\n").split(", "))
