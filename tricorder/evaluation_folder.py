"""What `tricorder evaluate --out` leaves: the report, a table of answers, pictures."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from client.errors import DeliveryError
from evaluation.finding_report import FindingReport
from evaluation.quantity_report import QuantityReport
from tricorder.evaluation_report import Values, truths_and_values
from tricorder.evaluation_run import ScoredStudies

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REPORT_FILE = "report.json"
ANSWERS_FILE = "answers.csv"

_PICTURES = ("roc", "calibration", "confusion", "scatter", "bland_altman")
"""Every picture that any model may have."""


def write_evaluation(
    folder: Path, scored: ScoredStudies, report: FindingReport | QuantityReport, *, demonstration: bool
) -> None:
    """Write everything, in place of an earlier run's. Needs the extra `report`.

    Args:
        folder: Made where it is absent.
        scored: What was measured.
        report: Of these studies.
        demonstration: Whether the weights were fitted or measured on phantoms.

    Raises:
        DeliveryError: the folder cannot be written.
    """
    from evaluation.pictures import encoded

    truth, values = truths_and_values(scored)
    pictures = dict(_pictures(truth, values, report, demonstration=demonstration))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for stale in _PICTURES:
            (folder / f"{stale}.png").unlink(missing_ok=True)
        (folder / REPORT_FILE).write_text(report.readable_json(), encoding="utf-8")
        (folder / ANSWERS_FILE).write_text(_answers_table(scored), encoding="utf-8", newline="")
        for name, figure in pictures.items():
            (folder / f"{name}.png").write_bytes(encoded(figure, kind="png"))
    except OSError as error:
        raise DeliveryError(what="The evaluation", cause=error.strerror or type(error).__name__) from None


def _pictures(
    truth: Values, values: Values, report: FindingReport | QuantityReport, *, demonstration: bool
) -> Iterator[tuple[str, "Figure"]]:
    from evaluation import finding_pictures, quantity_pictures

    if isinstance(report, FindingReport):
        found = truth > 0
        yield "roc", finding_pictures.roc_picture(found, values, report, demonstration=demonstration)
        yield "calibration", finding_pictures.calibration_picture(found, values, report, demonstration=demonstration)
        yield "confusion", finding_pictures.confusion_picture(report, demonstration=demonstration)
    else:
        yield "scatter", quantity_pictures.scatter_picture(truth, values, report, demonstration=demonstration)
        yield "bland_altman", quantity_pictures.bland_altman_picture(truth, values, report, demonstration=demonstration)


def _answers_table(scored: ScoredStudies) -> str:
    """Return CSV with a line a study: its name, the truth and every answer.

    A name is the published file name, or a line of a manifest; those of ChestX-ray14 begin with its number of the
    patient.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    members = [member.model for member in scored.studies[0].row.members]
    writer.writerow(["study", "truth", "value", *members])
    for study in scored.studies:
        answers = [member.value for member in study.row.members]
        writer.writerow([study.facts.name, study.facts.truth, study.value, *answers])
    return text.getvalue()
