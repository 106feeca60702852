"""Patients as training data: synthetic ones, or a table of one's own, prepared by the client's own code."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from phantoms import Part, patient_cohort
from phantoms.heart_failure import STATED_UNITS
from preprocessing import ClinicalRecord, Given, NotEligible, PreparedRecord, prepare_record
from preprocessing.clinical_table import prepare_row, read_table
from preprocessing.errors import InputError
from specs.clinical_variables import ClinicalVariables
from specs.tabular import TabularSpec
from training.errors import PatientTableFaults

SYNTHETIC_DESCRIPTION = "synthetic patients with heart failure, outcome drawn from a known law; no patient data"

_VALIDATION_SHARE = 0.2
_FEWEST_OF_AN_OUTCOME = 10
"""So that both parts of a table of one's own have two or more patients of each outcome."""


@dataclass(frozen=True, kw_only=True)
class PatientPart:
    """Patients with known outcome.

    Attributes:
        name: Name for records.
        features: In the order, units and coding of the recipe's tensor, shape (patients, variables).
        truth: Place of the outcome among the head's, shape (patients,).
    """

    name: str
    features: NDArray[np.float32]
    truth: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PatientData:
    """What a tabular model is fitted on, and what measures it.

    Attributes:
        name: Name for the record.
        description: One sentence for the record.
        demonstration: Whether the patients are synthetic.
        seed: Of the synthetic patients, or of the split.
        training: What is fitted on.
        validation: What measures the fit.
    """

    name: str
    description: str
    demonstration: bool
    seed: int
    training: PatientPart
    validation: PatientPart


def synthetic_patients(spec: TabularSpec, *, count: int) -> PatientData:
    """Draw the training part and a validation part of the same number.

    Args:
        spec: The model.
        count: Synthetic patients in each.
    """
    training = synthetic_part(spec, Part.TRAINING, count=count)
    return PatientData(
        name=training.name,
        description=SYNTHETIC_DESCRIPTION,
        demonstration=True,
        seed=Part.TRAINING.seed,
        training=training,
        validation=synthetic_part(spec, Part.VALIDATION, count=count),
    )


def synthetic_part(spec: TabularSpec, part: Part, *, count: int) -> PatientPart:
    """Draw the first patients of a part and prepare each as a row of a table.

    Raises:
        ValueError: a synthetic patient is not eligible for the recipe.
    """
    cohort = patient_cohort(part, count=count)
    rows, truth = [], []
    for patient in cohort:
        prepared = prepare_record(_record(patient.row()), spec.recipe)
        if isinstance(prepared, NotEligible):
            raise ValueError(f"{cohort.name}: a patient is not eligible: {prepared.reason}")
        rows.append(prepared.tensor)
        truth.append(int(patient.outcome))
    return PatientPart(name=f"{cohort.name} 0-{count - 1}", features=np.stack(rows), truth=np.array(truth))


def _record(row: dict[str, str]) -> ClinicalRecord:
    return ClinicalRecord(values={name: Given(text=text, unit=STATED_UNITS.get(name)) for name, text in row.items()})


def patients_of_table(spec: TabularSpec, file: Path, *, seed: int) -> PatientData:
    """Read a table of one's own with a column of outcomes, and split it 8:2 with every outcome in both parts.

    Args:
        spec: The model; its truth names the column, its head the words in it.
        file: CSV or JSON lines, a patient a row.
        seed: Of the split.

    Raises:
        PatientTableFaults: every row that cannot be used, at once, or too few patients of an outcome.
    """
    places = {outcome.name: place for place, outcome in enumerate(spec.head.outcomes)}
    rows, truth, faults = [], [], []
    for row in read_table(file):
        prepared = _prepared(row.record, spec.recipe)
        outcome = row.record.given(spec.truth.column) if isinstance(row.record, ClinicalRecord) else None
        if isinstance(prepared, str):
            faults.append(f"{row.place or 'the file'}: {prepared}")
        elif outcome is None or outcome.word not in places:
            faults.append(f"{row.place}: {spec.truth.column} is none of {', '.join(places)}")
        else:
            rows.append(prepared.tensor)
            truth.append(places[outcome.word])
    faults += _too_few(truth, places)
    if faults:
        raise PatientTableFaults(faults=tuple(faults))
    return _split(np.stack(rows), np.array(truth), seed=seed)


def _prepared(record: object, recipe: ClinicalVariables) -> PreparedRecord | str:
    """Return a patient's tensor, or what is wrong with the row."""
    if isinstance(record, InputError):
        return str(record)
    assert isinstance(record, ClinicalRecord)
    prepared = prepare_row(record, recipe)
    return prepared.reason if isinstance(prepared, NotEligible) else prepared


def _too_few(truth: list[int], places: dict[str, int]) -> Iterable[str]:
    for name, place in places.items():
        if truth.count(place) < _FEWEST_OF_AN_OUTCOME:
            yield f"the file: {name} stands in fewer than {_FEWEST_OF_AN_OUTCOME} rows that can be used"


def _split(features: NDArray[np.float32], truth: NDArray[np.int64], *, seed: int) -> PatientData:
    training, validation = train_test_split(
        np.arange(truth.size), test_size=_VALIDATION_SHARE, random_state=seed, stratify=truth
    )
    return PatientData(
        name="manifest",
        description="patients of a table of the user's own",
        demonstration=False,
        seed=seed,
        training=PatientPart(name="manifest, training part", features=features[training], truth=truth[training]),
        validation=PatientPart(
            name="manifest, validation part", features=features[validation], truth=truth[validation]
        ),
    )
