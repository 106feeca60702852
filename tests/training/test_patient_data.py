"""Patients to train on: synthetic ones, and a table of one's own."""

from pathlib import Path

import numpy as np
import pytest

from phantoms import Part, PatientCohort, patient_cohort, write_patients
from specs.heart_failure_outcome import HEART_FAILURE_OUTCOME as SPEC
from specs.network import Preset
from training.errors import PatientTableFaults
from training.patient_data import patients_of_table, synthetic_patients
from training.summary import TrainingSummary
from training.tabular_run import GRAPH_FILE, FittedAnswers, train_tabular

PATIENTS = 200


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_patients(tmp_path / "own.csv", PatientCohort(name="own", seed=11, count=PATIENTS))


def test_the_parts_are_those_of_the_seeds() -> None:
    data = synthetic_patients(SPEC, count=12)
    outcomes = [int(patient.outcome) for patient in patient_cohort(Part.VALIDATION, count=12)]
    assert data.validation.truth.tolist() == outcomes
    assert data.training.features.shape == (12, 13)
    assert data.training.features.dtype == np.float32
    assert data.demonstration


def test_a_table_of_ones_own_is_split_with_every_outcome_in_both_parts(table: Path) -> None:
    data = patients_of_table(SPEC, table, seed=3)
    assert data.training.truth.size + data.validation.truth.size == PATIENTS
    assert data.validation.truth.size == PATIENTS // 5
    assert set(data.training.truth.tolist()) == set(data.validation.truth.tolist()) == {0, 1, 2}
    assert not data.demonstration
    again = patients_of_table(SPEC, table, seed=3)
    np.testing.assert_array_equal(again.training.features, data.training.features)


def test_every_fault_of_a_table_is_named_at_once_without_a_value(table: Path) -> None:
    lines = table.read_text(encoding="utf-8").splitlines()
    columns = lines[0].split(",")
    for number, name, cell in ((4, "age", ""), (6, "hemoglobin", "SENTINEL"), (9, "outcome", "SENTINEL")):
        cells = lines[number].split(",")
        cells[columns.index(name)] = cell
        lines[number] = ",".join(cells)
    table.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PatientTableFaults) as caught:
        patients_of_table(SPEC, table, seed=0)
    message = str(caught.value)
    assert "3 faults" in message
    assert "row 5: missing: age" in message
    assert "row 7: hemoglobin is no number" in message
    assert "row 10: outcome is none of heart_failure_death, arrhythmic_event, survival" in message
    assert "SENTINEL" not in message


def test_too_few_of_an_outcome_are_refused(tmp_path: Path) -> None:
    table = write_patients(tmp_path / "few.csv", PatientCohort(name="few", seed=11, count=30))
    with pytest.raises(PatientTableFaults, match="arrhythmic_event stands in fewer than 10 rows"):
        patients_of_table(SPEC, table, seed=0)


def test_a_run_leaves_graph_answers_and_summary(tmp_path: Path) -> None:
    summary = train_tabular(
        SPEC, Preset.DEMONSTRATION, synthetic_patients(SPEC, count=PATIENTS), seed=0, folder=tmp_path / "run"
    )
    kept = TrainingSummary.from_json((tmp_path / "run" / "training.json").read_text(encoding="utf-8"))
    assert kept == summary
    assert summary.data_set.training_studies == summary.data_set.validation_studies == PATIENTS
    found = FittedAnswers.read(tmp_path / "run")
    assert len(found.features) == 500 + found.split_points
    assert set(found.probabilities) == {"regression", "forest"}
    assert (tmp_path / "run" / GRAPH_FILE).stat().st_size > 10_000
    assert not list((tmp_path / "run").glob("*.pkl"))
