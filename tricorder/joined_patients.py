"""Estimated ages joined with the outcomes of the same patients."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.errors import NobodyFollowed
from evaluation.prognosis import FollowedPatients
from evaluation.survival import FollowUp
from training.datasets.manifest_columns import SEX
from tricorder.outcome_table import AGE, MALE, OutcomeLine, OutcomeTable
from tricorder.scored_ages import ScoredAge, ScoredAges


@dataclass(frozen=True, kw_only=True)
class _Patient:
    """A patient who can be used."""

    line: OutcomeLine
    gap_years: float
    adjusted_for: Mapping[str, float]


def joined_patients(ages: ScoredAges, table: OutcomeTable) -> FollowedPatients:
    """Join estimated ages with outcomes, one image a patient.

    Of a study with several scored images the first in the results counts, of a patient with several lines the first
    that can be used: our choice. The age is the table's, else the one that the study states.

    Raises:
        NobodyFollowed: nobody is left.
    """
    left_out: Counter[str] = Counter()
    if ages.not_scored:
        left_out["results were not scored"] = ages.not_scored
    row_of = _first_images(ages.rows, table.key, left_out)
    patients: dict[str, _Patient] = {}
    for line in table.lines:
        row = row_of.pop(line.key, None)
        if row is None:
            left_out["outcomes that no result joins"] += 1
            continue
        found = _patient(line, row, table.covariates)
        if isinstance(found, str):
            left_out[found] += 1
        elif patients.setdefault(line.patient, found) is not found:
            left_out["outcomes of a patient who has one above"] += 1
    if row_of:
        left_out["results that no outcome joins"] = len(row_of)
    if not patients:
        raise NobodyFollowed(left_out=left_out)
    return _followed(list(patients.values()), table.covariates, left_out)


def _first_images(rows: Iterable[ScoredAge], key: str, left_out: Counter[str]) -> dict[str, ScoredAge]:
    first: dict[str, ScoredAge] = {}
    for row in rows:
        value = getattr(row, key)
        if value is None:
            left_out[f"results have no {key}"] += 1
        elif first.setdefault(value, row) is not row:
            left_out[f"results have the {key} of one above"] += 1
    return first


def _patient(line: OutcomeLine, row: ScoredAge, covariates: Sequence[str]) -> _Patient | str:
    """Put together what is known of a patient; why the patient cannot be used where something is not."""
    age_years = line.age_years if line.age_years is not None else row.stated_age_years
    if age_years is None or row.value is None:
        return "outcomes have no age, neither in the table nor in the study"
    known = {name: value for name in covariates if (value := line.covariates[name]) is not None}
    if len(known) < len(covariates):
        return f"outcomes have no {next(name for name in covariates if name not in known)}"
    return _Patient(line=line, gap_years=row.value - age_years, adjusted_for={AGE: age_years, **known})


def _followed(patients: Sequence[_Patient], covariates: Sequence[str], left_out: Counter[str]) -> FollowedPatients:
    return FollowedPatients(
        follow_up=FollowUp(
            years=np.array([patient.line.follow_up_years for patient in patients]),
            event=np.array([patient.line.event for patient in patients]),
        ),
        gap_years=np.array([patient.gap_years for patient in patients]),
        adjusted_for={
            MALE if name == SEX else name: np.array([patient.adjusted_for[name] for patient in patients])
            for name in (AGE, *covariates)
        },
        left_out=left_out,
    )
