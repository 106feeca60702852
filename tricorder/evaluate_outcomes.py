"""`tricorder evaluate` of an outcome model: synthetic patients in a table, through the whole client."""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from client.engine import Engine, ServedModel
from client.errors import ContractError
from client.outcomes import ClassifierRisks
from client.result import Status
from client.scoring import ScoringSettings, score_sources
from client.sources import find_sources
from evaluation.outcome_report import OutcomeReport, outcome_report
from evaluation.quantity_report import ReportedModel
from phantoms import Part, PatientCohort, patient_cohort, write_patients
from specs.outcome import OutcomeProbabilities
from tricorder.terminal import progress_bar


def evaluate_outcomes(
    engine: Engine, model: ServedModel, head: OutcomeProbabilities, settings: ScoringSettings, *, count: int
) -> OutcomeReport:
    """Score held-out synthetic patients and compare with what happened to them.

    Args:
        engine: Runs the model.
        model: The model.
        head: Its head.
        settings: Of scoring.
        count: How many patients.

    Raises:
        TricorderError: a patient could not be scored.
        ContractError: the model's recipe refuses a synthetic patient.
    """
    cohort = patient_cohort(Part.TEST, count=count)
    answers = _answers(engine, model, settings, cohort)
    return outcome_report(
        np.array([int(patient.outcome) for patient in cohort]),
        {
            classifier.name: np.array([_probabilities(answer[place]) for answer in answers])
            for place, classifier in enumerate(head.classifiers)
        },
        head,
        ReportedModel(model=model.name, version=model.version, contract_sha256=model.contract_sha256),
        data_set=f"{cohort.name} 0-{count - 1}",
    )


def _answers(
    engine: Engine, model: ServedModel, settings: ScoringSettings, cohort: PatientCohort
) -> list[tuple[ClassifierRisks, ...]]:
    answers = []
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder, progress_bar() as bar:
        table = write_patients(Path(folder) / "patients.csv", cohort)
        task = bar.add_task(f"{model.name} on {cohort.name}", total=len(cohort))
        for scored in score_sources(find_sources([table]), engine, [model], settings):
            if scored.error is not None:
                raise scored.error
            if scored.row.status is not Status.SCORED:
                raise ContractError(model=model.name, what=f"its recipe refuses a patient ({scored.row.reason})")
            answers.append(scored.row.outcomes)
            bar.advance(task)
    return answers


def _probabilities(risks: ClassifierRisks) -> NDArray[np.float64]:
    return np.array([outcome.probability for outcome in risks.outcomes])
