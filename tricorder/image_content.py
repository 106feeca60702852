"""What an evaluation of a model of images leaves in a folder. Needs the extra `report`."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.figure import Figure

from evaluation.decision_curve import DecisionCurve, decision_curve
from evaluation.discrimination import Scores, Truth
from evaluation.finding_pictures import (
    calibration_picture,
    confusion_picture,
    decision_picture,
    members_picture,
    roc_picture,
)
from evaluation.finding_report import FindingReport
from evaluation.quantity_pictures import bland_altman_picture, scatter_picture
from evaluation.quantity_report import QuantityReport
from evaluation.report_tables import DECISION_THRESHOLDS, finding_tables, quantity_tables
from tricorder.evaluation_folder import EvaluationContent
from tricorder.evaluation_report import truths_and_values
from tricorder.evaluation_run import ScoredStudies


def image_content(
    scored: ScoredStudies,
    report: FindingReport | QuantityReport,
    *,
    prevalences: Sequence[float],
    demonstration: bool,
) -> EvaluationContent:
    """Draw the pictures and fill the tables.

    Args:
        scored: What was measured.
        report: Of these studies.
        prevalences: At which the page of a finding has predictive values, unit 1.
        demonstration: Whether the weights were fitted or measured on phantoms.
    """
    truth, values = truths_and_values(scored)
    if isinstance(report, FindingReport):
        curve = decision_curve(truth > 0, values, thresholds=DECISION_THRESHOLDS)
        pictures = dict(_finding_pictures(scored, report, curve, demonstration=demonstration))
        tables = list(finding_tables(report, curve, prevalences=prevalences))
    else:
        pictures = {
            "scatter": scatter_picture(truth, values, report, demonstration=demonstration),
            "bland_altman": bland_altman_picture(truth, values, report, demonstration=demonstration),
        }
        tables = list(quantity_tables(report))
    return EvaluationContent(
        report=report, answers=_answers(scored), pictures=pictures, tables=tables, demonstration=demonstration
    )


def _finding_pictures(
    scored: ScoredStudies, report: FindingReport, curve: DecisionCurve, *, demonstration: bool
) -> Iterator[tuple[str, Figure]]:
    known, probabilities = truths_and_values(scored)
    truth: Truth = known > 0
    yield "roc", roc_picture(truth, probabilities, report, demonstration=demonstration)
    members = _members(scored)
    if members:
        yield "members", members_picture(truth, probabilities, members, report, demonstration=demonstration)
    yield "calibration", calibration_picture(truth, probabilities, report, demonstration=demonstration)
    yield "confusion", confusion_picture(report, demonstration=demonstration)
    yield "decision_curve", decision_picture(curve, report, demonstration=demonstration)


def _members(scored: ScoredStudies) -> dict[str, Scores]:
    rows = [study.row.members for study in scored.studies]
    return {
        member.model: np.array([members[place].value for members in rows], np.float64)
        for place, member in enumerate(rows[0])
    }


def _answers(scored: ScoredStudies) -> Iterator[Sequence[object]]:
    """Yield a row a study: its name, the truth and every answer.

    A name is the published file name, or a line of a manifest; those of ChestX-ray14 begin with its number of the
    patient.
    """
    yield "study", "truth", "value", *(member.model for member in scored.studies[0].row.members)
    for study in scored.studies:
        yield study.facts.name, study.facts.truth, study.value, *(member.value for member in study.row.members)
