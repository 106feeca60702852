"""`tricorder evaluate` of an outcome model: synthetic patients in a table, through the whole client."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from client.engine import Engine, ServedModel
from client.errors import ContractError
from client.outcomes import ClassifierRisks
from client.result import Status
from client.scoring import ScoringSettings, score_sources
from client.sources import Source, find_sources
from evaluation.measured_outcomes import CurveVariable, MeasuredOutcomes
from evaluation.outcome_report import outcome_report
from evaluation.quantity_report import ReportedModel
from phantoms import Part, patient_cohort, write_patients
from preprocessing import ClinicalRecord, PreparedRecord
from preprocessing.clinical_table import prepare_row
from specs.clinical_variables import NumberVariable
from specs.tabular import TabularSpec
from tricorder.terminal import progress_bar


def evaluate_outcomes(
    engine: Engine, model: ServedModel, spec: TabularSpec, settings: ScoringSettings, *, count: int
) -> MeasuredOutcomes:
    """Score held-out synthetic patients and compare with what happened to them.

    Args:
        engine: Runs the model.
        model: The model.
        spec: Its spec.
        settings: Of scoring.
        count: How many patients.

    Raises:
        TricorderError: a patient could not be scored.
        ContractError: the model's recipe refuses a synthetic patient.
    """
    cohort, head = patient_cohort(Part.TEST, count=count), spec.head
    with tempfile.TemporaryDirectory(prefix="tricorder-") as folder:
        sources = list(find_sources([write_patients(Path(folder) / "patients.csv", cohort)]))
        answers = _answers(engine, model, settings, sources)
    truth = np.array([int(patient.outcome) for patient in cohort])
    probabilities = {
        classifier.name: np.array([_probabilities(answer[place]) for answer in answers])
        for place, classifier in enumerate(head.classifiers)
    }
    report = outcome_report(
        truth,
        probabilities,
        head,
        ReportedModel(model=model.name, version=model.version, contract_sha256=model.contract_sha256),
        data_set=f"{cohort.name} 0-{count - 1}",
    )
    return MeasuredOutcomes(
        report=report, head=head, truth=truth, probabilities=probabilities, curve=_curve_variable(spec, sources)
    )


def _answers(
    engine: Engine, model: ServedModel, settings: ScoringSettings, sources: list[Source]
) -> list[tuple[ClassifierRisks, ...]]:
    answers = []
    with progress_bar() as bar:
        task = bar.add_task(f"{model.name} on synthetic patients", total=len(sources))
        for scored in score_sources(sources, engine, [model], settings):
            if scored.error is not None:
                raise scored.error
            if scored.row.status is not Status.SCORED:
                raise ContractError(model=model.name, what=f"its recipe refuses a patient ({scored.row.reason})")
            answers.append(scored.row.outcomes)
            bar.advance(task)
    return answers


def _probabilities(risks: ClassifierRisks) -> NDArray[np.float64]:
    return np.array([outcome.probability for outcome in risks.outcomes])


def _curve_variable(spec: TabularSpec, sources: Iterable[Source]) -> CurveVariable:
    """Return the variable of the head's curve, as the recipe prepares it, of patients who have been scored."""
    place = spec.recipe.names.index(spec.head.curve_variable)
    variable = spec.recipe.variables[place]
    prepared = (
        prepare_row(source.record, spec.recipe) for source in sources if isinstance(source.record, ClinicalRecord)
    )
    return CurveVariable(
        title=variable.title,
        unit=variable.measurement.unit if isinstance(variable, NumberVariable) else "1",
        values=np.array([row.tensor[place] for row in prepared if isinstance(row, PreparedRecord)], np.float64),
    )
