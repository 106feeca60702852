"""What an evaluation of an outcome model leaves in a folder. Needs the extra `report`."""

from collections.abc import Iterator, Sequence

from matplotlib.figure import Figure

from evaluation.measured_outcomes import MeasuredOutcomes
from evaluation.outcome_report_pictures import (
    cohort_curve_picture,
    outcome_calibration_picture,
    outcome_roc_picture,
    risk_groups_picture,
)
from evaluation.report_tables import outcome_tables
from tricorder.evaluation_folder import EvaluationContent


def outcome_content(measured: MeasuredOutcomes, *, demonstration: bool) -> EvaluationContent:
    """Draw the pictures and fill the tables.

    Args:
        measured: Patients and answers.
        demonstration: Whether the weights were fitted on synthetic patients.
    """
    return EvaluationContent(
        report=measured.report,
        answers=_answers(measured),
        pictures=dict(_pictures(measured, demonstration=demonstration)),
        tables=list(outcome_tables(measured.report, measured.head)),
        demonstration=demonstration,
    )


def _pictures(measured: MeasuredOutcomes, *, demonstration: bool) -> Iterator[tuple[str, Figure]]:
    for place, outcome in enumerate(measured.head.outcomes):
        yield f"roc_{outcome.name}", outcome_roc_picture(measured, place, demonstration=demonstration)
    for place, outcome in enumerate(measured.head.outcomes):
        yield f"calibration_{outcome.name}", outcome_calibration_picture(measured, place, demonstration=demonstration)
    yield "risk_groups", risk_groups_picture(measured, demonstration=demonstration)
    yield "curve", cohort_curve_picture(measured, demonstration=demonstration)


def _answers(measured: MeasuredOutcomes) -> Iterator[Sequence[object]]:
    """Yield a row a patient: its number, what happened, and every probability of every classifier."""
    head = measured.head
    columns = [f"{classifier.name}_{outcome.name}" for classifier in head.classifiers for outcome in head.outcomes]
    yield "patient", "truth", *columns
    for number, truth in enumerate(measured.truth):
        given = [measured.probabilities[classifier.name][number] for classifier in head.classifiers]
        yield number, head.outcomes[int(truth)].name, *(float(value) for row in given for value in row)
